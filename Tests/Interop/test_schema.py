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
    "weights-sum": "a sum",
    "label-twice-canonically": "two spellings of one text",
    "metric-twice": "uniqueness by one member",
    "metric-named-like-column": "a relation between columns",
    "metric-named-like-time": "a relation between columns",
    "time-column-clash": "a relation between columns",
    "s3-without-bucket": "a relation between two keys",
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
