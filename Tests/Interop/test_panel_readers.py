"""The default dataset, as the tools that people use read it."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import fleet
from readers import READERS, assert_same_cells

DAYS = pd.date_range("2022-01-01", "2025-12-31")
SERVERS = [f"SRV-{number:04d}" for number in range(1, 121)]


@pytest.fixture(scope="module")
def frame(default_dataset):
    return default_dataset.frame()


def test_the_panel_has_every_server_on_every_day_in_order(frame):
    assert len(frame) == 175_320 == len(SERVERS) * len(DAYS)
    assert frame["server_id"].tolist() == [server for server in SERVERS for _ in range(len(DAYS))]
    np.testing.assert_array_equal(frame["date"].to_numpy("datetime64[us]"), np.tile(DAYS.to_numpy("datetime64[us]"), len(SERVERS)))


def test_the_columns_are_those_of_the_contract_in_its_order(frame):
    assert list(frame.columns) == fleet.KEYS + fleet.METRICS


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_sees_the_same_cells_and_types(default_dataset, frame, reader):
    read = READERS[reader](default_dataset.panel)
    assert_same_cells(read, frame)
    assert pd.api.types.is_datetime64_dtype(read["date"])
    assert all(read[name].dtype == np.float64 for name in fleet.METRICS)
    assert all(isinstance(value, str) for name in ["server_id", *fleet.LABELS] for value in read[name].unique())


def test_arrow_types_are_plain(default_dataset):
    schema = pq.read_schema(default_dataset.panel)
    assert schema.field("date").type == pa.timestamp("us")
    assert all(schema.field(name).type == pa.string() for name in ["server_id", *fleet.LABELS])
    assert all(schema.field(name).type == pa.float64() for name in fleet.METRICS)


def test_labels_belong_to_servers_and_come_from_the_config(frame):
    per_server = frame.groupby("server_id")[fleet.LABELS].nunique()
    assert (per_server == 1).all(axis=None)
    assert set(frame["business_unit"]) == {"Retail", "Investment", "Wealth", "Corporate"}
    assert set(frame["region"]) == {"us-east-1", "us-west-2", "eu-west-1", "ap-southeast-1"}
    assert set(frame["criticality"]) == {"High", "Medium", "Low"}


def test_values_have_two_decimals_and_stay_inside_their_clips(frame):
    clips = {"cpu_p95": (1, 99), "mem_p95": (5, 98), "disk_p95": (2, 97), "net_p95": (0, 100)}
    for name, (low, high) in clips.items():
        values = frame[name].dropna().to_numpy()
        np.testing.assert_array_equal(values, np.round(values * 100) / 100, err_msg=f"{name}: not the double nearest to a decimal")
        assert low <= values.min() and values.max() <= high, name


def test_the_result_describes_the_files(default_dataset):
    result = default_dataset.result
    assert (result["rows"], result["generation"], result["bytes"]) == (175_320, 1, default_dataset.panel.stat().st_size)
    assert default_dataset.panel == default_dataset.base / "raw/raw_server_metrics_2022-01-01_to_2025-12-31.parquet"
    assert default_dataset.path("summary") == default_dataset.panel.with_name("raw_server_metrics_2022-01-01_to_2025-12-31.summary.json")
    assert default_dataset.path("sample") == default_dataset.panel.with_name("raw_server_metrics_2022-01-01_to_2025-12-31.sample.csv")
    assert default_dataset.path("report") == default_dataset.panel.with_name("raw_server_metrics_2022-01-01_to_2025-12-31.report.html")
    assert default_dataset.path("manifest") == default_dataset.base / "manifests" / result["dataset"] / "1.json"


def test_the_manifest_and_its_pointer_hash_what_is_there(default_dataset):
    manifest = default_dataset.json("manifest")
    artifacts = {entry["role"]: entry for entry in manifest["artifacts"]}
    assert set(artifacts) == {"panel", "summary", "sample", "report"}
    for role, entry in artifacts.items():
        path = default_dataset.base / entry["key"]
        assert path == default_dataset.path(role)
        assert (entry["bytes"], entry["sha256"]) == (path.stat().st_size, fleet.sha256(path))
    pointer = json.loads(default_dataset.path("manifest").with_name("latest.json").read_text())
    assert pointer["generation"] == 1
    assert fleet.sha256(default_dataset.path("manifest")) in json.dumps(pointer)


def test_the_sample_is_the_first_hundred_rows(default_dataset, frame):
    sample = pd.read_csv(default_dataset.path("sample"), parse_dates=["date"])
    assert_same_cells(sample, frame.head(100))


def test_a_config_of_nothing_but_the_section_is_the_default_dataset(default_dataset, make_dataset):
    bare = make_dataset(fleet.config())
    assert_same_cells(bare.frame(), default_dataset.frame())
