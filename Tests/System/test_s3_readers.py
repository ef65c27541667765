"""What others make of a panel in S3: pandas through s3fs, DuckDB through fsspec (its httpfs extension is a download), PyArrow and boto3."""

import io
import subprocess
import sys
from urllib.parse import urlsplit

import duckdb
import pandas as pd
import pyarrow.fs
import pyarrow.parquet as pq
import pytest
import s3fs

from readers import assert_same_cells
from s3servers import ACCESS_KEY, REGION, SECRET_KEY
from s3store import LARGE, S3Place, environment
from store import Store


def file_system(place: S3Place) -> s3fs.S3FileSystem:
    client = {"endpoint_url": place.server.url, "region_name": REGION}
    return s3fs.S3FileSystem(key=ACCESS_KEY, secret=SECRET_KEY, client_kwargs=client, skip_instance_cache=True)


def by_pandas(place: S3Place, url: str) -> pd.DataFrame:
    client = {"endpoint_url": place.server.url, "region_name": REGION}
    return pd.read_parquet(url, storage_options={"key": ACCESS_KEY, "secret": SECRET_KEY, "client_kwargs": client})


def by_duckdb(place: S3Place, url: str) -> pd.DataFrame:
    with duckdb.connect() as connection:
        connection.register_filesystem(file_system(place))
        return connection.execute("select * from read_parquet(?)", [url]).df()


def by_pyarrow(place: S3Place, url: str) -> pd.DataFrame:
    address = urlsplit(place.server.url)
    system = pyarrow.fs.S3FileSystem(
        access_key=ACCESS_KEY, secret_key=SECRET_KEY, region=REGION, scheme=address.scheme, endpoint_override=address.netloc
    )
    return pq.read_table(url.removeprefix("s3://"), filesystem=system, page_checksum_verification=True).to_pandas()


def by_boto3(place: S3Place, url: str) -> pd.DataFrame:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return pd.read_parquet(io.BytesIO(place.server.client().get_object(Bucket=bucket, Key=key)["Body"].read()))


READERS = {"pandas-s3fs": by_pandas, "duckdb-fsspec": by_duckdb, "pyarrow": by_pyarrow, "boto3": by_boto3}


@pytest.mark.parametrize("reader", READERS)
def test_a_panel_in_s3_reads_like_the_local_one(s3_server, tmp_path, reader):
    sets = {key: value for key, value in LARGE.items() if not key.startswith("storage.")} | {"data_generation.num_servers": 700}
    local = Store(tmp_path / "local")
    local.publish(sets)
    [name] = [name for name in local.files() if name.endswith(".parquet")]
    place = S3Place.new(tmp_path / "s3", s3_server)
    url = place.publish(sets | {"storage.part_size": "5MiB"})["panel"]
    assert_same_cells(READERS[reader](place, url), pd.read_parquet(local.base / name))


def test_the_printed_command_opens_the_panel(s3_server, tmp_path):
    """With the endpoint of the config, and a prefix that a shell and Python would both take apart."""
    place = S3Place.new(tmp_path, s3_server, sets={"storage.raw_prefix": "it's $HOME `x`/"})
    line = [part for part in place.command() if part != "--json"]
    done = subprocess.run(line, env=environment(), cwd=place.folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    command = done.stdout.splitlines()[-1].strip().replace("python3", sys.executable, 1)
    shown = subprocess.run(["sh", "-c", command], env=environment(), capture_output=True, text=True)
    assert shown.returncode == 0 and "cpu_p95" in shown.stdout, shown.stderr
