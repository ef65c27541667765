"""The template and the state machine of deploy/lambda: judged by cfn-lint, and their events worked out as Step Functions would."""

import json
import re
import subprocess
import sys
from pathlib import Path

import yaml
from jsonata.jsonata import Jsonata

import fleet

DEPLOY = fleet.ROOT / "deploy"
TEMPLATE = DEPLOY / "lambda/template.yaml"
MACHINE = json.loads((DEPLOY / "lambda/statemachine.asl.json").read_text())


def test_the_template_is_one(tmp_path):
    """cfn-lint knows the resources' schemas and that of the states language; the latter it reads in a template only."""
    lint = Path(sys.executable).with_name("cfn-lint")

    def problems(path: Path) -> str:
        done = subprocess.run([lint, "--non-zero-exit-code", "warning", path], capture_output=True, text=True, timeout=120)
        return done.stdout + done.stderr if done.returncode else ""

    assert problems(TEMPLATE) == ""
    assert "DefinitionUri: statemachine.asl.json" in TEMPLATE.read_text()
    machine = {"RoleArn": "arn:aws:iam::123456789012:role/tables", "Definition": MACHINE,
               "DefinitionSubstitutions": {name: f"arn:aws:lambda:us-east-1:123456789012:function:{name}" for name in ("ShardFunction", "CommitFunction")}}
    for text, wanted in (("Map", ""), ("Mapp", "Mapp")):
        template = {"Resources": {"Tables": {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine}}}
        path = tmp_path / f"{text}.json"
        path.write_text(json.dumps(template).replace('"Type": "Map"', f'"Type": "{text}"'))
        found = problems(path)
        assert (wanted in found) if wanted else found == "", found


class Loader(yaml.SafeLoader):
    """Knows the short forms of CloudFormation's functions."""


Loader.add_multi_constructor("!", lambda loader, tag, node: {tag: loader.construct_scalar(node)})


def test_functions_may_do_what_they_need_and_no_more():
    resources = yaml.load(TEMPLATE.read_text(), Loader)["Resources"]
    actions = {"ShardFunction": "shard", "CommitFunction": "commit", "GenerateFunction": "generate"}
    for name, action in actions.items():
        config = resources[name]["Properties"]["ImageConfig"]
        assert config == {"EntryPoint": ["/usr/bin/fleetsynth", "lambda"], "Command": [action]}
    [policy] = resources["FunctionRole"]["Properties"]["Policies"]
    allowed = [one for statement in policy["PolicyDocument"]["Statement"] for one in flat(statement["Action"])]
    documented = re.findall(r's3:[A-Za-z]+', (fleet.ROOT / "docs/S3.md").read_text().split("A policy that suffices")[1].split("With `server_side")[0])
    assert set(allowed) == set(documented) and "*" not in "".join(allowed)
    for role in ("FunctionRole", "TablesRole"):
        [trust] = resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Action"] == "sts:AssumeRole" and len(trust["Principal"]) == 1


def flat(value) -> list:
    return value if isinstance(value, list) else [value]


def evaluated(template, states: dict):
    """A JSONata template as Step Functions fills it in."""
    if isinstance(template, dict):
        return {name: evaluated(value, states) for name, value in template.items()}
    if isinstance(template, str) and template.startswith("{%"):
        expression = Jsonata(template.removeprefix("{%").removesuffix("%}").strip())
        frame = expression.create_frame()
        frame.bind("states", states)
        return expression.evaluate(None, frame)
    return template


def events(shards: int, event: dict) -> tuple[list[dict], dict]:
    """What the state machine sends to its functions."""
    context = {"Execution": {"StartTime": "2026-01-31T23:59:58.123Z"}}
    given = {"shards": shards, "event": event}
    fan, commit = MACHINE["States"]["Shards"], MACHINE["States"]["Commit"]
    items = evaluated(fan["Items"], {"input": given, "context": context})
    payload = fan["ItemProcessor"]["States"]["Shard"]["Arguments"]["Payload"]
    sent = []
    for item in items:
        selected = evaluated(fan["ItemSelector"], {"input": given, "context": context | {"Map": {"Item": {"Value": item}}}})
        sent.append(evaluated(payload, {"input": selected, "context": {}}))
    after = evaluated(fan["Output"], {"input": given, "context": context})
    return sent, evaluated(commit["Arguments"]["Payload"], {"input": after, "context": context})


def test_the_state_machine_asks_for_every_shard_and_then_for_the_commit():
    assert MACHINE["QueryLanguage"] == "JSONata" and MACHINE["StartAt"] == "Shards" and MACHINE["States"]["Shards"]["Next"] == "Commit"
    event = {"config_uri": "s3://bucket/web.yaml", "set": {"data_generation.num_servers": 7}}
    shards, commit = events(5, event)
    assert shards == [event | {"action": "shard", "shard": {"index": index, "count": 5}, "today": "2026-01-31"} for index in range(5)]
    assert commit == event | {"action": "commit", "shards": 5, "today": "2026-01-31"}
    assert events(1, event)[0] == [event | {"action": "shard", "shard": {"index": 0, "count": 1}, "today": "2026-01-31"}]
    # A day that the event names is that of all of them: a table of an earlier day can be made.
    shards, commit = events(2, event | {"today": "2025-12-01"})
    assert {sent["today"] for sent in [*shards, commit]} == {"2025-12-01"}
    assert evaluated(MACHINE["States"]["Shards"]["Items"], {"input": {"shards": 10_000}}) == list(range(10_000))


def test_only_what_passes_is_tried_again():
    """Types of errors that the state machine names are those that the function reports."""
    source = (fleet.ROOT / "Sources/Daemon/Engines/LambdaHandler.swift").read_text()
    retries = [MACHINE["States"]["Commit"]["Retry"], MACHINE["States"]["Shards"]["ItemProcessor"]["States"]["Shard"]["Retry"]]
    for [retry] in retries:
        own = {name for name in retry["ErrorEquals"] if name.startswith("Store.")}
        assert own == {"Store.Unavailable", "Store.Unknown", "Store.Busy"} and all(f'"{name}"' in source for name in own)
        assert not {"States.ALL", "States.TaskFailed", "Deadline.Exceeded"} & set(retry["ErrorEquals"])
