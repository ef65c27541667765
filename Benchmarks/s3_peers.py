"""Peers of `fleetsynth` with S3: what writes the panel to a bucket by other means.

usage: s3_peers.py PEER SERVERS BUCKET FOLDER

The endpoint and the keys stand in the environment, as for any client. Prints what it took, without the time to import libraries.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import boto3
import duckdb
import s3fs

import duckdb_sql
import numpy_pyarrow
import panel

ENDPOINT = os.environ["AWS_ENDPOINT_URL_S3"]
FLOAT_TYPE = "double"


def disk_then_boto3(servers: int, bucket: str, folder: Path) -> None:
    """fleetsynth to a local disk, then boto3's managed upload of the file, with its defaults: 8 MiB parts, ten threads."""
    config = folder / "benchmark.yaml"
    config.write_text(f"data_generation: {{ num_servers: {servers}, start_date: {panel.START}, end_date: {panel.END} }}\n")
    base = ["--set", f"storage.local_base_path={json.dumps(str(folder))}"]
    done = subprocess.run([os.environ["FLEETSYNTH"], "generate", "--config", config, "--json", *base], check=True, stdout=subprocess.PIPE)
    boto3.client("s3").upload_file(json.loads(done.stdout)["panel"], bucket, "panel.parquet")


def pyarrow(servers: int, bucket: str, _: Path) -> None:
    options = f"?region={os.environ['AWS_REGION']}&scheme=http&endpoint_override={quote(ENDPOINT.removeprefix('http://'))}"
    numpy_pyarrow.write_to(servers, lambda first: f"s3://{bucket}/part-{first}.parquet{options}", FLOAT_TYPE)


def duckdb_fsspec(servers: int, bucket: str, _: Path) -> None:
    """Through fsspec: DuckDB's own S3 client is an extension that has to be downloaded."""
    with duckdb.connect() as connection:
        connection.register_filesystem(s3fs.S3FileSystem(client_kwargs={"endpoint_url": ENDPOINT}))
        duckdb_sql.copy_panel(connection, servers, f"s3://{bucket}/panel.parquet", FLOAT_TYPE)


PEERS = {"disk-then-boto3": disk_then_boto3, "pyarrow": pyarrow, "duckdb": duckdb_fsspec}


def main() -> None:
    name, servers, bucket, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
    started = time.perf_counter()
    PEERS[name](servers, bucket, folder)
    print(json.dumps({"rows": servers * panel.DAYS, "seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main()
