"""Starts the S3 servers of the system tests and says where they are, one JSON line; ends them when standard input ends."""

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "System"))
import s3servers  # noqa: E402

with tempfile.TemporaryDirectory(prefix="s3-tests-") as folder:
    started = []
    try:
        for name, start in (("juicefs", s3servers.start_juicefs), ("moto", s3servers.start_moto)):
            place = Path(folder) / name
            place.mkdir()
            started.append(start(place))
        print(json.dumps({server.name: server.url for _, server in started}), flush=True)
        sys.stdin.read()
    finally:
        for process, _ in started:
            s3servers.stop(process)
