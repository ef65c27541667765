"""The example datasets: each is right, publishes, and holds what its first lines promise."""

import re

import numpy as np
import pandas as pd
import pytest

import fleet

EXAMPLES = fleet.ROOT / "config/examples"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_an_example_is_valid_and_begins_with_two_sentences(path):
    done = fleet.run("validate", path)
    assert "warning" not in (done.stdout + done.stderr).lower()
    lines = path.read_text().split("\n")
    comment = " ".join(line.removeprefix("#").strip() for line in lines[: next(i for i, line in enumerate(lines) if not line.startswith("#"))])
    assert len(re.findall(r"[.]( |$)", comment)) == 2, comment


def test_the_bank_has_quarter_ends_countries_and_machines_that_come_and_go(tmp_path):
    frame = fleet.generate(EXAMPLES / "bank.yaml", tmp_path).frame()
    lives = frame.groupby(frame["server_id"].astype(str))["date"].agg(["min", "max"])
    assert 0.2 < (lives["min"] > "2022-01-01").mean() < 0.4 and 0.1 < (lives["max"] < "2025-12-31").mean() < 0.4
    plain = frame[~frame["is_weekend"] & ~frame["is_holiday"]]
    ends = plain.groupby("is_eoq_window")["cpu_p95"].mean()
    assert 1.2 < ends[True] / ends[False] < 1.6
    # Good Friday is a day off in Singapore only, the August holiday in Ireland only, and Veterans Day in the United States only.
    off = {region: set(part.loc[part["is_holiday"], "date"].dt.strftime("%Y-%m-%d")) for region, part in frame.groupby("region", observed=True)}
    for day, country in (("2024-03-29", "ap-southeast-1"), ("2024-08-05", "eu-west-1"), ("2024-11-11", "us-east-1"), ("2024-12-24", "eu-west-1")):
        assert {region for region, days in off.items() if day in days} == {country}


def test_retail_peaks_from_black_friday_to_cyber_monday(tmp_path):
    frame = fleet.generate(EXAMPLES / "retail.yaml", tmp_path).frame()
    daily = frame.groupby("date")[["cpu_p95", "requests_p95"]].mean()
    for year in range(2021, 2026):
        friday = pd.date_range(f"{year}-11-01", f"{year}-11-30", freq="WOM-4THU")[0] + pd.Timedelta(days=1)
        peak = daily["requests_p95"][friday : friday + pd.Timedelta(days=3)]
        usual = daily["requests_p95"][f"{year}-09-01" : f"{year}-10-31"]
        assert len(peak) == 4 and peak.min() > 2 * usual.mean() and peak.min() > usual.max()
    counts = frame.groupby("date").size()
    assert counts["2021-06-01"] == 160 and counts["2021-11-15"] == 200 and counts.iloc[-1] == 300
    assert set(frame["archetype"].unique()) == {"checkout", "storefront", "backoffice"}


def test_the_web_tier_follows_the_clocks_of_its_regions(tmp_path):
    frame = fleet.generate(EXAMPLES / "hourly-web.yaml", tmp_path).frame()
    working = frame[~frame["is_weekend"] & ~frame["is_holiday"]]
    zones = {"us-east-1": "America/New_York", "eu-west-1": "Europe/Dublin", "eu-central-1": "Europe/Berlin", "ap-southeast-1": "Asia/Singapore"}
    for region, zone in zones.items():
        part = working[working["region"] == region]
        hours = part.groupby(part["date"].dt.tz_convert(zone).dt.hour)["cpu_p95"].mean()
        assert hours.idxmax() in (10, 13, 14, 15) and hours.idxmin() in (1, 2, 3, 4), region
    quiet = frame[frame["date"].dt.tz_convert("Europe/Berlin").dt.strftime("%m-%d") == "05-01"]
    assert quiet.groupby("region", observed=True)["is_holiday"].mean()["eu-central-1"] == 1


def test_a_million_servers_are_the_first_of_which_a_part_is_made(tmp_path):
    sets = {"data_generation.num_servers": 3000}
    frame = fleet.generate(EXAMPLES / "million.yaml", tmp_path, sets).frame()
    assert len(frame) == 3000 * 366 and frame["server_id"].iloc[-1] == "SRV-0003000"
    part = fleet.generate_slice(EXAMPLES / "million.yaml", tmp_path / "part.parquet", None, "--servers", "2001-2010")
    own = frame[frame["server_id"].astype(str).between("SRV-0002001", "SRV-0002010")].reset_index(drop=True)
    pd.testing.assert_frame_equal(part, own, check_categorical=False)
    assert np.allclose(frame["cpu_p95"].dropna() * 10, (frame["cpu_p95"].dropna() * 10).round())
