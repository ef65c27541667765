"""Every file of `parquet-cases` through five readers, and its metadata and page index against its data.

The files are in FLEETSYNTH_PARQUET_CASES, or are made there by the command in FLEETSYNTH_CASES_CMD (default: the built `parquet-cases`).
The Thrift reader below is only a few lines because the oracle for the page index must not be the code under test, and no Python library
shows a page index.
"""

import atexit
import json
import os
import pathlib
import shlex
import shutil
import struct
import subprocess
import tempfile
import zlib

import duckdb
import fastparquet
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def folder() -> pathlib.Path:
    given = os.environ.get("FLEETSYNTH_PARQUET_CASES")
    if given:
        return pathlib.Path(given)
    made = pathlib.Path(tempfile.mkdtemp(prefix="parquet-cases-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    command = os.environ.get("FLEETSYNTH_CASES_CMD", str(ROOT / ".build/release/parquet-cases"))
    subprocess.run([*shlex.split(command), str(made)], check=True, stdout=subprocess.DEVNULL)
    return made


class Case:
    TYPES = {
        "utf8": pa.string(),
        "timestampMicros": pa.timestamp("us"),
        "date32": pa.date32(),
        "double": pa.float64(),
        "float": pa.float32(),
        "boolean": pa.bool_(),
        "int32": pa.int32(),
    }
    INTEGERS = {"timestampMicros": pa.int64(), "date32": pa.int32()}

    def __init__(self, path: pathlib.Path):
        self.path = str(path.with_suffix(".parquet"))
        self.spec = json.loads(path.read_text())
        self.columns = self.spec["columns"]
        self.groups = self.spec["row_groups"]
        self.bytes = pathlib.Path(self.path).read_bytes()
        self.table = pa.Table.from_arrays(
            [self.array(column) for column in self.columns],
            schema=pa.schema([pa.field(c["name"], self.TYPES[c["type"]], c["nullable"]) for c in self.columns]),
        )

    def array(self, column):
        kind, values = column["type"], column["values"]
        if kind == "float":
            values = [None if v is None else np.float32(v) for v in values]
        elif kind == "double":
            values = [None if v is None else float(v) for v in values]
        return pa.array(values, self.INTEGERS.get(kind, self.TYPES[kind])).cast(self.TYPES[kind])

    def slices(self):
        first = 0
        for index, rows in enumerate(self.groups):
            yield index, self.table.slice(first, rows)
            first += rows


CASES = [Case(path) for path in sorted(folder().glob("*.json"))]
FULL = [case for case in CASES if case.groups]
by_name = pytest.mark.parametrize("case", CASES, ids=lambda case: case.spec["name"])
with_rows = pytest.mark.parametrize("case", FULL, ids=lambda case: case.spec["name"])


def bits(array: pa.ChunkedArray) -> list:
    """Values that compare bit for bit: NaN equals NaN, -0 differs from 0."""
    if pa.types.is_floating(array.type):
        size = "<d" if array.type == pa.float64() else "<f"
        return [None if v is None else "nan" if v != v else struct.pack(size, v) for v in array.to_pylist()]
    return array.to_pylist()


def assert_equal(found: pa.Table, case: Case):
    assert found.column_names == case.table.column_names
    for name in case.table.column_names:
        assert bits(found[name].cast(case.table[name].type)) == bits(case.table[name]), name


def test_there_are_cases():
    assert len(CASES) >= 50


# Values


@by_name
def test_pyarrow_reads_equal_values_types_and_checksums(case):
    found = pq.read_table(case.path, page_checksum_verification=True)
    assert found.schema.remove_metadata().equals(case.table.schema)
    assert_equal(found, case)
    metadata = pq.read_metadata(case.path).metadata
    assert metadata[b"case"].decode() == case.spec["name"] and metadata[b"note"].decode() == "Größe ≠ Länge"


@by_name
def test_polars_reads_equal_values(case):
    found = pl.read_parquet(case.path)
    kinds = {"utf8": pl.String, "timestampMicros": pl.Datetime("us"), "date32": pl.Date, "double": pl.Float64, "float": pl.Float32,
             "boolean": pl.Boolean, "int32": pl.Int32}
    assert found.dtypes == [kinds[c["type"]] for c in case.columns]
    assert_equal(found.to_arrow(), case)


@by_name
def test_duckdb_reads_equal_values(case):
    relation = duckdb.connect().read_parquet(case.path)
    kinds = {"utf8": "VARCHAR", "timestampMicros": "TIMESTAMP", "date32": "DATE", "double": "DOUBLE", "float": "FLOAT",
             "boolean": "BOOLEAN", "int32": "INTEGER"}
    assert [str(kind) for kind in relation.types] == [kinds[c["type"]] for c in case.columns]
    assert_equal(relation.to_arrow_table(), case)


def assert_frame(found: pd.DataFrame, case: Case):
    assert list(found.columns) == case.table.column_names
    assert len(found) == case.table.num_rows
    for column in case.columns:
        series, expected = found[column["name"]], case.table[column["name"]]
        kind = column["type"]
        if kind in ("double", "float"):
            assert series.dtype == ("float64" if kind == "double" else "float32")
            np.testing.assert_array_equal(series.to_numpy(), expected.to_numpy())
        elif kind == "timestampMicros":
            assert series.dtype.kind == "M" and series.dt.tz is None
            np.testing.assert_array_equal(series.to_numpy().astype("M8[us]"), expected.to_numpy().astype("M8[us]"))
        elif kind == "date32":
            values = pd.to_datetime(series).to_numpy().astype("M8[D]")
            np.testing.assert_array_equal(values, expected.to_numpy().astype("M8[D]"))
        else:
            if kind == "utf8":
                assert series.dtype == object or pd.api.types.is_string_dtype(series)
            values = [None if pd.isna(v) else (bool(v) if kind == "boolean" else v) for v in series]
            assert values == expected.to_pylist()


@by_name
@pytest.mark.parametrize("engine", ["pyarrow", "fastparquet"])
def test_pandas_reads_equal_values(case, engine):
    if engine == "fastparquet":
        file = fastparquet.ParquetFile(case.path)
        if any(9 in group[1][0][3][2] for group in footer(case)[4]):
            # The one combination that not all five readers know; the layout option `splitsBytes` is there for it.
            with pytest.raises(NotImplementedError, match="Encoding 9"):
                file.to_pandas()
            return
        found = file.to_pandas()
    else:
        found = pd.read_parquet(case.path, engine=engine)
    assert_frame(found, case)


# Statistics


def zero(value):
    """Bounds of either zero are equal."""
    return 0.0 if isinstance(value, float) and value == 0 else value


def range_of(array: pa.ChunkedArray):
    values = [v for v in array.to_pylist() if v is not None and v == v]
    if pa.types.is_string(array.type):
        return (min(values, key=str.encode), max(values, key=str.encode)) if values else (None, None)
    return (zero(min(values)), zero(max(values))) if values else (None, None)


@with_rows
def test_chunk_statistics_agree_with_the_data(case):
    metadata = pq.read_metadata(case.path)
    assert metadata.num_row_groups == len(case.groups) and metadata.num_rows == case.table.num_rows
    for index, rows in case.slices():
        group = metadata.row_group(index)
        assert group.num_rows == rows.num_rows
        assert [s.column_index for s in group.sorting_columns] == case.spec["sorting_columns"]
        for position, name in enumerate(rows.column_names):
            chunk, values = group.column(position), rows[name]
            statistics = chunk.statistics
            assert chunk.compression == case.spec["codec"]
            assert chunk.has_offset_index
            assert statistics.null_count == values.null_count
            low, high = range_of(values)
            assert statistics.has_min_max == (low is not None)
            if low is not None:
                assert (zero(statistics.min), zero(statistics.max)) == (low, high)
            if statistics.distinct_count is not None:
                assert statistics.distinct_count == len(set(values.drop_null().to_pylist()))


@with_rows
def test_duckdb_sees_the_same_statistics(case):
    query = """SELECT row_group_id, column_id, stats_null_count, stats_min_value, stats_max_value, num_values, total_compressed_size,
        data_page_offset, dictionary_page_offset FROM parquet_metadata(?) ORDER BY 1, 2"""
    rows = duckdb.connect().execute(query, [case.path]).fetchall()
    slices = dict(case.slices())
    assert len(rows) == len(slices) * len(case.columns)
    for group, position, nulls, low, high, values, size, data, dictionary in rows:
        column = slices[group].column(position)
        assert (nulls, values) == (column.null_count, len(column))
        expected = range_of(column)
        if expected[0] is None:
            assert low is None and high is None
        elif pa.types.is_floating(column.type) and np.inf in np.abs(expected):
            assert low is None or high is None, "DuckDB shows no infinite bound"
        elif pa.types.is_floating(column.type):
            cast = np.float32 if column.type == pa.float32() else float
            assert (cast(low), cast(high)) == expected
        elif pa.types.is_string(column.type):
            assert (low, high) == expected
        start = data if dictionary is None else min(data, dictionary)
        assert start >= 4 and start + size <= len(case.bytes)


@with_rows
def test_fastparquet_sees_the_same_null_counts(case):
    statistics = fastparquet.ParquetFile(case.path).statistics
    for column in case.columns:
        found = statistics["null_count"][column["name"]]
        assert found == [rows[column["name"]].null_count for _, rows in case.slices()]


# Page index


class Thrift:
    """Reads one structure of the compact protocol into a dict by field id."""

    def __init__(self, data: bytes, offset: int):
        self.data, self.offset = data, offset

    def byte(self) -> int:
        self.offset += 1
        return self.data[self.offset - 1]

    def varint(self) -> int:
        shift = value = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def value(self, kind: int):
        if kind in (4, 5, 6):
            number = self.varint()
            return number >> 1 ^ -(number & 1)
        if kind == 8:
            size = self.varint()
            self.offset += size
            return self.data[self.offset - size : self.offset]
        if kind == 9:
            head = self.byte()
            size = head >> 4 if head >> 4 < 15 else self.varint()
            if head & 15 in (1, 2):
                return [self.byte() == 1 for _ in range(size)]
            return [self.value(head & 15) for _ in range(size)]
        assert kind == 12, kind
        return self.structure()

    def structure(self) -> dict:
        fields, last = {}, 0
        while head := self.byte():
            assert head >> 4, "long field header"
            last += head >> 4
            fields[last] = head & 15 == 1 if head & 15 in (1, 2) else self.value(head & 15)
        return fields


def decoded(value: bytes, kind: str):
    formats = {"timestampMicros": "<q", "date32": "<i", "double": "<d", "float": "<f", "boolean": "<?",
               "int32": "<i"}
    return value.decode() if kind == "utf8" else zero(struct.unpack(formats[kind], value)[0])


def footer(case: Case) -> dict:
    assert case.bytes[:4] == case.bytes[-4:] == b"PAR1"
    size = struct.unpack("<I", case.bytes[-8:-4])[0]
    reader = Thrift(case.bytes, len(case.bytes) - 8 - size)
    fields = reader.structure()
    assert reader.offset == len(case.bytes) - 8
    return fields


@with_rows
def test_page_index_and_checksums_agree_with_the_data(case):
    per_page = case.spec["rows_per_page"]
    for group, (_, rows) in zip(footer(case)[4], case.slices()):
        for chunk, column in zip(group[1], case.columns):
            values = case.INTEGERS.get(column["type"])
            array = rows[column["name"]]
            array = array if values is None else array.cast(values)
            pages = Thrift(case.bytes, chunk[4]).structure()[1]
            index = Thrift(case.bytes, chunk[6]).structure() if 6 in chunk else None
            starts = range(0, len(array), per_page)
            assert [page[3] for page in pages] == list(starts)
            assert pages[0][1] == chunk[3][9]
            bounds = []
            for number, (page, start) in enumerate(zip(pages, starts)):
                part = array.slice(start, per_page)
                reader = Thrift(case.bytes, page[1])
                header = reader.structure()
                assert reader.offset + header[3] == page[1] + page[2]
                assert header[1] == 0 and header[5][1] == len(part)
                if case.spec["name"] == "no_checksums":
                    assert 4 not in header
                else:
                    assert header[4] & 0xFFFFFFFF == zlib.crc32(case.bytes[reader.offset : reader.offset + header[3]])
                low, high = range_of(part)
                if index is None:
                    continue
                assert index[1][number] == (low is None)
                assert index[5][number] == part.null_count
                if low is not None:
                    found = decoded(index[2][number], column["type"]), decoded(index[3][number], column["type"])
                    assert found == (low, high)
                    bounds.append(found)
            has_nan_page = any(
                part.null_count < len(part) and range_of(part)[0] is None for part in (array.slice(s, per_page) for s in starts)
            )
            assert (index is None) == has_nan_page
            if index is not None:
                rising = all(a[0] <= b[0] and a[1] <= b[1] for a, b in zip(bounds, bounds[1:]))
                falling = all(a[0] >= b[0] and a[1] >= b[1] for a, b in zip(bounds, bounds[1:]))
                if column["type"] != "utf8":
                    assert index[4] == (1 if rising else 2 if falling else 0)
            if column["name"] == "server_id":
                assert index[4] == 1


@with_rows
def test_footer_sizes_add_up_and_bounds_are_exact(case):
    for group in footer(case)[4]:
        chunks = [chunk[3] for chunk in group[1]]
        assert group[2] == sum(chunk[6] for chunk in chunks)
        assert group[6] == sum(chunk[7] for chunk in chunks)
        assert group[5] == chunks[0].get(11, chunks[0][9])
        for chunk in chunks:
            # Bounds are never truncated, and say so.
            if 5 in chunk[12]:
                assert chunk[12][7] and chunk[12][8]
            assert sum(stats[3] for stats in chunk[13] if stats[1] == 0) >= 1


# Damage


@pytest.mark.parametrize("name", ["codec_zstd", "codec_snappy", "codec_none", "full_pages"])
def test_a_flipped_byte_is_noticed(name, tmp_path):
    case = next(case for case in CASES if case.spec["name"] == name)
    chunk = pq.read_metadata(case.path).row_group(0).column(len(case.columns) - 1)
    for offset in (chunk.dictionary_page_offset, chunk.data_page_offset):
        reader = Thrift(case.bytes, offset)
        header = reader.structure()
        damaged = bytearray(case.bytes)
        damaged[reader.offset + header[3] // 2] ^= 0x10
        path = tmp_path / "damaged.parquet"
        path.write_bytes(damaged)
        with pytest.raises(OSError, match="(?i)crc"):
            pq.read_table(path, page_checksum_verification=True)


def test_sizes_stay_small():
    """Bytes per row of 100 servers and four years: two metrics at 14 bits, and next to nothing for labels and dates."""
    case = next(case for case in CASES if case.spec["name"] == "full_pages")
    assert len(case.bytes) / case.table.num_rows < 2 * 1.75 + 0.45
