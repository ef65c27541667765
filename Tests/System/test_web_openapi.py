"""The interface against its own description: schemathesis sends right and wrong requests of every kind."""

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings, strategies
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from service import BAD, Service, changed
from web import Web, free_port

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance, response_headers_conformance,
    negative_data_rejection, ignored_auth, unsupported_method,
]


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    """A service with a published dataset, a paused one and a refused one."""
    port = free_port()
    service = Service(tmp_path_factory.mktemp("openapi") / "service", options=("--http-port", port))
    try:
        service.put("tiny")
        service.put("held")
        service.start()
        for name in ("tiny", "held"):
            service.await_event("run-published", name)
        service.put("wrong", BAD)
        service.await_event("config-refused", "wrong")
        service.put("tiny", changed())
        service.await_event("run-published", "tiny", count=2)
        service.ask("pause", "held")
        yield Web(service, port=port).await_answer()
    finally:
        service.kill()


def operations(web: Web):
    schema = schemathesis.openapi.from_dict(web.ask("/openapi.json").json())
    schema.config.update(base_url=f"http://127.0.0.1:{web.port}")
    return schema


# Names and numbers that exist, so that not every request ends with 404.
KNOWN = {"name": ["tiny", "held", "wrong", "nobody"], "generation": [1, 2, 3]}


def test_no_request_finds_an_answer_that_is_not_described(web):
    document = web.ask("/openapi.json").json()
    token = web.token
    failures: list[str] = []
    tried = 0
    for result in operations(web).get_all_operations():
        operation = result.ok()
        is_stream = operation.path in ("/events", "/api/v1/events")
        examples = 5 if is_stream else 40

        @settings(
            max_examples=examples, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate])
        @hypothesis_given(operation, modes(schemathesis))
        def examine(case, drawn):
            nonlocal tried
            tried += 1
            for name, values in KNOWN.items():
                if name in (case.path_parameters or {}) and drawn < 6:
                    case.path_parameters[name] = values[drawn % len(values)]
            headers = {"Authorization": f"Bearer {token}"} if drawn % 2 else {}
            try:
                if is_stream:
                    # A stream does not end; that it begins as described is enough here.
                    response = requests.request(**case.as_transport_kwargs(headers=headers), timeout=10, stream=True)
                    if response.status_code == 200:
                        assert response.headers["content-type"] == "text/event-stream"
                        response.close()
                        return
                else:
                    response = case.call(headers=headers, timeout=10)
                case.validate_response(response, checks=CHECKS, excluded_checks=[ignored_auth] if drawn % 2 else [])
            except (Failure, ExceptionGroup) as problem:
                failures.append(f"{operation.label}: {problem}"[:1500])
                raise

        try:
            examine()
        except BaseException as problem:
            if not failures:
                failures.append(f"{operation.label}: {type(problem).__name__}: {problem}"[:1500])
    assert not failures, "\n\n".join(failures)
    assert tried > 300 and len(document["paths"]) > 20


def modes(library):
    return [library.GenerationMode.POSITIVE, library.GenerationMode.NEGATIVE]


def hypothesis_given(operation, generation_modes):
    """Cases of an operation, right and wrong ones, with a number that decides how they are changed."""
    cases = strategies.one_of([operation.as_strategy(generation_mode=mode) for mode in generation_modes])
    return given(case=cases, drawn=strategies.integers(0, 11))


def test_every_answer_of_every_route_is_described(web):
    """By hand, what a generator finds rarely: each status of the description that can be had from outside."""
    document = web.ask("/openapi.json").json()
    web.service.ask("pause", "held")
    seen = {
        ("/api/v1/datasets/{name}/trigger", 409): web.tell("/api/v1/datasets/held/trigger"),
        ("/api/v1/datasets/{name}/trigger", 404): web.tell("/api/v1/datasets/nobody/trigger"),
        ("/api/v1/datasets/{name}/trigger", 401): web.tell("/api/v1/datasets/tiny/trigger", "x"),
        ("/api/v1/reload", 413): web.ask("/api/v1/reload", "POST", b"a" * 20_000),
        ("/api/v1/status", 421): web.ask("/api/v1/status", host="evil.example"),
        ("/api/v1/status", 400): web.ask("/api/v1/status?a=b"),
        ("/datasets/{name}/generations/{generation}/summary", 410): web.ask("/datasets/tiny/generations/1/summary"),
        ("/api/v1/datasets/{name}/pause", 403): web.tell("/api/v1/datasets/tiny/pause", origin="https://evil.example"),
    }
    for (path, status), answer in seen.items():
        assert answer.status == status, (path, status, answer)
        [operation] = document["paths"][path].values()
        assert str(status) in operation["responses"], (path, status)
        assert answer.headers["content-type"] in operation["responses"][str(status)]["content"]
