"""Kinds of servers and factors of labels: recovered from the file alone, absent when switched off, the same cells however the panel is cut."""

import numpy as np
import pandas as pd
import pytest

import fleet
from estimates import SIGMAS, Estimate, assert_shares
from local_time import distances, shape, with_local_time
from readers import assert_same_cells

UNITS = ["Retail", "Investment", "Wealth", "Corporate"]
WEB = {"Retail": 0.7, "Investment": 0.4, "Wealth": 0.5, "Corporate": 0.0}
WEEK = [1.1, 1.05, 1.0, 1.0, 0.95, 0.6, 0.5]
EFFECTS = {
    "criticality": {"High": {"load": 1.15}}, "business_unit": {"Wealth": {"load": 0.8}},
    "region": {"eu-west-1": {"load": 1.25, "traffic": 1.1}},
}
ARCHETYPES = {
    "web": {"share": WEB, "metrics": {"load": {"level_factor": 0.9, "weekly_profile": WEEK}}},
    "batch": {
        "share": {unit: 1 - share for unit, share in WEB.items()}, "metrics": {"load": {"base_mean": 130, "base_std": 20, "growth_per_year": 0.3}},
    },
}
CONFIG = fleet.config(
    {"num_servers": 240, "start_date": "2023-01-02", "end_date": "2024-12-29", "archetypes": ARCHETYPES, "metadata_effects": EFFECTS,
     "growth_anchor": "2023-01-01", "metrics": [fleet.metric("load"), fleet.metric("traffic", weekly_pattern_factor=0.8)]})

@pytest.fixture(scope="module")
def frame(tmp_path_factory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("archetypes")
    return fleet.generate(fleet.write_config(folder / "kinds.yaml", CONFIG), folder / "data").frame()


def factors(frame: pd.DataFrame, metric: str) -> dict[str, Estimate]:
    """One least-squares fit of the logarithms of the servers' yearly means, with all causes at once."""
    keys = ["server_id", "archetype", "criticality", "business_unit", "region", frame["date"].dt.year.rename("year")]
    groups = frame[frame["date"].dt.day_of_week < 5].groupby(keys, observed=True)[metric]
    table = groups.agg(["mean", "std", "count"]).reset_index()
    is_web, year = table["archetype"] == "web", table["year"] - 2023
    # Both years are taken whole, so what growth adds within a year is common to both.
    columns = {
        "level": np.ones(len(table)), "archetype web": is_web, "criticality High": table["criticality"] == "High",
        "business_unit Wealth": table["business_unit"] == "Wealth", "region eu-west-1": table["region"] == "eu-west-1",
        "growth of web": is_web * year, "growth of batch": ~is_web * year,
    }
    design = np.column_stack([np.asarray(column, dtype=float) for column in columns.values()])
    weight = table["mean"] * np.sqrt(table["count"]) / table["std"]
    scaled = design * weight.to_numpy()[:, None]
    solution, *_ = np.linalg.lstsq(scaled, np.log(table["mean"]) * weight, rcond=None)
    errors = np.sqrt(np.diag(np.linalg.inv(scaled.T @ scaled)))
    return {name: Estimate(np.exp(value), np.exp(value) * error) for name, value, error in zip(columns, solution, errors, strict=True)}


def mean_growth_in_the_first_year(frame: pd.DataFrame) -> float:
    """The growth of `batch` in the year of the anchor, which is part of the fit's reference level."""
    days = frame.loc[(frame["date"].dt.year == 2023) & (frame["date"].dt.day_of_week < 5), "date"].drop_duplicates()
    return float(np.mean(1.3 ** ((days.dt.day_of_year - 1) / 365)))


def test_levels_growth_and_factors_of_labels_are_recovered(frame):
    found = factors(frame, "load")
    batch = 130 * mean_growth_in_the_first_year(frame)
    weekdays = np.mean(WEEK[:5])
    assert found["level"].distance(batch) < SIGMAS
    assert found["archetype web"].distance(100 * 0.9 * weekdays / batch) < SIGMAS
    assert found["archetype web"].distance(1) > SIGMAS
    found["growth of batch"].assert_recovers(1.3, 1)
    found["growth of web"].assert_absent(1)
    for column, labels in EFFECTS.items():
        for label, metrics in labels.items():
            found[f"{column} {label}"].assert_recovers(metrics["load"], 1)


def test_another_metric_has_only_what_is_its_own(frame):
    found = factors(frame, "traffic")
    found["region eu-west-1"].assert_recovers(1.1, 1)
    assert found["level"].distance(100) < SIGMAS
    for name in found.keys() - {"level", "region eu-west-1"}:
        found[name].assert_absent(1)


@pytest.mark.parametrize(
    ("switch", "name", "requested"),
    [
        ({"data_generation.metadata_effects": None}, "criticality High", 1.15),
        ({"data_generation.metadata_effects": None}, "business_unit Wealth", 0.8),
        ({"data_generation.metadata_effects": None}, "region eu-west-1", 1.25),
        ({"data_generation.archetypes": {"web": {"share": WEB}, "batch": {"share": ARCHETYPES["batch"]["share"]}}}, "archetype web", 0.69),
        ({"data_generation.archetypes": {"web": {"share": WEB}, "batch": {"share": ARCHETYPES["batch"]["share"]}}}, "growth of batch", 1.3),
    ],
)
def test_what_is_switched_off_is_absent_and_its_test_notices(make_dataset, switch, name, requested):
    found = factors(make_dataset(CONFIG, switch).frame(), "load")
    found[name].assert_absent(1)
    with pytest.raises(AssertionError):
        found[name].assert_recovers(requested, 1)


def weekday_distances(frame: pd.DataFrame, archetype: str, metric: str, expected: list[float]) -> np.ndarray:
    own = frame[(frame["archetype"] == archetype) & (frame["region"] != "eu-west-1") & (frame["criticality"] != "High")]
    own = own[(own["business_unit"] != "Wealth")]
    return distances(own[metric], own["date"].dt.day_of_week, np.array(expected))


def test_the_profile_of_the_week_is_that_of_the_archetype_or_of_the_metric(frame):
    assert weekday_distances(frame, "web", "load", WEEK).max() < SIGMAS
    for archetype in ("web", "batch"):
        assert weekday_distances(frame, archetype, "traffic", [1, 1, 1, 1, 1, 0.8, 0.8]).max() < SIGMAS
        assert weekday_distances(frame, archetype, "traffic", WEEK).max() > SIGMAS
    assert weekday_distances(frame, "batch", "load", WEEK).max() > SIGMAS


def test_archetypes_have_their_shares_in_each_unit_and_no_other_label_moves(make_dataset):
    data = {"num_servers": 20_000, "start_date": "2024-01-01", "end_date": "2024-01-01", "metrics": [fleet.metric("load")]}
    plain = make_dataset(fleet.config(data)).frame()
    kinds = make_dataset(fleet.config(data | {"archetypes": {name: {"share": ARCHETYPES[name]["share"]} for name in ARCHETYPES}})).frame()
    assert list(kinds.columns) == ["server_id", "date", "business_unit", "region", "criticality", "archetype", "load"]
    assert_same_cells(kinds.drop(columns="archetype"), plain)
    for unit in UNITS[:3]:
        own = kinds.loc[kinds["business_unit"] == unit, "archetype"]
        assert_shares(np.array([(own == name).sum() for name in ("web", "batch")]), np.array([WEB[unit], 1 - WEB[unit]]))
    assert set(kinds.loc[kinds["business_unit"] == "Corporate", "archetype"]) == {"batch"}
    web = kinds[kinds["business_unit"] == "Retail"]
    assert_shares(
        np.array([(web.loc[web["region"] == "us-east-1", "archetype"] == name).sum() for name in ("web", "batch")]), np.array([0.7, 0.3]))


HOURLY = fleet.config(
    {"num_servers": 40, "granularity": "hourly", "start_date": "2024-03-20", "end_date": "2024-04-10", "metadata_effects": EFFECTS,
     "archetypes": {
         "web": {"share": WEB, "metrics": {"load": {"diurnal_profile": "office", "weekly_profile": WEEK}}},
         "batch": {"share": ARCHETYPES["batch"]["share"], "metrics": {"load": {"diurnal_profile": "night-batch", "base_mean": 120}}},
     },
     "metrics": [
         fleet.metric("load", server_bias_std=5, missing_rate=0.02, outlier_rate=0.01, seasonality_amplitude=0.2, growth_per_year=0.1),
         fleet.metric("traffic", min_clip=0, max_clip=120, decimals=2, diurnal_profile="evening", missing_rate=0.01, outlier_rate=0.01),
     ]}, output={"calendar_flags": True})


def test_each_archetype_has_its_own_day(make_dataset):
    sets = {"data_generation.num_servers": 200, "data_generation.metadata_effects": None}
    frame = with_local_time(make_dataset(HOURLY, sets).frame())
    for archetype, own, other in (("web", "office", "night-batch"), ("batch", "night-batch", "office")):
        part = frame[(frame["archetype"] == archetype) & (frame["local"].dt.day_of_week < 4)]
        # Level, bias and outliers differ between servers: what counts is each cell's share of its server's mean.
        shares = part["load"] / part.groupby("server_id")["load"].transform("mean")
        assert distances(shares, part["local"].dt.hour, shape(own)).max() < 2 * SIGMAS
        assert distances(shares, part["local"].dt.hour, shape(other)).max() > 10 * SIGMAS


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("everything")
    path = fleet.write_config(folder / "everything.yaml", HOURLY)
    return path, fleet.generate(path, folder / "data").frame()


@pytest.mark.parametrize(("first", "last", "servers"), [("2024-03-31", "2024-03-31", "1-40"), ("2024-03-25", "2024-04-10", "7-33")])
def test_a_slice_is_that_part_of_the_whole_with_everything_on(whole, tmp_path, first, last, servers):
    path, frame = whole
    part = fleet.generate_slice(path, tmp_path / "slice.parquet", None, "--from", first, "--to", last, "--servers", servers)
    low, high = (f"SRV-{int(number):04d}" for number in servers.split("-"))
    days = frame["date"].dt.strftime("%Y-%m-%d").between(first, last)
    assert_same_cells(part, frame[days & frame["server_id"].astype(str).between(low, high)].reset_index(drop=True))


def test_threads_and_a_moved_window_change_no_cell_with_everything_on(whole, tmp_path):
    path, frame = whole
    panels = [fleet.generate(path, tmp_path / str(threads), None, "--threads", threads).panel for threads in (1, 3)]
    assert len({fleet.sha256(panel) for panel in panels}) == 1
    moved = {"data_generation.start_date": "2024-03-28", "data_generation.end_date": "2024-05-02"}
    later = fleet.generate(path, tmp_path / "moved", moved).frame()
    common = pd.Timestamp("2024-03-28", tz="UTC"), pd.Timestamp("2024-04-10T23:00", tz="UTC")
    parts = [part[part["date"].between(*common)].reset_index(drop=True) for part in (later, frame)]
    assert_same_cells(*parts)


def test_the_gate_reports_every_part_as_requested_and_realised(whole):
    path, _ = whole
    summary = next(path.parent.glob("data/raw/*.summary.json"))
    checks = pd.read_json(summary, typ="series")["checks"]
    assert {check["verdict"] for check in checks} <= {"pass", "not_applicable"}
    found = {(check["name"], check.get("scope")): check for check in checks if check.get("metric") == "load"}
    for name, scope, requested in [
        ("diurnal", "web", 1), ("diurnal", "batch", 1), ("archetype", "web", 100), ("archetype", "batch", 120), ("weekly", "web", 1),
        ("metadata_effect", "criticality High", 1.15), ("metadata_effect", "region eu-west-1", 1.25),
    ]:
        check = found[name, scope]
        assert check["requested"] == requested and abs(check["realised"] - requested) <= check["tolerance"] < 0.2 * requested, check


def test_the_example_is_right_and_publishes(tmp_path):
    dataset = fleet.generate(fleet.ROOT / "config/examples/archetypes.yaml", tmp_path)
    frame = dataset.frame(["archetype", "cpu_p95", "mem_p95"])
    assert set(frame["archetype"].unique()) == {"web", "database", "application", "batch"}
    means = frame.groupby("archetype", observed=True)["mem_p95"].mean()
    assert means.drop("database").max() + 10 < means["database"]
