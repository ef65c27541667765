"""Shares of archetypes by several columns, and headrooms of labels: recovered from the file alone, absent when switched off."""

import itertools

import numpy as np
import pandas as pd
import pytest

import fleet
from estimates import Estimate, assert_shares, assert_unrelated
from readers import assert_same_cells

UNITS = {"Retail": 0.5, "Wealth": 0.5}
REGIONS = {"us-east-1": 0.5, "us-west-2": 0.3, "eu-west-1": 0.2}
LEVELS = {"High": 0.2, "Medium": 0.5, "Low": 0.3}
COLUMNS = {"business_unit": UNITS, "region": REGIONS, "criticality": LEVELS}
WEB = {
    "business_unit": {"Retail": 0.7, "Wealth": 0.2}, "region": {"us-east-1": 0.3, "us-west-2": 0.4, "eu-west-1": 0.8},
    "criticality": {"High": 0.6, "Medium": 0.4, "Low": 0.4},
}
ONE_DAY = {
    "num_servers": 30_000, "start_date": "2024-01-01", "end_date": "2024-01-01", "metrics": [fleet.metric("load")],
    "metadata": {"business_units": UNITS, "regions": REGIONS, "criticality_levels": LEVELS},
}


def kinds(columns: list[str], cache: float = 0.1) -> dict:
    """Three archetypes: one with shares of its own, one with the rest, one with a tenth everywhere."""
    web = {column: {label: share * (1 - cache) for label, share in WEB[column].items()} for column in columns}
    batch = {column: {label: 1 - cache - share for label, share in own.items()} for column, own in web.items()}
    return {"web": {"share": web}, "batch": {"share": batch}, "cache": {"share": cache}}


def chances(archetypes: dict, labels: dict[str, str]) -> np.ndarray:
    """The rule of the reference page, written again."""
    weights = []
    for own in archetypes.values():
        if isinstance(own["share"], float):
            weights.append(own["share"])
            continue
        weight = 1.0
        for place, column in enumerate(column for column in COLUMNS if column in own["share"]):
            shares = own["share"][column]
            mean = sum(COLUMNS[column][label] * share for label, share in shares.items())
            weight *= shares[labels[column]] / (mean if place else 1)
        weights.append(weight)
    return np.array(weights) / sum(weights)


@pytest.mark.parametrize("column", ["region", "criticality"])
def test_shares_by_one_column_are_exact_and_the_other_labels_do_not_matter(make_dataset, column):
    archetypes = kinds([column])
    published = make_dataset(fleet.config(ONE_DAY | {"archetypes": archetypes}))
    frame = published.frame()
    for label in COLUMNS[column]:
        own = frame.loc[frame[column].astype(str) == label]
        counts = np.array([(own["archetype"].astype(str) == name).sum() for name in archetypes])
        assert_shares(counts, np.array([archetypes[name]["share"][column][label] for name in ("web", "batch")] + [0.1]))
        for other in COLUMNS.keys() - {column}:
            assert_unrelated(pd.crosstab(own[other].astype(str), own["archetype"].astype(str)).to_numpy())
    checks = [check for check in published.json("summary")["checks"] if check["name"] == "archetype_share"]
    assert [check["scope"] for check in checks] == ["batch", "cache", "web"] and {check["verdict"] for check in checks} == {"pass"}
    assert abs(checks[1]["requested"] - 0.1) < 1e-12


@pytest.mark.parametrize("columns", [["region", "criticality"], ["criticality", "region", "business_unit"]])
def test_shares_by_several_columns_follow_the_rule(make_dataset, columns):
    archetypes = kinds(columns)
    frame = make_dataset(fleet.config(ONE_DAY | {"archetypes": archetypes})).frame()
    different = 0
    for labels in itertools.product(*(COLUMNS[column] for column in columns)):
        chosen = dict(zip(columns, labels, strict=True))
        own = frame
        for column, label in chosen.items():
            own = own[own[column].astype(str) == label]
        counts = np.array([(own["archetype"].astype(str) == name).sum() for name in archetypes])
        expected = chances(archetypes, chosen)
        assert_shares(counts, expected)
        # The first column alone would not do.
        first = next(column for column in COLUMNS if column in columns)
        alone = archetypes["web"]["share"][first][chosen[first]]
        different += abs(counts[0] / counts.sum() - alone) > 5 * np.sqrt(alone * (1 - alone) / counts.sum())
    assert different >= 3


def test_no_other_label_and_no_other_cell_moves(make_dataset):
    data = ONE_DAY | {"num_servers": 2000}
    plain = make_dataset(fleet.config(data)).frame()
    frame = make_dataset(fleet.config(data | {"archetypes": kinds(["region", "criticality"])})).frame()
    assert_same_cells(frame.drop(columns="archetype"), plain)
    # Units named by their column are units.
    named = {"web": {"share": {"business_unit": WEB["business_unit"]}}, "batch": {"share": {"business_unit": {"Retail": 0.3, "Wealth": 0.8}}}}
    short = {name: {"share": own["share"]["business_unit"]} for name, own in named.items()}
    assert_same_cells(*(make_dataset(fleet.config(data | {"archetypes": archetypes})).frame() for archetypes in (named, short)))


HEADROOM = {
    "criticality": {"High": {"load": {"headroom": 1.4}, "memory": 0.9}},
    "region": {"eu-west-1": {"load": {"level": 1.2, "headroom": 0.5}}},
}


def headrooms(frame: pd.DataFrame, high: float) -> dict[tuple[bool, bool], Estimate]:
    """What is left to the bound, by whether a server is critical and in Europe."""
    means = frame.groupby("server_id", observed=True).agg(
        load=("load", "mean"), critical=("criticality", lambda own: own.iloc[0] == "High"), europe=("region", lambda own: own.iloc[0] == "eu-west-1"))
    groups = (high - means["load"]).groupby([means["critical"], means["europe"]])
    return {key: Estimate(own.mean(), own.std(ddof=1) / np.sqrt(len(own))) for key, own in groups}


def test_headrooms_multiply_what_is_left_to_the_bound(make_dataset):
    data = {
        "num_servers": 1200, "start_date": "2024-01-01", "end_date": "2024-03-31", "metadata_effects": HEADROOM,
        "metadata": ONE_DAY["metadata"], "metrics": [fleet.metric("load", max_clip=180, base_std=5), fleet.metric("memory", max_clip=180)],
    }
    published = make_dataset(fleet.config(data))
    frame = published.frame()
    found = headrooms(frame, 180)
    # 100 of 180 leave 80; 120 leave 60.
    found[True, False].assert_recovers(80 * 1.4, 80)
    found[False, True].assert_recovers(60 * 0.5, 60)
    found[True, True].assert_recovers(60 * 1.4 * 0.5, 60)
    found[False, False].assert_absent(80)
    # The noise moves as the mean does.
    own = frame[(frame["criticality"].astype(str) == "High") & (frame["region"].astype(str) != "eu-west-1")]["load"]
    assert Estimate(own.std(), own.std() / np.sqrt(2 * len(own))).distance(5 * 0.68) < 5
    checks = {check["scope"]: check for check in published.json("summary")["checks"] if check["name"] == "headroom"}
    assert set(checks) == {"criticality High", "region eu-west-1"}
    for scope, requested in [("criticality High", 1.4), ("region eu-west-1", 0.5)]:
        assert checks[scope]["metric"] == "load" and checks[scope]["requested"] == requested and checks[scope]["verdict"] == "pass"
        assert abs(checks[scope]["realised"] - requested) < 0.05


def test_without_headrooms_labels_leave_the_same(make_dataset):
    data = {"num_servers": 600, "start_date": "2024-01-01", "end_date": "2024-02-29", "metadata": ONE_DAY["metadata"], "metrics": [fleet.metric("load")]}
    published = make_dataset(fleet.config(data))
    for own in headrooms(published.frame(), 180).values():
        own.assert_absent(80)
    assert not [check for check in published.json("summary")["checks"] if check["name"] in ("headroom", "archetype_share")]
