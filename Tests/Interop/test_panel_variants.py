"""Every output option and odd shape, read back by every reader and compared with the plain form of the same panel."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import fleet
from readers import READERS, assert_same_cells

SMALL = {"num_servers": 5, "start_date": "2024-02-01", "end_date": "2024-03-31"}


def assert_all_readers_agree(dataset: fleet.Published) -> pd.DataFrame:
    """Every reader's cells equal Arrow's; returns them."""
    expected = pq.read_table(dataset.panel).to_pandas()
    for name, reader in READERS.items():
        try:
            assert_same_cells(reader(dataset.panel), expected)
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from error
    return expected


def small_dataset(make_dataset, data: dict | None = None, **sections) -> fleet.Published:
    return make_dataset(fleet.config(SMALL | (data or {}), **sections))


@pytest.mark.parametrize("codec", ["zstd", "snappy", "none"])
def test_codecs_change_the_file_but_no_cell(make_dataset, codec):
    dataset = small_dataset(make_dataset, output={"compression": codec})
    metadata = pq.read_metadata(dataset.panel)
    used = {metadata.row_group(0).column(index).compression for index in range(metadata.num_columns)}
    assert used <= {"UNCOMPRESSED", codec.upper()} and (codec == "none" or codec.upper() in used)
    assert_same_cells(assert_all_readers_agree(dataset), small_dataset(make_dataset).frame())


def test_float_metrics_are_the_double_values_rounded_to_single(make_dataset):
    frame = assert_all_readers_agree(small_dataset(make_dataset, output={"float_type": "float"}))
    double = small_dataset(make_dataset).frame()
    assert all(frame[name].dtype == np.float32 for name in fleet.METRICS)
    assert_same_cells(frame, double.astype(dict.fromkeys(fleet.METRICS, np.float32)))


def test_date32_is_a_date_in_every_reader(make_dataset):
    dataset = small_dataset(make_dataset, output={"time_type": "date32"})
    assert pq.read_schema(dataset.panel).field("date").type == pa.date32()
    assert_same_cells(assert_all_readers_agree(dataset), small_dataset(make_dataset).frame())


def test_the_time_column_can_be_renamed(make_dataset):
    frame = assert_all_readers_agree(small_dataset(make_dataset, output={"time_column": "ds"}))
    assert_same_cells(frame, small_dataset(make_dataset).frame().rename(columns={"date": "ds"}))


def test_calendar_flags_follow_the_metrics(make_dataset):
    frame = assert_all_readers_agree(small_dataset(make_dataset, output={"calendar_flags": True}))
    assert list(frame.columns) == fleet.KEYS + fleet.METRICS + ["is_weekend", "is_holiday", "is_eoq_window"]
    assert frame["is_weekend"].equals(frame["date"].dt.day_of_week >= 5)
    days = frame.drop_duplicates("date").set_index("date")
    assert days.index[days["is_holiday"]].strftime("%m-%d").tolist() == ["02-19"]
    assert days.index[days["is_eoq_window"]].strftime("%m-%d").tolist() == [f"03-{day}" for day in (21, 22, 25, 26, 27, 28, 29)]
    assert_same_cells(frame[fleet.KEYS + fleet.METRICS], small_dataset(make_dataset).frame())


@pytest.mark.parametrize("float_type", ["double", "float"])
def test_full_precision_rounds_to_the_two_decimals_of_the_default(make_dataset, float_type):
    full = assert_all_readers_agree(small_dataset(make_dataset, {"decimals": None}, output={"float_type": float_type}))
    rounded = small_dataset(make_dataset).frame()
    for name in fleet.METRICS:
        assert full[name].nunique() > rounded[name].nunique() or float_type == "float"
        precision = 1e-9 if float_type == "double" else 1e-5
        np.testing.assert_allclose(full[name], rounded[name], atol=0.005 + precision, rtol=0)


@pytest.mark.parametrize("decimals", [0, 1, 4, 6])
def test_decimals_are_kept_as_asked(make_dataset, decimals):
    frame = assert_all_readers_agree(small_dataset(make_dataset, {"decimals": decimals}))
    for name in fleet.METRICS:
        values = frame[name].dropna().to_numpy()
        np.testing.assert_array_equal(values, np.round(values * 10**decimals) / 10**decimals)
        assert (values != np.round(values * 10 ** (decimals - 1)) / 10 ** (decimals - 1)).any()


def test_forty_metrics_keep_their_order_names_and_units_of_scale(make_dataset):
    metrics = [fleet.metric(f"metric_{index:02d}", base_mean=10.0 * (index + 1), base_std=index + 1) for index in range(40)]
    frame = assert_all_readers_agree(small_dataset(make_dataset, {"metrics": metrics}))
    assert list(frame.columns) == fleet.KEYS + [entry["name"] for entry in metrics]
    means = frame[[entry["name"] for entry in metrics]].mean()
    standard_error = pd.Series({entry["name"]: entry["base_std"] / np.sqrt(len(frame)) for entry in metrics})
    assert ((means - pd.Series({entry["name"]: entry["base_mean"] for entry in metrics})).abs() < 5 * standard_error).all()


def test_labels_and_prefixes_need_not_be_ascii(make_dataset):
    labels = {"Zürich": 0.5, "東京": 0.3, "São Paulo 🌎": 0.2}
    metadata = {"business_units": ["Ventes & Achats", "Ελλάδα", "Naïve"], "regions": labels}
    frame = assert_all_readers_agree(small_dataset(make_dataset, {"num_servers": 60, "metadata": metadata}))
    assert set(frame["region"]) == set(labels)
    assert set(frame["business_unit"]) == set(metadata["business_units"])


def test_server_ids_have_the_configured_prefix_and_width(make_dataset):
    frame = assert_all_readers_agree(small_dataset(make_dataset, {"server_id": {"prefix": "host_", "width": 7}}))
    assert frame["server_id"].unique().tolist() == [f"host_{number:07d}" for number in range(1, 6)]


def test_one_server_on_one_day_is_one_row(make_dataset):
    one_day = {"num_servers": 1, "start_date": "2024-02-29", "end_date": "2024-02-29", "missing_rate": 0}
    frame = assert_all_readers_agree(small_dataset(make_dataset, one_day))
    assert frame[["server_id", "date"]].values.tolist() == [["SRV-0001", pd.Timestamp("2024-02-29")]]
    assert frame[fleet.METRICS].notna().all(axis=None)


def test_one_server_over_four_years(make_dataset):
    frame = assert_all_readers_agree(make_dataset(fleet.config({"num_servers": 1})))
    assert len(frame) == 1_461


def test_a_missing_rate_of_zero_leaves_no_null(make_dataset):
    dataset = small_dataset(make_dataset, {"missing_rate": 0})
    frame = assert_all_readers_agree(dataset)
    metadata = pq.read_metadata(dataset.panel)
    assert frame.notna().all(axis=None)
    assert all(metadata.row_group(0).column(index).statistics.null_count == 0 for index in range(metadata.num_columns))


def test_missing_cells_hide_values_and_change_no_other(make_dataset):
    whole = small_dataset(make_dataset, {"missing_rate": 0}).frame()
    holed = assert_all_readers_agree(small_dataset(make_dataset, {"missing_rate": 0.04}))
    for name in fleet.METRICS:
        present = holed[name].notna()
        assert 0 < (~present).sum() < len(holed) / 5
        np.testing.assert_array_equal(holed[name][present], whole[name][present])


def test_the_filename_template_and_prefix_are_respected(make_dataset):
    dataset = small_dataset(make_dataset, output={"filename": "{dataset}-{generation}.parquet"}, storage={"raw_prefix": "lake/raw/"})
    assert dataset.panel == dataset.base / "lake/raw/panel-1.parquet"
    assert_all_readers_agree(dataset)
