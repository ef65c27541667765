"""A commit of many shards on a local S3 server: seconds by the clock and of the processor, memory, and the requests to the server.

usage: commit_s3.py [--shards N] [--server juicefs|moto] [--truth] [--trace]

The server shares the machine with the commit. With --trace a proxy counts the requests, which makes the commit slower.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import s3
from run import BINARY, HERE, ROOT
from s3 import s3servers


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure a commit of many shards on a local S3 server.")
    parser.add_argument("--shards", type=int, default=1000)
    parser.add_argument("--server", choices=["juicefs", "moto"], default="juicefs")
    parser.add_argument("--truth", action="store_true", help="with the table of cells: two files to a shard")
    parser.add_argument("--trace", action="store_true", help="count the requests of the commit by their kind")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT / ".build", prefix="bench-commit-") as scratch:
        folder = Path(scratch)
        process, server = {"juicefs": s3servers.start_juicefs, "moto": s3servers.start_moto}[arguments.server](folder)
        try:
            result = measured(arguments, folder, server)
        finally:
            s3servers.stop(process)
    print(json.dumps(result))
    return 0


def measured(arguments: argparse.Namespace, folder: Path, server: s3servers.S3Server) -> dict:
    config = folder / "many.yaml"
    truth = "truth: { cells: true }\n" if arguments.truth else ""
    config.write_text(
        f"data_generation: {{ num_servers: {2 * arguments.shards}, start_date: 2025-01-01, end_date: 2025-12-31 }}\n{truth}"
        f"storage: {{ use_s3: true, bucket_name: {server.new_bucket('bench')} }}\n")
    environment = s3.environment(server)

    def stage(index: int) -> None:
        line = [str(BINARY), "generate", "--config", str(config), "--shard", f"{index}/{arguments.shards}", "--threads", "1", "--json"]
        subprocess.run(line, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)

    begin = time.monotonic()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(stage, range(arguments.shards)))
    staged = time.monotonic() - begin
    proxy = None
    if arguments.trace:
        from fault_proxy import FaultProxy

        proxy = FaultProxy(server.url)
        environment |= {"AWS_ENDPOINT_URL_S3": proxy.url}
    measure = [sys.executable, "-IS", str(HERE / "measure.py"), str(folder / "measured.json")]
    line = [*measure, str(BINARY), "commit", "--config", str(config), "--shards", str(arguments.shards), "--json"]
    done = subprocess.run(line, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    report, process = json.loads(done.stdout), json.loads((folder / "measured.json").read_text())
    result = {
        "server": arguments.server, "shards": arguments.shards, "parts": report["parts"], "rows": report["rows"], "staging_seconds": round(staged, 1),
        "commit_seconds": round(process["seconds"], 2), "processor_seconds": process["cpu"], "peak_mib": process["peak_mib"],
    }
    if proxy:
        result["requests"] = dict(Counter(one.operation for one in proxy.seen))
        proxy.close()
    return result


if __name__ == "__main__":
    sys.exit(main())
