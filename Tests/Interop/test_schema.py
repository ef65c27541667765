"""The JSON Schema against the validator's own fixtures, read by other people's YAML and JSON Schema code."""

import json
import os
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "Tests" / "CoreTests" / "Config" / "Fixtures"
FLEETSYNTH = os.environ.get("FLEETSYNTH", str(ROOT / ".build" / "release" / "fleetsynth"))

# What a schema cannot say, by fixture, with the reason.
BEYOND_SCHEMA = {
    # Not YAML at all, or YAML that the validator refuses for its notation.
    "yaml-duplicate-key": "PyYAML keeps the last of two equal keys",
    "yaml-duplicate-section": "PyYAML keeps the last of two equal keys",
    "label-twice-in-mapping": "PyYAML keeps the last of two equal keys (and the sum of weights is no schema's business)",
    "metric-twice-in-mapping": "PyYAML keeps the last of two equal keys",
    "yaml-merge-key": "PyYAML merges; the outcome is refused only because of its keys, see refused_anyway",
    "yaml-alias-bomb": "the outcome has unknown keys, see refused_anyway",
    "float-for-integer": "12.0 is an integer to JSON Schema",
    "number-underscores": "PyYAML reads 1_000 as 1000",
    "number-hexadecimal": "PyYAML reads 0xFF as 255",
    "number-bare-point": "PyYAML reads .05 as 0.05",
    "number-plus-sign": "PyYAML reads +5 as 5",
    "number-leading-zero": "PyYAML reads 007 as 7",
    "boolean-yes": "PyYAML reads yes as true",
    "boolean-capitals": "PyYAML reads FALSE as false",
    "label-number-in-mapping": "a schema cannot ask for the type of a member's name",
    # Relations between values.
    "date-no-such-day": "the lengths of months are no pattern",
    "date-relative-outside-years": "depends on the day of the run",
    "start-after-end": "a relation between two keys",
    "lambda-local-storage": "a relation between two keys",
    "lambda-default-storage": "a relation between two keys",
    "start-after-end-relative": "a relation between two keys",
    "end-before-default-start": "a relation between two keys",
    "too-many-rows": "a relation between keys",
    "id-width-too-small": "a relation between two keys",
    "decimals-beyond-clip": "a relation between two keys",
    "decimals-beyond-negative-clip": "a relation between two keys",
    "clip-reversed": "a relation between two keys",
    "clip-equal-to-default": "a relation between two keys",
    "mean-outside-clip": "a relation between keys",
    "mean-outside-clip-by-default": "a relation between keys",
    "granularity-date32": "a relation between two keys",
    "granularity-too-many-levels": "a relation between keys",
    "granularity-too-many-rows": "a relation between keys",
    "aggregation-divides": "a relation between two keys",
    "aggregation-coarser": "a relation between two keys",
    "aggregation-finest": "a relation between two keys",
    "aggregation-statistic-alone": "a relation between two keys",
    "aggregation-rows": "a relation between keys",
    "aggregation-truth": "a relation between keys",
    "aggregation-levels": "a relation between keys",
    "zone-unknown": "the rules of time zones are no pattern",
    "zone-of-no-region": "a relation between two keys",
    "effects-label": "a relation between two keys",
    "effects-metric": "a relation between two keys",
    "effects-headroom-level": "a relation between keys",
    "archetype-shares-columns": "relations between keys",
    "archetype-shares-sum": "a sum",
    "archetype-shares-none-left": "a relation between numbers",
    "archetype-share-sum": "a sum",
    "archetype-share-unit": "a relation between two keys",
    "archetype-share-unit-left-out": "a relation between two keys",
    "archetype-metric": "a relation between two keys",
    "archetype-mean": "a relation between two keys",
    "archetype-column": "a relation between columns",
    "growth-limit-missing": "a relation between two keys",
    "growth-limit-missing-archetype": "a relation between two keys",
    "region-calendar-unknown": "a relation between two keys",
    "region-calendar-region": "a relation between two keys",
    "incident-rates": "relations between keys",
    "incident-rates-label": "a relation between two keys",
    "incident-rates-too-often": "a relation between numbers",
    "change-spread": "a relation between two keys",
    "change-bounds": "a relation between two numbers",
    "change-metric-unknown": "a relation between two keys",
    "change-label-unknown": "a relation between two keys",
    "change-ramp": "a sum of parts",
    "mess-delay-falls": "a relation between two numbers",
    "mess-nothing-arrived": "what is drawn",
    "mess-arrival-metric": "a relation between columns",
    "mess-arrival-time": "a relation between columns",
    "mess-arrival-label": "a relation between columns",
    "lifetime-growth-order": "a relation between elements",
    "lifetime-growth-fewer": "a relation between elements",
    "lifetime-growth-number": "a relation between two keys",
    "lifetime-growth-commissioned": "a relation between two keys",
    "lifetime-commissioned-swapped": "a relation between two keys",
    "weights-sum": "a sum",
    "label-twice-canonically": "two spellings of one text",
    "metric-twice": "uniqueness by one member",
    "metric-names-differ-in-case": "uniqueness by one member, without regard to case",
    "metric-named-like-column": "a relation between columns",
    "metric-named-like-time": "a relation between columns",
    "time-column-clash": "a relation between columns",
    "calendar-unknown": "a relation between two keys",
    "calendar-own-unknown": "a relation between two keys",
    "calendar-shipped-name": "a relation between two lists of names",
    "noise-half-life-long": "a relation between two keys",
    "noise-slow-short": "a relation between two keys",
    "noise-kurtosis-small": "a relation between two keys",
    "noise-archetype": "a relation between keys",
    "noise-correlation-twice": "a relation between two pairs",
    "noise-correlation-self": "a relation between two names",
    "noise-correlation-metric": "a relation between two keys",
    "noise-correlation-matrix": "a relation between pairs",
    "noise-correlation-diluted": "a relation between keys",
    "truth-components": "a relation between two keys",
    "truth-horizon-outside-years": "a relation between two keys",
    "truth-time-column": "a relation between columns",
    "truth-time-covariate": "a relation between columns",
    "s3-without-bucket": "a relation between two keys",
    "s3-plain-http": "a relation between three keys",
    "s3-kms-key": "a relation between two keys",
    "s3-part-size": "a product of number and unit",
    "cron-never": "which days there are is no pattern",
    "schedule-jitter-above": "a sum of parts",
    "schedule-max-age-below": "a sum of parts",
    "schedule-max-age-above": "a sum of parts",
    "cron-range-backwards": "a relation between two numbers of one text",
    "incident-shape": "what the kinds of incidents ask for",
    "incident-metric": "a relation between two keys",
    "incident-label": "a relation between two keys",
    "incident-server": "a relation between two keys",
    "incident-archetype": "a relation between two keys",
    "incident-target": "a relation between two keys",
    "incident-too-often": "a relation between two keys",
    "incident-too-many": "a relation between keys",
    "mess-metric": "a relation between two keys",
    "mess-covered": "a relation between keys",
}
# Of these, PyYAML's outcome is refused after all; they are listed above so that nobody takes the schema for their reason.
REFUSED_ANYWAY = {"yaml-merge-key", "yaml-alias-bomb"}


class StrictLoader(yaml.SafeLoader):
    """Dates stay texts, and numbers may have an exponent without a point, as in JSON."""


StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:float")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$|^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$"),
    list("-+0123456789."),
)


def names(suffix: str) -> list[str]:
    return sorted(path.name.removesuffix(suffix) for path in FIXTURES.glob("*" + suffix))


def read(path: Path) -> object:
    return yaml.load(path.read_bytes(), Loader=StrictLoader)


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    text = subprocess.run([FLEETSYNTH, "schema"], check=True, capture_output=True, text=True).stdout
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def refusals(validator: jsonschema.Draft202012Validator, name: str) -> list[str]:
    """Why a config is refused; text that is not YAML to PyYAML either counts."""
    try:
        document = read(FIXTURES / name)
    except (yaml.YAMLError, ValueError, UnicodeDecodeError) as error:
        return [str(error)]
    return [error.message for error in validator.iter_errors(document)]


@pytest.mark.parametrize("name", names(".good.yaml"))
def test_the_schema_accepts_every_good_config(validator, name):
    assert refusals(validator, name + ".good.yaml") == []


def test_the_schema_accepts_the_documented_config(validator):
    assert list(validator.iter_errors(read(ROOT / "config" / "config.yaml"))) == []


@pytest.mark.parametrize("name", [name for name in names(".bad.yaml") if name not in BEYOND_SCHEMA])
def test_the_schema_refuses_every_bad_config_it_can(validator, name):
    assert refusals(validator, name + ".bad.yaml")


@pytest.mark.parametrize("name", [name for name in BEYOND_SCHEMA if name not in REFUSED_ANYWAY])
def test_an_exception_is_needed(validator, name):
    """An entry of the list above whose reason has gone must go too."""
    assert refusals(validator, name + ".bad.yaml") == []


def test_every_exception_exists():
    assert set(BEYOND_SCHEMA) <= set(names(".bad.yaml"))


# Texts at the edges of each rule: the pattern in the schema and the code of the validator must agree on every one. None ends in a line
# break, before which `$` matches in Python and not in ECMA-262, the language of the schema.
EDGES = {
    ("output", "filename"): [
        "x.parquet", "a/b.parquet", "{dataset}.parquet", "{generation}/{start_date}_{end_date}.parquet", "..parquet", ".parquet", "a/.b.parquet",
        "a//b.parquet", "/a.parquet", "a/../b.parquet", "a\\b.parquet", "{x}.parquet", "{dataset.parquet", "dataset}.parquet", "{{dataset}}.parquet",
        "x.parquet/", "x.csv", "x.parquet.tmp", "manifests/x.parquet", "manifest/x.parquet", "a\u0000.parquet", "a\u2028.parquet", "日本.parquet", "",
        "a b.parquet", "xparquet", "a..b.parquet", "...parquet", "a/{dataset}", "x\ny.parquet",
    ],
    ("output", "time_column"): ["date", "_", "a1", "1a", "a-b", "a b", "", "é", "x" * 63, "x" * 64, "a\nb"],
    ("storage", "raw_prefix"): [
        "", "raw/", "a/b/", "raw", "/", "//", "a//", "/raw/", "../", "a/../", "./", ".a/", "a/.b/", "..a/", "manifests/", "manifests/a/", "manifest/",
        "a\\/", "a b/", "é/", "a\t/",
    ],
    ("storage", "local_base_path"): [
        "a", "/", ".", "./a", "..", "../a", "a/..", "a/../b", "a..b", "..a", "a/..b", "/srv/x", "~", "~/a", "$HOME", "a$b", "", "a\u0007", "a b",
    ],
    ("storage", "bucket_name"): [
        "", "abc", "ab", "a" * 63, "a" * 64, "a.b", "a..b", "-ab", "ab-", ".ab", "ab.", "Abc", "a_b", "1.2.3.4", "1.2.3", "1.2.3.4.5", "xn--a", "sthree-a",
        "amzn-s3-demo-a", "a-s3alias", "a--ol-s3", "a.mrap", "a--x-s3", "a--table-s3",
    ],
    ("storage", "endpoint_url"): [
        "https://a", "http://a.b:9000", "https://a/", "https://a//", "https://a/b", "https://", "https:///", "ftp://a", "https://u@a", "https://u:p@a",
        "https://a:", "https://a:123456", "https://[::1]:9000", "https://[::1]", "https://[]", "https://-a", "https://a-", "https://a?b", "https://a b",
        "https://1.2.3.4", "HTTPS://a", "",
    ],
    ("storage", "part_size"): ["8MiB", "5MiB", "5242880", "16777216B", "1GiB", "1024MiB", "08MiB", "8 MiB", "8mib", "8MB", "", "-8MiB", "8.5MiB"],
    ("storage", "kms_key_id"): ["a", "arn:aws:kms:x:1:key/a", " a", "a ", "a b", "", "é", "a" * 256, "a" * 257],
    ("storage", "profile"): ["default", "a b", " a", "", "a\nb"],
    ("storage", "expected_bucket_owner"): ["111122223333", "11112222333", "1111222233333", "a11122223333", ""],
    ("storage", "credentials_name"): ["s3-credentials", "a.b", ".a", "a/b", "", "..", "a b", "a" * 64, "a" * 65],
    ("storage", "ca_file"): ["/etc/ssl/a.pem", "a.pem", "~/a", "../a", ""],
    ("storage", "region"): ["us-east-1", "a", "-a", "A", "", "a" * 32, "a" * 33, "a_b"],
    ("schedule", "cron"): [
        "15 2 * * *", "* * * * *", "*/5 0-3 1,2 JAN MON#1", "@daily", "@hourly", "@weekly", "@monthly", "@yearly", "@annually", "@", "1 2 3 4", "1 2 3 4 5 6",
        " 1 2 3 4 5", "1 2 3 4 5 ", "1  2 3 4 5", "1\t2 3 4 5", "1 2 3 4 $", "", "@Daily", "é 2 3 4 5",
        "@midnight", "@reboot", "@every 90m", "@every 1d2h3m4s", "@every 5", "@every 5m1h", "@every", "60 * * * *", "59 23 31 12 7", "0 24 * * *",
        "0 0 0 * *", "0 0 32 * *", "0 0 * 0 *", "0 0 * 13 *", "0 0 * * 8", "00 00 01 01 00", "007 * * * *", "*/0 * * * *", "*/999 * * * *",
        "*/1000 * * * *", "*/05 * * * *", "5/15 * * * *", "5-59/15 * * * *", "1,,2 * * * *", "1, * * * *", "*5 * * * *", "0 0 ? * *", "0 0 L,1 * *",
        "0 0 LW * *", "0 0 lw * *", "0 0 15W * *", "0 0 1W,15W * *", "0 0 1-15W * *", "0 0 W * *", "0 0 * * 5L", "0 0 * * L", "0 0 * * friL",
        "0 0 * * MON#1", "0 0 * * MON#5", "0 0 * * MON#6", "0 0 * * MON#01", "0 0 * * 5#L", "0 0 * * 1-5L", "0 0 * * +MON", "0 0 * * MON+", "0 0 * * +",
        "0 0 +1 * *", "0 0 * MON *", "0 0 * Jan-MAR mOn-Fri/2", "0 0 * * MONDAY", "0 0 * JANUARY *",
    ],
    ("schedule", "catch_up"): ["none", "last", "all:1", "all:99", "all:100", "all:101", "all:0", "all:01", "all:", "all", "Last", "", "all:5 ", "all:-1"],
    ("schedule", "jitter"): [
        "0s", "90s", "5m", "1h30m", "24h", "1d", "5", "m", "", "5M", "1.5h", "-5m", "5 m", "1m1h", "5m5m", "1234567s", "000001s",
    ],
    ("schedule", "timezone"): [
        "UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "a/b/c/d", "/UTC", "UTC/", "a//b", "../x", "1UTC", "", "a b", "Ünder",
    ],
    ("data_generation", "start_date"): [
        "2022-01-01", "today", "yesterday", "tomorrow", "today-4y", "today+1d", "today-1y6m3d", "today-1y+2d", "today-", "today4y", "today-y", "today -1d",
        "Today", "2022-1-1", "2022-13-01", "2022-00-01", "2022-01-32", "2022-01-00", "1677-12-31", "1678-01-01", "2022-01-01T00:00", "22-01-01", "now", "",
        "2022-01-01 ", "today-1000000d", "today-1x",
    ],
    ("data_generation", "server_id.prefix"): ["", "SRV-", "a.b:c_d", "a b", "a/b", "é", "x" * 32, "x" * 33, "a,b"],
}


@pytest.mark.parametrize("path", EDGES, ids=".".join)
def test_pattern_and_code_agree_on_every_text(validator, tmp_path, path):
    section, key = path
    differences = []
    for index, text in enumerate(EDGES[path]):
        value = {key: text}
        if "." in key:
            outer, inner = key.split(".")
            value = {outer: {inner: text}}
        if key == "timezone":
            value["cron"] = "@daily"
        document = {"data_generation": {"end_date": "2261-12-31"}, section: value}
        if section == "data_generation":
            document[section]["end_date"] = "2261-12-31"
        file = tmp_path / f"edge{index}.yaml"
        file.write_text(json.dumps(document))
        by_code = subprocess.run([FLEETSYNTH, "validate", str(file)], capture_output=True, check=False).returncode == 0
        by_schema = validator.is_valid(document)
        if by_code != by_schema:
            differences.append((text, "code" if by_code else "schema"))
    assert differences == [], "accepted by only one of the two"


@pytest.mark.parametrize("name", names(".good.yaml"))
def test_validate_accepts_every_good_config(name):
    run = subprocess.run([FLEETSYNTH, "validate", "--json", str(FIXTURES / (name + ".good.yaml"))], capture_output=True, text=True, check=False)
    assert run.returncode == 0
    assert json.loads(run.stdout)["ok"] is True


def test_validate_names_every_bad_file_of_a_directory(tmp_path):
    for name, text in {
        "a.yaml": "data_generation: {}\n",
        "b.yml": "data_generation: { num_server: 5 }\n",
        "c.yaml": "general: {}\n",
        ".hidden.yaml": "nonsense: 1\n",
        "backup.yaml~": "nonsense: 1\n",
        "notes.txt": "nonsense: 1\n",
    }.items():
        (tmp_path / name).write_text(text)
    run = subprocess.run([FLEETSYNTH, "validate", str(tmp_path)], capture_output=True, text=True, check=False)
    assert run.returncode == 78
    lines = run.stdout.splitlines()
    assert lines[0] == f"{tmp_path}/a.yaml: ok (dataset a, 120 servers x 1461 days)"
    assert f"{tmp_path}/b.yml:1:20: data_generation.num_server: unknown key; did you mean num_servers?" in lines
    assert f"{tmp_path}/c.yaml:1:1: data_generation: the section data_generation is missing" in lines
    assert "nonsense" not in run.stdout


def test_validate_tells_missing_files_and_conflicts_apart(tmp_path):
    for name in ["a.yaml", "b.yaml"]:
        (tmp_path / name).write_text("data_generation: {}\n")
    conflict = subprocess.run([FLEETSYNTH, "validate", str(tmp_path)], capture_output=True, text=True, check=False)
    assert conflict.returncode == 78
    assert conflict.stdout.count("output.filename: the panel may have the same key as that of") == 2
    assert ": ok" not in conflict.stdout
    missing = subprocess.run([FLEETSYNTH, "validate", str(tmp_path / "none.yaml")], capture_output=True, text=True, check=False)
    assert missing.returncode == 66
    assert "there is no such file" in missing.stdout
    alone = subprocess.run([FLEETSYNTH, "validate", str(tmp_path / "a.yaml"), str(tmp_path) + "/a.yaml"], capture_output=True, text=True, check=False)
    assert alone.returncode == 0
