"""The report: a page that parses, asks for nothing, and draws the numbers that pandas finds in the Parquet file."""

import json
import math
import re
import time

import html5lib
import numpy as np
import pandas as pd
import pytest

import fleet

SVG = "{http://www.w3.org/2000/svg}"
# The charts' numbers have five digits or so.
PLACES = 6e-4
SMALL = {"num_servers": 24, "start_date": "2024-01-01", "end_date": "2024-12-31"}


class Page:
    """A report, parsed by the rules of HTML5."""

    def __init__(self, text: str):
        self.text = text
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.root = parser.parse(text)
        # Closing tags that HTML lets one leave out are no faults; everything else is.
        self.faults = [error for error in parser.errors if error[1] not in ("expected-closing-tag-but-got-eof",)]

    def chart(self, kind: str, metric: str = ""):
        found = [node for node in self.root.iter() if node.get("data-chart") == kind and node.get("data-metric", "") == metric]
        assert len(found) == 1, f"{kind} {metric}: {len(found)}"
        return found[0]

    def kinds(self) -> list[tuple[str, str]]:
        return [(node.get("data-chart"), node.get("data-metric", "")) for node in self.root.iter() if node.get("data-chart")]

    def numbers(self, kind: str, metric: str = "") -> pd.DataFrame:
        """The numbers below a chart."""
        rows = [["".join(cell.itertext()) for cell in row if cell.tag in ("td", "th")] for row in self.chart(kind, metric).iter("tr")]
        return pd.DataFrame(rows[1:], columns=rows[0])

    def columns(self, kind: str, metric: str, *names: str) -> list[np.ndarray]:
        frame = self.numbers(kind, metric)
        return [np.array([float(cell) if cell else math.nan for cell in frame[name]]) for name in names]


def page_of(dataset: fleet.Published) -> Page:
    return Page(dataset.path("report").read_text(encoding="utf-8"))


def nearest_rank(values: np.ndarray, share: float) -> float:
    values = np.sort(values[~np.isnan(values)])
    return float(values[max(1, math.ceil(share * len(values) - 1e-9)) - 1]) if len(values) else math.nan


def bins_of(frame: pd.DataFrame, starts: list[str]) -> np.ndarray:
    """The place of each row's time among the beginnings that a chart names."""
    edges = pd.to_datetime(starts, utc=True).as_unit("us").asi8
    times = pd.to_datetime(frame["date"], utc=True).dt.as_unit("us").astype("int64").to_numpy()
    return np.searchsorted(edges, times, side="right") - 1


def sampled(frame: pd.DataFrame, servers: int) -> pd.DataFrame:
    """The rows of so many servers, evenly spaced from the first on."""
    ids = np.sort(frame["server_id"].unique())
    return frame[frame["server_id"].isin(ids[np.arange(servers) * len(ids) // servers])]


def assert_courses(page: Page, frame: pd.DataFrame, sample: pd.DataFrame, metrics: list[str], tolerance: float) -> None:
    for metric in metrics:
        starts = page.numbers("time", metric)["from"].tolist()
        mean, low, high = page.columns("time", metric, "mean", "P5", "P95")
        expected = frame[metric].groupby(bins_of(frame, starts)).mean().reindex(range(len(starts)))
        np.testing.assert_allclose(mean, expected, atol=tolerance)
        parts = sample[metric].groupby(bins_of(sample, starts))
        for found, share in ((low, 0.05), (high, 0.95)):
            wanted = parts.apply(lambda cells, share=share: nearest_rank(cells.to_numpy(), share)).reindex(range(len(starts)))
            np.testing.assert_allclose(found, wanted, atol=tolerance)


def assert_profiles(page: Page, frame: pd.DataFrame, metrics: list[str], tolerance: float) -> None:
    for metric in metrics:
        week = frame[metric].groupby(frame["date"].dt.day_of_week).mean().reindex(range(7))
        np.testing.assert_allclose(page.columns("week", metric, "mean")[0], week, atol=tolerance)
        months = frame[metric].groupby(frame["date"].dt.month).mean().reindex(range(1, 13))
        np.testing.assert_allclose(page.columns("month", metric, "mean")[0], months, atol=tolerance)


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> fleet.Published:
    folder = tmp_path_factory.mktemp("report")
    return fleet.generate(fleet.write_config(folder / "web.yaml", fleet.config(SMALL)), folder / "data")


def test_it_is_one_well_formed_page_that_asks_for_nothing(default_dataset):
    page = page_of(default_dataset)
    assert page.faults == [], page.faults[:5]
    assert not re.search(r"<(script|link|iframe|object|embed|img|form|base)\b|\bon\w+=|@import|url\(", page.text)
    assert set(re.findall(r'(?:href|src)="([^"#][^"]*)"', page.text)) == set()
    assert len(page.text.encode()) < 1_000_000


def test_every_picture_has_a_name_and_every_chart_its_axes(default_dataset):
    page = page_of(default_dataset)
    identifiers = [node.get("id") for node in page.root.iter() if node.get("id")]
    assert len(identifiers) == len(set(identifiers))
    pictures = [node for node in page.root.iter() if node.tag in ("svg", SVG + "svg") and node.get("role") == "img"]
    assert len(pictures) >= 4 * (4 + 12) + 1
    for picture in pictures:
        assert all(name in identifiers for name in picture.get("aria-labelledby").split())
    for metric in fleet.METRICS:
        for kind in ("time", "week", "month", "distribution"):
            texts = ["".join(node.itertext()) for node in page.chart(kind, metric).iter() if node.tag in ("text", SVG + "text")]
            assert len(texts) >= 8 and "%" in " ".join(texts), (kind, texts)
    assert {kind for kind, _ in page.kinds()} >= {"overview", "time", "week", "month", "distribution", "labels", "servers", "correlation", "missing", "checks"}


def test_points_are_those_of_pandas(default_dataset):
    page, frame = page_of(default_dataset), default_dataset.frame()
    assert len(page.numbers("time", "cpu_p95")) == 209
    assert_courses(page, frame, frame, fleet.METRICS, PLACES)
    assert_profiles(page, frame, fleet.METRICS, PLACES)


def test_the_distribution_counts_every_cell(default_dataset):
    page, frame = page_of(default_dataset), default_dataset.frame()
    for metric in fleet.METRICS:
        starts, ends, cells = page.columns("distribution", metric, "from", "below", "cells")
        whole = np.round(frame[metric].dropna().to_numpy() * 100).astype(int)
        edges = np.round(starts * 100).astype(int)
        np.testing.assert_array_equal(np.round(ends[:-1] * 100), edges[1:])
        np.testing.assert_array_equal(np.bincount(np.searchsorted(edges, whole, side="right") - 1), cells.astype(int))


def test_labels_are_those_of_pandas(default_dataset):
    page, frame = page_of(default_dataset), default_dataset.frame()
    for metric in fleet.METRICS:
        resolution = (frame[metric].max() - frame[metric].min()) / 1024
        for group in page.chart("labels", metric).iter("tbody"):
            column = group.get("data-column")
            rows = [row for row in group.iter("tr") if row.find("td") is not None]
            assert [row.find("th").find("bdi").text for row in rows] == sorted(frame[column].unique())
            for row in rows:
                cells = frame.loc[frame[column] == row.find("th").find("bdi").text]
                mean, low, high = (float(cell.get("data-value")) for cell in row.findall("td") if cell.get("data-value"))
                assert int(row.findall("td")[0].text) == cells["server_id"].nunique()
                assert mean == pytest.approx(cells[metric].mean(), abs=1e-3)
                assert low == pytest.approx(nearest_rank(cells[metric].to_numpy(), 0.05), abs=resolution)
                assert high == pytest.approx(nearest_rank(cells[metric].to_numpy(), 0.95), abs=resolution)


def test_correlations_gaps_and_single_servers_are_those_of_pandas(default_dataset):
    page, frame = page_of(default_dataset), default_dataset.frame()
    cells = [float(cell.get("data-value")) for cell in page.chart("correlation").iter("td")]
    np.testing.assert_allclose(np.array(cells).reshape(4, 4), frame[fleet.METRICS].corr().to_numpy(), atol=PLACES)
    gaps = page.numbers("missing")
    for row, missing, present in gaps.itertuples(index=False):
        counts = [int(count) for count in missing.split()]
        own = frame[row].isna().sum() if row in fleet.METRICS else frame.loc[frame["server_id"] == row, fleet.METRICS].isna().sum().sum()
        assert sum(counts) == own and sum(map(int, present.split())) == (len(frame) if row in fleet.METRICS else 4 * 1461)
    assert len(gaps) == 4 + 30
    courses = page.numbers("servers", "mem_p95")
    for server in courses.columns[1:]:
        own = frame[frame["server_id"] == server]
        expected = own["mem_p95"].groupby(bins_of(own, courses["from"].tolist())).mean()
        np.testing.assert_allclose(pd.to_numeric(courses[server]), expected, atol=PLACES)
    assert len(courses.columns) == 13


def test_a_large_fleet_is_sampled_and_says_so(make_dataset):
    data = {"num_servers": 3000, "start_date": "2024-01-01", "end_date": "2024-06-30", "metrics": [{"name": "load"}]}
    dataset = make_dataset(fleet.config(data))
    page, frame = page_of(dataset), dataset.frame()
    assert "1,000 servers, evenly spaced over the fleet" in page.text
    assert_courses(page, frame, sampled(frame, 1000), ["load"], PLACES)
    assert_profiles(page, frame, ["load"], PLACES)


def test_hours_incidents_and_gaps_are_drawn_as_they_are(make_dataset):
    data = {
        "num_servers": 10, "start_date": "2024-01-01", "end_date": "2024-02-29", "granularity": "hourly", "decimals": None,
        "incidents": {"surge": {"kind": "traffic-surge", "at": ["2024-01-20T00:00"], "duration": "4d", "metrics": {"cpu_p95": 1.9}}},
        "mess": {"agent_outage": {"per_year": 15, "duration": "2d"}}, "lifetime": {"commissioned": {"share": 0.5, "from": "2024-01-05", "to": "2024-02-10"}},
    }
    dataset = make_dataset(fleet.config(data, quality={"max_missing_share": 0.5}))
    page, frame = page_of(dataset), dataset.frame()
    assert_courses(page, frame, frame, ["cpu_p95", "net_p95"], PLACES)
    assert_profiles(page, frame, ["cpu_p95"], PLACES)
    day = frame["cpu_p95"].groupby(frame["date"].dt.hour).mean()
    np.testing.assert_allclose(page.columns("day", "cpu_p95", "mean")[0], day, atol=PLACES)
    assert "incidents.surge" in page.text and "traffic-surge" in page.text and "lifetime.commissioned" in page.text
    assert "the server does not exist" in page.text


def test_holidays_of_every_calendar_are_marked_and_named(make_dataset):
    own = {"us-east-1": "us_federal", "us-west-2": "us_federal", "eu-west-1": "ireland", "ap-southeast-1": "singapore"}
    metadata = {"regions": list(own), "calendars": {region: name for region, name in own.items() if name != "us_federal"}}
    dataset = make_dataset(fleet.config(SMALL | {"metadata": metadata}, output={"calendar_flags": True}))
    page, frame = page_of(dataset), dataset.frame()
    groups = {group.get("data-calendar"): group for group in page.chart("holidays").iter("tbody")}
    assert list(groups) == ["singapore", "ireland", "us_federal"], "in the order of the regions"
    for calendar, group in groups.items():
        regions = [region for region, name in own.items() if name == calendar]
        assert all(region in "".join(group.find("tr").itertext()) for region in regions)
        listed = {day for row in group.iter("tr") if row.find("td") is not None for day in "".join(row.find("td").itertext()).split(", ")}
        flagged = frame.loc[frame["region"].isin(regions) & frame["is_holiday"], "date"]
        assert listed == set(flagged.dt.strftime("%Y-%m-%d")), calendar
        # Each mark of each chart names its day.
        titles = [node.text for node in page.chart("time", "cpu_p95").iter() if node.tag in ("title", SVG + "title") and (node.text or "").endswith(f", {calendar}")]
        assert {title.split()[0] for title in titles} == listed and len(titles) == len(listed)
    legend = "".join("".join(node.itertext()) for node in page.chart("time", "cpu_p95").iter("figcaption"))
    assert "lowest row: singapore (ap-southeast-1)" in legend and "third row: us_federal (us-east-1, us-west-2)" in legend
    assert "Independence Day" in page.text and "Saint Patrick" in page.text


def test_one_calendar_has_one_row_of_marks_and_none_where_holidays_are_off(small, make_dataset):
    legend = "".join(page_of(small).chart("time", "cpu_p95").find("figcaption").itertext())
    assert "holidays: us_federal" in legend and " row" not in legend
    without = page_of(make_dataset(fleet.config(SMALL | {"use_holidays": False})))
    assert not any(kind == "holidays" for kind, _ in without.kinds())
    assert "holidays" not in "".join(without.chart("time", "cpu_p95").find("figcaption").itertext())


def test_servers_without_rows_are_not_counted(make_dataset):
    growth = [{"date": "2023-12-01", "servers": 3}, {"date": "2024-12-31", "servers": 10}]
    dataset = make_dataset(fleet.config({"num_servers": 10, "start_date": "2024-01-01", "end_date": "2024-01-31", "lifetime": {"growth": growth}}))
    page, frame = page_of(dataset), dataset.frame()
    there = frame["server_id"].nunique()
    assert 3 <= there < 10
    assert f"of the cells of the {there} servers with rows" in page.text and "all 10 servers" not in page.text
    for row in page.chart("labels", "cpu_p95").iter("tr"):
        cells = ["".join(cell.itertext()) for cell in row if cell.tag in ("td", "th")]
        if len(cells) == 6 and cells[0] in set(frame["region"]):
            assert int(cells[1]) == frame.loc[frame["region"] == cells[0], "server_id"].nunique()


def test_a_window_too_long_for_marks_says_so(make_dataset):
    data = SMALL | {"num_servers": 2, "start_date": "2010-01-01"}
    caption = "".join(page_of(make_dataset(fleet.config(data))).chart("time", "cpu_p95").find("figcaption").itertext())
    assert "quarter ends and holidays are not marked, in more than 4,400 days they would run together" in caption
    plain = data | {"use_holidays": False, "use_eoq_spikes": False}
    assert "marked" not in "".join(page_of(make_dataset(fleet.config(plain))).chart("time", "cpu_p95").find("figcaption").itertext())


def test_rows_that_come_twice_or_late_are_drawn_as_the_page_says(make_dataset):
    data = {
        "num_servers": 20, "start_date": "2024-01-01", "end_date": "2024-01-31", "granularity": "hourly", "missing_rate": 0.02,
        "mess": {"duplicate_rows": {"rate": 0.05}, "late_rows": {"rate": 0.1, "delay": ["2h", "4d"], "arrival_column": "ingested_at"}},
    }
    dataset = make_dataset(fleet.config(data))
    page, frame = page_of(dataset), dataset.frame()
    once = frame.drop_duplicates(["server_id", "date"])
    assert len(once) < len(frame) and len(once) < 20 * 31 * 24, "some rows come twice, and some have not come"
    assert "Rows that come twice count twice in the former and once in the latter" in page.text
    assert_courses(page, frame, once, fleet.METRICS, PLACES)
    assert_profiles(page, frame, fleet.METRICS, PLACES)
    day = frame["cpu_p95"].groupby(frame["date"].dt.hour).mean()
    np.testing.assert_allclose(page.columns("day", "cpu_p95", "mean")[0], day, atol=PLACES)
    cells = page.columns("distribution", "cpu_p95", "cells")[0]
    assert cells.sum() == frame["cpu_p95"].notna().sum()
    # What has not come is no missing cell.
    for row, missing, present in page.numbers("missing").itertuples(index=False):
        own = once[row].isna() if row in fleet.METRICS else once.loc[once["server_id"] == row, fleet.METRICS].isna().sum(axis=1)
        assert (sum(map(int, missing.split())), sum(map(int, present.split()))) == (own.sum(), len(own) * (1 if row in fleet.METRICS else 4)), row


def test_percentiles_of_large_values_have_all_their_digits(make_dataset):
    """Single precision has steps of 64 there."""
    metric = {"name": "bytes", "base_mean": 8.5e8, "base_std": 300, "server_bias_std": 100, "max_clip": 1e9, "decimals": 0, "seasonality_amplitude": 0,
              "weekly_pattern_factor": 1, "eoq_spike_multiplier": 1, "holiday_effect_multiplier": 1}
    dataset = make_dataset(fleet.config(SMALL | {"metrics": [metric], "outlier_rate": 0}))
    page, frame = page_of(dataset), dataset.frame()
    starts = page.numbers("time", "bytes")["from"].tolist()
    parts = frame["bytes"].groupby(bins_of(frame, starts))
    for name, share in (("P5", 0.05), ("P95", 0.95)):
        wanted = parts.apply(lambda cells, share=share: nearest_rank(cells.to_numpy(), share))
        np.testing.assert_allclose(page.columns("time", "bytes", name)[0], wanted, atol=0.006)


def test_every_check_is_shown_with_its_verdict_in_words(default_dataset):
    page, checks = page_of(default_dataset), default_dataset.json("summary")["checks"]
    rows = [row for row in page.chart("checks").iter("tr") if row.get("data-check")]
    assert [row.get("data-check") for row in rows] == [check["name"] for check in checks]
    weak = [check.get("conclusive") is False for check in checks]
    words = ["".join(row.find("td").itertext()).split(maxsplit=1) for row in rows]
    assert words == [["≈", "pass, not conclusive"] if own else ["✓", "pass"] for own in weak]
    assert f"{len(checks)} passed, 0 failed" in page.text


def test_checks_that_too_little_data_shows_are_told_apart(tmp_path):
    data = {"num_servers": 2, "start_date": "2024-01-01", "end_date": "2024-01-14"}
    run = fleet.generate(fleet.write_config(tmp_path / "few.yaml", fleet.config(data)), tmp_path / "data")
    page, summary = page_of(run), run.json("summary")
    weak = [check for check in summary["checks"] if check.get("conclusive") is False]
    assert weak and all(check["verdict"] == "pass" and "does not tell it from" in check["sentence"] for check in weak if check["tolerance"])
    assert summary["check_counts"]["inconclusive"] == len(weak) == run.json("manifest")["quality"]["inconclusive"]
    rows = [row for row in page.chart("checks").iter("tr") if row.get("class") == "weak"]
    assert len(rows) == len(weak) and all("not conclusive" in "".join(row.find("td").itertext()) for row in rows)
    assert "not conclusive" in page.text


def test_provenance_names_what_makes_it_again(small):
    page, manifest = page_of(small), small.json("manifest")
    panel = next(entry for entry in manifest["artifacts"] if entry["role"] == "panel")
    for text in (panel["sha256"], manifest["config_sha256"], manifest["data_sha256"], panel["key"], "&quot;num_servers&quot;: 24"):
        assert text in page.text, text
    assert manifest["created"] not in page.text and manifest["run_id"] not in page.text


def test_the_command_draws_the_same_page_again(small, tmp_path):
    output, published = tmp_path / "again.html", small.path("report").read_bytes()
    fleet.run("report", small.path("manifest"), "--output", output)
    assert output.read_bytes() == published
    fleet.run("report", small.path("manifest").parent, "--output", output)
    assert fleet.run("report", small.path("manifest")).stdout.encode() == published


def test_the_command_refuses_what_it_cannot_draw(small, tmp_path):
    assert "no manifest" in fleet.run("report", tmp_path, code=66).stderr
    assert "no manifest" in fleet.run("report", small.base, code=66).stderr
    other = tmp_path / "notes.html"
    other.write_text("<p>mine</p>")
    assert "not replaced" in fleet.run("report", small.path("manifest"), "--output", other, code=73).stderr
    assert other.read_text() == "<p>mine</p>"
    fleet.run("report", small.path("manifest"), "--output", tmp_path / "absent" / "a.html", code=66)


def test_a_preview_takes_less_than_a_second_and_publishes_nothing(tmp_path):
    output, config = tmp_path / "preview.html", fleet.write_config(tmp_path / "web.yaml", fleet.config({"num_servers": 100_000}))
    started = time.monotonic()
    done = fleet.run("preview", "--config", config, "--output", output, cwd=tmp_path)
    # A second on a quiet machine; this one has others at work, and a part is the program's start.
    assert time.monotonic() - started < 3
    assert "30 of 100,000 servers" in done.stdout and "nothing is published" in done.stdout and "█" not in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["preview.html", "web.yaml"]
    page = Page(output.read_text(encoding="utf-8"))
    assert page.faults == [] and "nothing is published" in page.text and "evenly spaced among 100,000" in page.text


@pytest.mark.parametrize("window", ["end_date=2022-06-30", "start_date=2025-06-01"])
def test_a_preview_leaves_out_servers_without_rows(window):
    """Of the bank's servers some come and some go in the window."""
    bank = fleet.ROOT / "config/examples/bank.yaml"
    made = json.loads(fleet.run("preview", "--config", bank, "--json", "--set", f"data_generation.{window}").stdout)
    assert 0 < made["servers"] < 30 and made["passed"]


def test_a_preview_of_a_fleet_with_few_rows_looks_at_those_who_have_some(tmp_path):
    growth = [{"date": "2023-12-01", "servers": 2}, {"date": "2030-12-31", "servers": 900}]
    config = fleet.config({"num_servers": 900, "start_date": "2024-01-01", "end_date": "2024-01-05", "lifetime": {"growth": growth}})
    made = json.loads(fleet.run("preview", "--config", fleet.write_config(tmp_path / "few.yaml", config), "--json", "--servers", "1").stdout)
    assert made["servers"] == 1 and made["rows"] >= 1
    # A server whose only row has not arrived yet.
    late = fleet.config({"num_servers": 120, "start_date": "2024-01-01", "end_date": "2024-01-01", "mess": {"late_rows": {"rate": 0.2, "delay": "3d"}}})
    made = json.loads(fleet.run("preview", "--config", fleet.write_config(tmp_path / "late.yaml", late), "--json").stdout)
    assert 0 < made["servers"] < 30


def test_a_preview_shows_cells_of_the_run(small, tmp_path):
    """Of all servers of a small fleet: the same statistics as the run's."""
    config = fleet.write_config(tmp_path / "web.yaml", fleet.config(SMALL))
    result = fleet.json.loads(fleet.run("preview", "--config", config, "--json").stdout)
    assert result["rows"] == small.result["rows"] and result["passed"] is True
    assert result["metrics"] == small.json("summary")["metrics"]
    fleet.run("preview", "--config", config, "--output", tmp_path / "preview.html")
    page, frame = Page((tmp_path / "preview.html").read_text(encoding="utf-8")), small.frame()
    assert_courses(page, frame, frame, fleet.METRICS, PLACES)
