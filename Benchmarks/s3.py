"""Generating and uploading the panel to a local S3 gateway: fleetsynth beside its peers, on the same machine and in the same minutes.

usage: s3.py [--servers N] [--rounds K]

The gateway is JuiceFS's, with its blocks on the local disk; it shares the cores with whoever uploads. Every contender runs in a process of
its own, in turn, K times; the best time counts. Exit 1 if a threshold of thresholds.json is broken.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import run
from run import BINARY, HERE, ROOT, SUBJECT, Measurement

sys.path.insert(0, str(ROOT / "Tests/System"))

import s3servers
from s3servers import S3Server

PEERS = {"disk-then-boto3": "to disk, then boto3", "pyarrow": "numpy + pyarrow", "duckdb": "duckdb + s3fs"}
MANAGED, DUCKDB = PEERS["disk-then-boto3"], PEERS["duckdb"]


def environment(server: S3Server) -> dict[str, str]:
    # The gateway does not know the newer checksums that come after the body, which PyArrow would send.
    plain = {"AWS_REQUEST_CHECKSUM_CALCULATION": "when_required", "AWS_EC2_METADATA_DISABLED": "true"}
    place = {"AWS_ENDPOINT_URL_S3": server.url, "AWS_REGION": s3servers.REGION, "AWS_DEFAULT_REGION": s3servers.REGION}
    kept = {name: value for name, value in run.peer_environment().items() if not name.startswith("AWS_")}
    return kept | place | plain | s3servers.credentials() | {"FLEETSYNTH": str(BINARY)}


def subject_command(servers: int, bucket: str, folder: Path) -> list[str]:
    config = folder / "benchmark.yaml"
    window = f"num_servers: {servers}, start_date: {run.panel.START}, end_date: {run.panel.END}"
    config.write_text(f"data_generation: {{ {window} }}\nstorage: {{ use_s3: true, bucket_name: {bucket} }}\n")
    return [str(BINARY), "generate", "--config", str(config), "--json"]


def peer_command(name: str) -> Callable[[int, str, Path], list[str]]:
    return lambda servers, bucket, folder: [sys.executable, str(HERE / "s3_peers.py"), name, str(servers), bucket, str(folder)]


def measure(name: str, command: Callable[[int, str, Path], list[str]], servers: int, server: S3Server, scratch: Path) -> Measurement:
    folder, bucket = Path(tempfile.mkdtemp(dir=scratch)), server.new_bucket("bench")
    try:
        line = [sys.executable, "-IS", str(HERE / "measure.py"), str(folder / "measured.json"), *command(servers, bucket, folder)]
        done = subprocess.run(line, stdout=subprocess.PIPE, text=True, env=environment(server))
        if done.returncode != 0:
            sys.exit(f"{name} failed with exit {done.returncode}")
        report, process = json.loads(done.stdout), json.loads((folder / "measured.json").read_text())
        seconds = process["seconds"] if name == SUBJECT else report["seconds"]
        files = downloaded(server, bucket, folder / "downloaded")
        size = sum(file.stat().st_size for file in files)
        return Measurement(name, report["rows"], seconds, size, process["peak_mib"], process["cpu"], run.means(files))
    finally:
        emptied(server, bucket)
        shutil.rmtree(folder)


def downloaded(server: S3Server, bucket: str, folder: Path) -> list[Path]:
    """The panels of the bucket as files: what was uploaded is looked at, not what was meant to be."""
    folder.mkdir()
    client = server.client()
    keys = [entry["Key"] for entry in client.list_objects_v2(Bucket=bucket)["Contents"] if entry["Key"].endswith(".parquet")]
    files = [folder / key.replace("/", "-") for key in keys]
    for key, file in zip(keys, files, strict=True):
        client.download_file(bucket, key, str(file))
    return files


def emptied(server: S3Server, bucket: str) -> None:
    client = server.client()
    for entry in client.list_objects_v2(Bucket=bucket).get("Contents", []):
        client.delete_object(Bucket=bucket, Key=entry["Key"])


def print_table(results: dict[str, Measurement]) -> None:
    subject = results[SUBJECT]
    print(f"\n| {'':<20} | seconds | Mrows/s | MB | peak MiB | x as long as {SUBJECT} |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, result in results.items():
        figures = [f"{result.seconds:.2f}", f"{result.rate / 1e6:.2f}", f"{result.bytes / 1e6:.0f}", f"{result.peak_mib:.0f}"]
        print(f"| {name:<20} | {' | '.join(figures)} | {subject.rate / result.rate:.2f} |")


def broken_thresholds(results: dict[str, Measurement], thresholds: dict) -> list[str]:
    subject = results[SUBJECT]
    faster = {name: subject.rate / result.rate for name, result in results.items()}
    checks = [
        (faster[MANAGED] > thresholds["ratio_to_managed_upload_min"], f"{faster[MANAGED]:.2f} times {MANAGED}"),
        (faster[DUCKDB] >= thresholds["ratio_to_duckdb_min"], f"{faster[DUCKDB]:.2f} times {DUCKDB}"),
        (subject.peak_mib <= thresholds["peak_mib_max"], f"{subject.peak_mib:.0f} MiB of memory"),
    ]
    return [text for holds, text in checks if not holds]


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure publication to S3 beside other ways.")
    parser.add_argument("--servers", type=int, default=20_000, help="servers of four years each (default 20,000: 29 million rows)")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    contenders = {SUBJECT: subject_command} | {title: peer_command(name) for name, title in PEERS.items()}

    best: dict[str, Measurement] = {}
    with tempfile.TemporaryDirectory(dir=ROOT / ".build", prefix="bench-s3-") as scratch:
        gateway, server = s3servers.start_juicefs(Path(scratch))
        try:
            for round_number in range(arguments.rounds):
                for name, command in contenders.items():
                    result = measure(name, command, arguments.servers, server, Path(scratch))
                    print(f"round {round_number + 1}: {name}: {result.seconds:.2f} s, {result.peak_mib:.0f} MiB", file=sys.stderr)
                    if name not in best or result.seconds < best[name].seconds:
                        best[name] = result
        finally:
            s3servers.stop(gateway)
    run.check_same_panel(list(best.values()))
    print_table(best)
    broken = broken_thresholds(best, json.loads((HERE / "thresholds.json").read_text())["s3"])
    print("\n".join(f"THRESHOLD BROKEN: {line}" for line in broken) or "all thresholds hold")
    (HERE / "last-s3.json").write_text(json.dumps([asdict(result) for result in best.values()], indent=2) + "\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
