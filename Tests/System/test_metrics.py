"""What the service tells Prometheus, read with its own programs and parser."""

import json
import re
from datetime import datetime

import pytest
import yaml

import s3_faults
from fault_proxy import Rule
from manager import wait_for
from prometheus import MONITORING, NAME, promtool, scrape, server
from s3store import S3Place, environment, storage
from service import BAD, changed, config
from store import DATASET
from web import Web, free_port


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def published_bytes(service, generation: int) -> int:
    manifest = json.loads((service.store("tiny") / f"manifests/tiny/{generation}.json").read_text())
    return sum(artifact["bytes"] for artifact in manifest["artifacts"])


def test_every_family_has_help_and_a_type_and_promtool_finds_nothing_to_say(tiny):
    now = scrape(tiny)
    assert promtool("check", "metrics", text=now.text) == ""
    for family in now.families.values():
        assert family.documentation.endswith(".") and family.type in ("counter", "gauge", "histogram"), family.name
    tiny.ask("status", "--metrics", "tiny", code=64)
    tiny.ask("status", "--metrics", "--json", code=64)


def test_values_move_with_runs(tiny):
    tiny.await_idle("tiny")
    first = scrape(tiny)
    published = dict(dataset="tiny", result="published", reason="config")
    assert first.value("runs_total", **published) == 1
    assert first.value("rows_generated_total", dataset="tiny") == 600
    assert first.value("bytes_published_total", dataset="tiny") == published_bytes(tiny, 1)
    assert first.value("run_duration_seconds_count", result="published") == 1
    duration = first.value("last_run_duration_seconds", dataset="tiny")
    assert 0 < duration < 30 and first.value("last_run_rows_per_second", dataset="tiny") == pytest.approx(600 / duration)
    row = tiny.status("tiny")["tiny"]
    assert first.value("last_success_timestamp_seconds", dataset="tiny") == seconds(row["checked_at"])
    assert first.value("quality_passed", dataset="tiny") == 1 and first.value("quality_checks", dataset="tiny", verdict="fail") == 0
    assert first.value("datasets", state="idle") == 1 and first.value("queue_length") == 0

    tiny.ask("trigger", "tiny")
    tiny.await_event("run-up-to-date", "tiny")
    tiny.put("tiny", changed())
    tiny.await_event("run-published", "tiny", generation="2")
    tiny.await_idle("tiny")
    second = scrape(tiny)
    assert second.value("runs_total", dataset="tiny", result="up_to_date", reason="manual") == 1
    assert second.value("runs_total", **published) == 2 and second.value("dataset_generation", dataset="tiny") == 2
    assert second.value("rows_generated_total", dataset="tiny") == 1200
    assert second.value("bytes_published_total", dataset="tiny") == published_bytes(tiny, 1) + published_bytes(tiny, 2)
    assert second.value("run_duration_seconds_count", result="published") == 2


def test_a_gate_that_refuses_is_told_and_the_last_success_stays(tiny):
    before = scrape(tiny).value("last_success_timestamp_seconds", dataset="tiny")
    tiny.put("tiny", config("tiny", {"missing_rate": 0.04}, quality={"max_missing_share": 0.001}))
    tiny.await_event("run-failed-quality", "tiny")
    tiny.await_idle("tiny")
    now = scrape(tiny)
    assert now.value("runs_total", dataset="tiny", result="quality", reason="config") == 1
    assert now.value("quality_passed", dataset="tiny") == 0 and now.value("quality_checks", dataset="tiny", verdict="fail") >= 1
    assert now.value("last_run_failed", dataset="tiny") == 1
    assert now.value("last_success_timestamp_seconds", dataset="tiny") == before


def test_refusals_and_reloads_count_and_a_right_config_ends_them(tiny):
    assert scrape(tiny).value("config_last_reload_successful") == 1
    tiny.put("tiny", BAD)
    tiny.ask("reload", code=78)
    refused = scrape(tiny)
    assert refused.value("config_reloads_total", result="refused") == 1 and refused.value("config_changes_total", outcome="refused") == 1
    assert refused.value("configs_refused") == 1 and refused.value("dataset_config_refused", dataset="tiny") == 1
    assert refused.value("config_last_reload_successful") == 0
    tiny.put("tiny")
    tiny.ask("reload")
    right = scrape(tiny)
    assert right.value("config_reloads_total", result="success") == 1 and right.value("config_changes_total", outcome="restored") == 1
    assert right.value("configs_refused") == 0 and right.value("dataset_config_refused", dataset="tiny") == 0
    assert right.value("config_last_reload_successful") == 1
    stamp = "config_last_reload_success_timestamp_seconds"
    assert right.value(stamp) >= refused.value(stamp)


def test_a_restart_forgets_counts_and_keeps_the_time_of_the_last_success(tiny):
    tiny.put("failing", config("failing", {"missing_rate": 0.04}, quality={"max_missing_share": 0.001}))
    tiny.await_event("run-failed-quality", "failing")
    tiny.ask("pause", "tiny")
    tiny.ask("pause", "failing")
    before = scrape(tiny)
    tiny.stop()
    tiny.start()
    after = scrape(tiny)
    assert after.total("runs_total") == 0
    for name in ("last_success_timestamp_seconds", "last_run_timestamp_seconds", "last_run_failed", "dataset_generation", "quality_passed"):
        assert after.value(name, dataset="tiny") == before.value(name, dataset="tiny") is not None, name
    assert after.value("last_run_failed", dataset="failing") == 1 and after.value("quality_passed", dataset="failing") == 0
    assert after.value("last_success_timestamp_seconds", dataset="failing") is None
    assert after.value("dataset_paused", dataset="tiny") == 1


def test_a_dataset_that_goes_takes_its_series_along(tiny):
    tiny.put("other")
    tiny.await_event("run-published", "other")
    (tiny.configs / "tiny.yaml").unlink()
    tiny.await_event("config-removed", "tiny")
    now = scrape(tiny)
    assert 'dataset="tiny"' not in now.text and now.value("runs_total", dataset="other", result="published", reason="config") == 1
    assert now.value("config_changes_total", outcome="removed") == 1


def test_requests_to_s3_count_with_their_errors_and_retries(make, s3_server, proxy, tmp_path):
    place = S3Place.new(tmp_path / "place", s3_server, proxy.url)
    service = make(env=environment())
    service.put(DATASET, config(DATASET, storage=storage(place.bucket, place.url)))
    service.start()
    service.await_event("run-published", DATASET)
    fine = scrape(service)
    assert fine.value("s3_requests_total", operation="PutObject") > 0 and fine.value("s3_requests_total", operation="CompleteMultipartUpload") > 0
    assert {labels["kind"] for labels in errors(fine)} <= {"not_found", "precondition"}
    assert fine.total("s3_retries_total") == 0

    proxy.set(Rule(s3_faults.denied, method="PUT", count=None), Rule(s3_faults.denied, method="POST", count=None))
    service.ask("trigger", DATASET)
    service.put(DATASET, config(DATASET, {"random_seed": 5}, storage=storage(place.bucket, place.url)))
    service.await_event("run-failed-store", DATASET, timeout=60)
    wait_for("denied", lambda: scrape(service).total("s3_errors_total", kind="denied") > 0)
    assert scrape(service).value("run_retries_total", dataset=DATASET) >= 1

    proxy.set(Rule(s3_faults.drop_before, count=1))
    service.ask("trigger", DATASET)
    service.await_event("run-published", DATASET, count=2, timeout=60)
    assert scrape(service).total("s3_retries_total", cause="transient") >= 1
    service.stop()


def errors(now) -> list[dict]:
    return [dict(labels) for (name, labels), value in now.values.items() if name == "fleetsynth_s3_errors_total" and value > 0]


# --- What is shipped for Prometheus and Grafana ---


def expressions(value, found: list[str]) -> list[str]:
    """Every query of a dashboard: targets, annotations, variables."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("expr", "definition") and isinstance(inner, str):
                found.append(inner)
            else:
                expressions(inner, found)
    elif isinstance(value, list):
        for inner in value:
            expressions(inner, found)
    return found


def test_every_metric_that_dashboard_and_alerts_ask_for_is_in_a_scrape(tiny):
    dashboard = json.loads((MONITORING / "grafana-dashboard.json").read_text())
    rules = yaml.safe_load((MONITORING / "fleetsynth.rules.yml").read_text())
    shown = expressions(dashboard, [])
    alerts = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    assert len(shown) > 30 and len(alerts) >= 6
    names = scrape(tiny).names
    asked = {name for expression in shown + alerts for name in NAME.findall(expression)}
    assert asked <= names, sorted(asked - names)


def test_the_dashboard_takes_its_data_source_from_a_variable_and_no_panel_covers_another():
    dashboard = json.loads((MONITORING / "grafana-dashboard.json").read_text())
    assert dashboard["templating"]["list"][0]["type"] == "datasource"
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = set()
    for panel in panels:
        assert panel["title"]
        if panel["type"] != "row":
            assert panel["description"] and panel["targets"]
            assert all(source["datasource"]["uid"] == "${datasource}" for source in [panel, *panel["targets"]])
        place = panel["gridPos"]
        own = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not own & cells and place["x"] + place["w"] <= 24, panel["title"]
        cells |= own


def test_promtool_accepts_the_config_and_the_rules_and_every_alert_is_tested():
    assert "SUCCESS" in promtool("check", "config", "prometheus.yml")
    assert "SUCCESS" in promtool("test", "rules", "fleetsynth.rules.test.yml")
    rules = yaml.safe_load((MONITORING / "fleetsynth.rules.yml").read_text())
    tests = yaml.safe_load((MONITORING / "fleetsynth.rules.test.yml").read_text())
    fired = {case["alertname"] for test in tests["tests"] for case in test["alert_rule_test"] if case["exp_alerts"]}
    assert fired == {rule["alert"] for group in rules["groups"] for rule in group["rules"]}


def test_a_real_prometheus_scrapes_the_service_takes_every_query_and_loads_the_alerts(make, manager, tmp_path):
    dashboard = json.loads((MONITORING / "grafana-dashboard.json").read_text())
    port = free_port()
    tiny = make(manager=manager, options=("--http-port", port))
    tiny.put("tiny")
    tiny.start()
    tiny.await_event("run-published", "tiny")
    Web(tiny, port=port).await_answer()
    with server(tmp_path, f"127.0.0.1:{port}") as prometheus:
        wait_for("a scrape", lambda: prometheus.query('up{job="fleetsynth"} == 1'), 60)
        (target,) = prometheus.get("targets", state="active")["activeTargets"]
        assert (target["scrapeUrl"], target["health"], target["lastError"]) == (f"http://127.0.0.1:{port}/metrics", "up", "")
        ((labels, started),) = prometheus.query("process_start_time_seconds")
        assert labels["instance"] == f"127.0.0.1:{port}" and started == scrape(tiny).values["process_start_time_seconds", frozenset()]
        assert [value for _, value in prometheus.query("fleetsynth_dataset_generation")] == [1]
        ((labels, age),) = prometheus.query("time() - fleetsynth_last_success_timestamp_seconds")
        assert labels["dataset"] == "tiny" and -1 <= age < 300

        # Each query of the dashboard, as Grafana sends it for everything.
        for expression in expressions(dashboard, []):
            if not expression.startswith("label_values("):
                prometheus.query(re.sub(r"\$(job|instance|dataset)\b", ".*", expression))
        rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
        assert len(rules) >= 6
        wait_for("evaluation", lambda: all(rule["health"] == "ok" for group in prometheus.get("rules")["groups"] for rule in group["rules"]))

        tiny.put("tiny", changed())
        tiny.await_event("run-published", "tiny", generation="2")
        wait_for("generation 2", lambda: prometheus.query("fleetsynth_dataset_generation == 2"))
        assert prometheus.query('increase(fleetsynth_runs_total{result="published"}[5m])')
        tiny.put("tiny", BAD)
        tiny.await_event("config-refused", "tiny")
        pending = wait_for("the alert", lambda: [alert for alert in prometheus.get("alerts")["alerts"]])
        assert [(alert["labels"]["alertname"], alert["labels"]["dataset"], alert["state"]) for alert in pending] == [
            ("FleetsynthConfigRefused", "tiny", "pending")
        ]
