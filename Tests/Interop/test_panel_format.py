"""What the Parquet file says about itself: statistics, page index, checksums, sorting, provenance."""

import shutil

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

import fleet

ROW_GROUP = 1 << 20


@pytest.fixture(scope="module")
def large_dataset(tmp_path_factory) -> fleet.Published:
    """Just above 3 Mi rows: 2,154 servers of four years."""
    folder = tmp_path_factory.mktemp("large")
    content = fleet.config({"num_servers": 2_154})
    return fleet.generate(fleet.write_config(folder / "large.yaml", content), folder / "data")


@pytest.fixture(params=["default", "large"])
def dataset(request, default_dataset):
    return default_dataset if request.param == "default" else request.getfixturevalue("large_dataset")


def test_three_mi_rows_make_several_row_groups(large_dataset):
    metadata = pq.read_metadata(large_dataset.panel)
    rows = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
    assert sum(rows) == metadata.num_rows == 2_154 * 1_461
    assert len(rows) >= 3
    assert all(ROW_GROUP // 2 <= count <= ROW_GROUP * 2 for count in rows[:-1])
    frame = large_dataset.frame(["server_id", "date"])
    assert frame.equals(frame.sort_values(["server_id", "date"], kind="stable"))
    assert not frame.duplicated().any()


def test_statistics_agree_with_the_data(dataset):
    file = pq.ParquetFile(dataset.panel)
    for group in range(file.num_row_groups):
        frame = file.read_row_group(group).to_pandas()
        for index, name in enumerate(frame.columns):
            statistics = file.metadata.row_group(group).column(index).statistics
            values = frame[name].dropna()
            assert statistics.has_min_max, name
            assert (statistics.min, statistics.max) == (values.min(), values.max()), name
            assert statistics.null_count == len(frame) - len(values), name


def test_every_column_has_a_page_index(dataset):
    metadata = pq.read_metadata(dataset.panel)
    chunks = [metadata.row_group(group).column(index) for group in range(metadata.num_row_groups) for index in range(metadata.num_columns)]
    assert all(chunk.has_column_index and chunk.has_offset_index for chunk in chunks)


def test_sorting_columns_name_server_and_date(dataset):
    metadata = pq.read_metadata(dataset.panel)
    for group in range(metadata.num_row_groups):
        order = [(column.column_index, column.descending) for column in metadata.row_group(group).sorting_columns]
        assert order == [(0, False), (1, False)]


@pytest.mark.parametrize("day", ["2022-01-01", "2024-02-29", "2025-12-31"])
def test_filters_that_use_statistics_and_page_index_find_every_row(dataset, day):
    servers = dataset.result["rows"] // 1_461
    table = pq.read_table(dataset.panel, filters=[("date", "=", pd.Timestamp(day))], columns=["server_id"])
    with duckdb.connect() as connection:
        found = connection.execute("select count(*) from read_parquet(?) where date = ?::timestamp", [str(dataset.panel), day]).fetchone()
    assert table.num_rows == servers == found[0]


def test_strings_and_values_are_dictionary_encoded_and_small(default_dataset):
    metadata = pq.read_metadata(default_dataset.panel)
    for index in range(metadata.num_columns):
        chunk = metadata.row_group(0).column(index)
        if chunk.path_in_schema != "date":
            assert {"RLE_DICTIONARY", "PLAIN_DICTIONARY"} & set(chunk.encodings), chunk.path_in_schema
    assert default_dataset.panel.stat().st_size / metadata.num_rows <= 7.5


def test_provenance_is_in_the_file(default_dataset):
    metadata = {key.decode(): value.decode() for key, value in (pq.read_metadata(default_dataset.panel).metadata or {}).items()}
    manifest = default_dataset.json("manifest")
    assert metadata["fleetsynth.dataset"] == default_dataset.result["dataset"]
    assert metadata["fleetsynth.seed"] == "42"
    assert metadata["fleetsynth.algorithm_version"] == str(manifest["algorithm_version"])
    assert metadata["fleetsynth.config_sha256"] in (manifest["config_sha256"], manifest["data_sha256"])


@pytest.mark.parametrize("column", fleet.KEYS + fleet.METRICS)
def test_a_flipped_byte_in_a_page_is_noticed(default_dataset, tmp_path, column):
    damaged = tmp_path / "damaged.parquet"
    shutil.copy(default_dataset.panel, damaged)
    pq.read_table(damaged, columns=[column], page_checksum_verification=True)
    metadata = pq.read_metadata(damaged)
    chunk = metadata.row_group(0).column(metadata.schema.names.index(column))
    first = chunk.dictionary_page_offset if chunk.has_dictionary_page else chunk.data_page_offset
    with damaged.open("r+b") as file:
        file.seek(first + chunk.total_compressed_size - 1)
        last = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([last ^ 1]))
    with pytest.raises(OSError, match=r"(?i)crc|checksum"):
        pq.read_table(damaged, columns=[column], page_checksum_verification=True)


def test_the_byte_size_of_large_panels_stays_in_bounds(large_dataset):
    assert large_dataset.result["bytes"] == large_dataset.panel.stat().st_size
    assert large_dataset.panel.stat().st_size / large_dataset.result["rows"] <= 7.5
