"""Five independent Parquet readers, brought to one form so that their answers can be compared."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq


def by_duckdb(path: Path) -> pd.DataFrame:
    with duckdb.connect() as connection:
        return connection.read_parquet(str(path)).df()


READERS = {
    "pandas with pyarrow": lambda path: pd.read_parquet(path, engine="pyarrow"),
    "pandas with fastparquet": lambda path: pd.read_parquet(path, engine="fastparquet"),
    "pyarrow": lambda path: pq.read_table(path, use_threads=False, page_checksum_verification=True).to_pandas(),
    "polars": lambda path: pl.read_parquet(path).to_pandas(),
    "duckdb": by_duckdb,
}


def assert_same_cells(actual: pd.DataFrame, expected: pd.DataFrame) -> None:
    """The same columns, null positions and values, bit for bit; only how a reader spells a type may differ."""
    assert list(actual.columns) == list(expected.columns)
    assert len(actual) == len(expected)
    for name in expected.columns:
        left, right = plain(actual[name]), plain(expected[name])
        np.testing.assert_array_equal(left, right, err_msg=f"column {name}", strict=True)


def plain(column: pd.Series) -> np.ndarray:
    """Microseconds for times, objects for text, NaN for nulls of numbers."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.to_numpy("datetime64[us]")
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy()
    text = column.astype(object)
    if len(text) and hasattr(text.iloc[0], "isoformat"):
        return pd.to_datetime(text).to_numpy("datetime64[us]")
    return text.to_numpy()
