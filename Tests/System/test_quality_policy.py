"""What follows from a check of the quality gate that fails: a line for each in the log, a verdict in manifest and summary, and the policy."""

import json

import pytest

import fleet
from prometheus import scrape
from service import config

# One missing cell of ten, where one of a thousand may be.
TOO_MANY = {"missing_rate": 0.1}


def quality(**changes) -> dict:
    return {"max_missing_share": 0.001} | changes


def test_each_failed_check_is_a_line_of_its_own_with_its_numbers(make, manager):
    service = make(manager=manager)
    service.put("tiny", config("tiny", TOO_MANY, quality=quality()))
    service.start()
    failed = service.await_event("run-failed-quality", "tiny")
    lines = service.events("quality-check-failed", "tiny", run_id=failed["run_id"])
    assert [line["metric"] for line in lines] == fleet.METRICS and {line["check"] for line in lines} == {"missing_share"}
    for line in lines:
        assert float(line["realised"]) > float(line["requested"]) == 0.001
        assert "quality.max_missing_share" in line["message"]
    assert service.generation("tiny") == 0


def test_on_failure_warn_publishes_with_the_verdict_and_says_so(make, manager):
    service = make(manager=manager)
    service.put("tiny", config("tiny", TOO_MANY, quality=quality(on_failure="warn")))
    service.start()
    service.await_event("run-published", "tiny")
    assert service.count("quality-check-failed", "tiny") == len(fleet.METRICS)
    manifest = json.loads((service.store("tiny") / "manifests/tiny/1.json").read_text())
    verdict = manifest["quality"]
    assert verdict["passed"] is False and verdict["failed"] == [f"missing_share of {metric}" for metric in fleet.METRICS]
    service.verify("tiny")

    # Nothing says that every check passed: not the log, whose catalog text has this number, not the status, not the metric, not after a restart either.
    (published,) = service.events("run-published", "tiny")
    assert published["checks_failed"] == str(len(fleet.METRICS)) and "which failed 4 checks of the quality gate" in published["message"]
    for _ in range(2):
        assert service.await_idle("tiny")["tiny"]["failed_checks"] == len(fleet.METRICS)
        assert scrape(service).value("quality_passed", dataset="tiny") == 0
        service.stop()
        service.start()
    catalog = (fleet.ROOT / "systemd/fleetsynth.catalog").read_text()
    assert "that it failed: @CHECKS_FAILED@." in catalog and "passed every check" not in catalog


@pytest.mark.parametrize("policy, code", [("fail", 65), ("warn", 0)])
def test_generate_follows_the_policy(store, policy, code):
    done = store.run({"data_generation.missing_rate": 0.2, "quality.on_failure": policy})
    assert done.returncode == code, done.stderr
    assert done.stderr.count("the share of missing cells is") == len(fleet.METRICS)
    assert ("published although a check failed" in done.stderr) == (policy == "warn")


@pytest.mark.parametrize("policy, code", [("fail", 65), ("warn", 0)])
def test_a_slice_follows_the_policy(store, tmp_path, policy, code):
    target = tmp_path / "slice.parquet"
    done = store.run({"data_generation.missing_rate": 0.2, "quality.on_failure": policy}, "--output", target)
    assert done.returncode == code, done.stderr
    assert done.stderr.count("the share of missing cells is") == len(fleet.METRICS) and target.exists() == (policy == "warn")
    assert ("warning: written although a check failed" in done.stderr) == (policy == "warn")


def test_a_tolerance_of_its_own_lets_one_check_pass_and_no_other(store):
    """A gate so narrow that right data may fail is made wide for everything by name."""
    named = {check: 100 for check in ("weekly", "level", "annual", "holiday", "quarter_end", "noise_level")}
    done = store.run({"quality.effect_tolerance": 3, "quality.tolerances": named})
    assert done.returncode == 0, done.stderr
    store.verify()
    refused = store.run({"quality.tolerances": {"weekend": 6}})
    assert refused.returncode == 78 and "quality.tolerances.weekend" in refused.stderr, refused.stderr
