"""X21: each operation of a publication meets each fault, and each request meets one. In every case the published state is complete or
unchanged, the run that follows completes it, and no upload is left behind. Requests are named by operation and by how many of that kind came
before. With FLEETSYNTH_S3_MATRIX=full each request meets each passing fault, and `verify` looks at the end of every cell."""

import asyncio
import itertools
import os
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest

import s3_faults
from fault_proxy import FaultProxy, Rule
from s3_faults import named
from s3store import LARGE, SECOND, VERSIONED, S3Place, sha256
from store import finish

WORKERS = 4
FULL = os.environ.get("FLEETSYNTH_S3_MATRIX", "") == "full"
# A fault that passes must not cost the run: the client tries again.
PASSING = [s3_faults.drop_before, s3_faults.drop_after]
# Of these one request of each operation is enough: they differ in how they are found out, not in what they leave behind.
ONCE = [
    s3_faults.half_response, s3_faults.internal_error, s3_faults.duplicate, s3_faults.slow, s3_faults.error_instead, s3_faults.error_after,
    s3_faults.redirected, s3_faults.malformed_region,
]
SWEEP = VERSIONED | {"retention.keep_last": 1, "retention.grace_hours": 0}


@dataclass(frozen=True)
class Cell:
    """The `number`-th request of the operation meets the fault."""

    operation: str
    number: int
    fault: s3_faults.Fault
    count: int | None = 1

    def __str__(self) -> str:
        times = "" if self.count == 1 else " for good" if self.count is None else f" {self.count} times"
        return f"{named(self.fault)}{times} at {self.operation} {self.number}"

    @property
    def rule(self) -> Rule:
        return Rule(self.fault, self.operation, self.number, self.count)


@dataclass(frozen=True)
class Setting:
    """A bucket with one generation, the requests of the run that publishes the second, and the bucket afterwards."""

    before: S3Place
    content: dict[str, bytes]
    requests: Counter
    keys: set[str]
    panels: set[str]

    @classmethod
    def made(cls, folder, server, sets: dict) -> "Setting":
        before = S3Place.new(folder / "before", server, sets=sets)
        before.publish()
        proxy = FaultProxy(server.url)
        after = before.seeded(folder / "after", proxy.url)
        after.publish(SECOND)
        proxy.close()
        content, last = before.content(), after.content()
        panels = {sha256(data) for objects in (content, last) for key, data in objects.items() if key.endswith(".parquet")}
        return cls(before, content, Counter(one.operation for one in proxy.seen), set(last), panels)

    def each_request(self, *faults, operations: set[str] | None = None) -> list[Cell]:
        chosen = [(name, number) for name, count in self.requests.items() for number in range(1, count + 1)]
        return [Cell(name, number, fault) for name, number in chosen for fault in faults if operations is None or name in operations]

    def every_request(self, *faults) -> list[Cell]:
        """Each request meets one of the faults, in turn, and the first of each operation meets all of them."""
        cells = self.each_request(*faults)
        return [cell for index, cell in enumerate(cells) if FULL or cell.number == 1 or index // len(faults) % len(faults) == index % len(faults)]

    def each_operation(self, *faults, count: int | None = 1) -> list[Cell]:
        return [Cell(name, 1, fault, count) for name in self.requests for fault in faults]

    def attempt(self, folder, cell: Cell, code: int | set[int] | None = 0) -> None:
        """One cell of the matrix; `code` is how the run must end."""
        proxy = FaultProxy(self.before.server.url)
        try:
            place = self.before.seeded(folder, proxy.url, self.content)
            proxy.set(cell.rule)
            done = place.run(SECOND)
            assert proxy.struck, "the fault struck nothing"
            expected = {code} if isinstance(code, int) else code
            assert expected is None or done.returncode in expected, f"exit {done.returncode}: {done.stderr[-1500:]}"
            place.assert_readers_see_whole_objects(self.panels)
            place.assert_latest_is_complete()
            assert place.generation() == (2 if done.returncode == 0 else place.generation()) and place.generation() in (1, 2)
            proxy.set()
            again = place.publish(SECOND)
            assert again["status"] in ("published", "up-to-date") and again["generation"] == 2, again
            place.assert_latest_is_complete()
            assert place.uploads() == [], f"left behind: {place.uploads()}"
            # What retention could not recognise stays, for people to look at.
            if cell.fault is not s3_faults.corrupt_response:
                place.assert_settled(self.keys)
                if FULL:
                    place.verify()
        finally:
            proxy.close()


def sweep(setting: Setting, folder, cells: list[Cell], code: int | set[int] | None = 0, workers: int = WORKERS) -> None:
    """Tries all cells, some at a time, and fails with what failed."""
    assert cells, "no cells: the run makes no such request"

    def one(numbered) -> str | None:
        number, cell = numbered
        try:
            setting.attempt(folder / str(number), cell, code)
        except Exception as error:
            print(f"{cell}: {error!r}", flush=True)
            return f"{cell}: {error!r}"
        return None

    with ThreadPoolExecutor(workers) as pool:
        failures = [failure for failure in pool.map(one, enumerate(cells)) if failure]
    assert not failures, f"{len(failures)} of {len(cells)} cells:\n" + "\n".join(failures[:20])


@pytest.fixture(scope="module")
def setting(juicefs_gateway, tmp_path_factory) -> Setting:
    """Small objects, with a retention that deletes."""
    return Setting.made(tmp_path_factory.mktemp("small"), juicefs_gateway, SWEEP)


@pytest.fixture(scope="module")
def large(juicefs_gateway, tmp_path_factory) -> Setting:
    """A panel of three parts."""
    return Setting.made(tmp_path_factory.mktemp("large"), juicefs_gateway, SWEEP | LARGE)


@pytest.fixture(scope="module")
def silence(setting, tmp_path_factory):
    """The cells that wait for half a minute. They begin with the first test, because they need no processor meanwhile."""
    after = [cell for cell in setting.each_operation(s3_faults.stall_after) if cell.operation in ("PutObject", "CompleteMultipartUpload")]
    cells = setting.each_operation(s3_faults.stall_before) + after
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(sweep, setting, tmp_path_factory.mktemp("silence"), cells, workers=len(cells))


def test_the_run_makes_the_requests_that_the_matrix_is_about(setting, large, silence):
    common = {"PutObject", "GetObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "ListObjects", "DeleteObject"}
    assert common | {"ListMultipartUploads"} <= set(setting.requests)
    assert large.requests["UploadPart"] >= setting.requests["UploadPart"] + 2


def test_a_passing_fault_at_any_request_is_overcome(setting, tmp_path):
    sweep(setting, tmp_path, setting.every_request(*PASSING))


def test_each_operation_overcomes_the_rarer_faults(setting, tmp_path):
    body = {s3_faults.error_instead, s3_faults.error_after}
    cells = setting.each_operation(*ONCE)
    sweep(setting, tmp_path, [cell for cell in cells if cell.fault not in body or cell.operation == "CompleteMultipartUpload"])


def test_an_answer_that_changes_on_its_way_publishes_nothing_wrong(setting, tmp_path):
    """The gateway sends no checksums, so the run may fail over it; our own records have theirs."""
    bodies = {"GetObject", "ListObjects", "ListMultipartUploads", "CompleteMultipartUpload", "CreateMultipartUpload"}
    sweep(setting, tmp_path, setting.each_request(s3_faults.corrupt_response, operations=bodies), code=None)


def test_a_burst_of_refusals_is_sat_out(setting, tmp_path):
    sweep(setting, tmp_path, setting.each_operation(s3_faults.slow_down, count=3), workers=8)


def test_a_request_whose_body_changes_on_its_way_is_sent_again(setting, large, tmp_path):
    bodies = {"PutObject", "UploadPart"}
    sweep(setting, tmp_path / "small", setting.each_request(s3_faults.corrupt_request, operations=bodies))
    sweep(large, tmp_path / "large", large.each_request(s3_faults.corrupt_request, operations={"UploadPart"}))


def test_faults_at_the_parts_of_a_large_object_are_overcome(large, tmp_path):
    faults = [*PASSING, s3_faults.half_response, s3_faults.duplicate]
    sweep(large, tmp_path, large.each_request(*faults, operations={"UploadPart"}))


def test_a_store_that_refuses_for_good_leaves_the_old_generation_or_the_new_one(setting, tmp_path):
    """Of retention's own requests the commit does not depend."""
    cells = [cell for cell in setting.each_operation(s3_faults.denied, count=None) if cell.operation != "DeleteObject"]
    sweep(setting, tmp_path, cells, code=77)
    after_commit = [Cell("DeleteObject", 1, s3_faults.denied, None)]
    sweep(setting, tmp_path / "retention", after_commit, code={0, 77})


def test_a_store_that_goes_away_for_good_leaves_the_old_generation_or_the_new_one(setting, tmp_path):
    cells = setting.each_operation(s3_faults.drop_before, s3_faults.drop_after, count=None)
    sweep(setting, tmp_path, cells, code=None, workers=8)


def test_a_store_that_goes_away_in_the_middle_is_not_available(setting, tmp_path):
    cells = [Cell("UploadPart", number, s3_faults.drop_before, None) for number in range(1, setting.requests["UploadPart"] + 1)]
    sweep(setting, tmp_path, cells, code=69, workers=8)


def test_an_upload_that_cannot_even_be_aborted_is_removed_by_the_next_run(setting, tmp_path):
    """The parts fail, then the clean-up fails as well."""
    proxy = FaultProxy(setting.before.server.url)
    place = setting.before.seeded(tmp_path, proxy.url, setting.content)
    proxy.set(Rule(s3_faults.denied, "UploadPart", first=2, count=None), Rule(s3_faults.denied, "AbortMultipartUpload", count=None))
    done = place.run(SECOND)
    assert done.returncode == 77, done.stderr
    assert proxy.count("AbortMultipartUpload", "denied") and place.uploads()
    assert place.generation() == 1
    proxy.set()
    assert place.publish(SECOND)["generation"] == 2
    place.assert_settled(setting.keys)
    proxy.close()


# What a run asks mostly where an earlier one was killed: at which request that one was, and what may go wrong now. Before its manifest what was
# staged is taken away, after it everything is finished.
BEFORE_THE_MANIFEST, AFTER_IT = ("UploadPart", 2), ("CompleteMultipartUpload", 2)
RECOVERY = {"ListParts": AFTER_IT, "HeadObject": AFTER_IT, "ListMultipartUploads": AFTER_IT, "AbortMultipartUpload": BEFORE_THE_MANIFEST}
RECOVERY_FAULTS = [*PASSING, s3_faults.half_response, s3_faults.internal_error, s3_faults.slow_down, s3_faults.duplicate, s3_faults.redirected]


@pytest.mark.parametrize("operation", RECOVERY)
def test_the_requests_of_a_recovery_overcome_the_same_faults(setting, tmp_path, operation):
    """The one run is killed, the next finds out how far it came."""

    def one(fault: s3_faults.Fault) -> str | None:
        proxy = FaultProxy(setting.before.server.url)
        try:
            place = setting.before.seeded(tmp_path / named(fault), proxy.url, setting.content)
            killed_at(place, proxy, *RECOVERY[operation])
            proxy.set(Rule(fault, operation))
            assert place.publish(SECOND)["generation"] == 2
            assert proxy.struck, "the fault struck nothing"
            place.assert_settled(setting.keys)
        except Exception as error:
            return f"{named(fault)}: {error!r}"
        finally:
            proxy.close()
        return None

    with ThreadPoolExecutor(WORKERS) as pool:
        failures = [failure for failure in pool.map(one, RECOVERY_FAULTS) if failure]
    assert not failures, "\n".join(failures)


def killed_at(place: S3Place, proxy: FaultProxy, operation: str, number: int) -> None:
    """Kills a run when its request comes; the server never hears of that one."""
    runs = []

    async def kill(exchange) -> None:
        while not runs:
            await asyncio.sleep(0.005)
        runs[0].kill()
        exchange.drop()

    proxy.set(Rule(kill, operation, first=number))
    runs.append(place.start(SECOND))
    assert finish(runs[0]).returncode == -9
    proxy.settle()


def test_a_store_that_honours_conditions_meets_the_faults_of_a_connection(moto_server, tmp_path):
    """X8: a conditional write whose answer is lost has taken effect, and the second try finds its own object."""
    setting = Setting.made(tmp_path / "made", moto_server, SWEEP)
    writes = {"PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "DeleteObject"}
    cells = setting.each_operation(s3_faults.drop_before, s3_faults.drop_after, s3_faults.half_response)
    puts = setting.each_request(s3_faults.drop_after, operations={"PutObject"})
    sweep(setting, tmp_path / "cells", [cell for cell in cells if cell.operation in writes] + puts)


@pytest.mark.parametrize("fault", [s3_faults.conflict, s3_faults.precondition_after, s3_faults.duplicate], ids=named)
def test_conditions_that_fail_because_of_our_own_try_are_no_failure(moto_server, tmp_path, fault):
    """X8: a store that honours conditions answers 409 and 412 where a request came twice."""
    setting = Setting.made(tmp_path / "made", moto_server, SWEEP)
    sweep(setting, tmp_path / "cells", setting.each_request(fault, operations={"PutObject"}))


def test_a_clock_that_is_wrong_is_corrected_once(moto_server, tmp_path):
    """X2: the first request is refused; all others are signed for the store's time."""
    proxy = FaultProxy(moto_server.url).set(Rule(s3_faults.skewed, count=None))
    place = S3Place.new(tmp_path, moto_server, proxy.url)
    assert place.publish()["status"] == "published"
    dates = [one.request.header("x-amz-date")[:11] for one in proxy.seen]
    assert len(proxy.seen) > 5 and len(set(dates[1:])) <= 2, dates
    place.assert_latest_is_complete()
    proxy.close()


@pytest.mark.parametrize("fault", [s3_faults.redirected, s3_faults.malformed_region], ids=named)
def test_the_region_is_learned_once(juicefs_gateway, tmp_path, fault):
    """X2: all requests after the first refusal are signed for the region that the store named."""
    proxy = FaultProxy(juicefs_gateway.url).set(Rule(fault, count=None))
    place = S3Place.new(tmp_path, juicefs_gateway, proxy.url)
    assert place.publish()["status"] == "published"
    regions = [region for region, _ in itertools.groupby(one.request.region for one in proxy.seen)]
    assert regions == ["us-east-1", s3_faults.OTHER_REGION]
    proxy.close()


def test_silence_is_given_up_and_tried_again(silence: Future):
    """X11; the last test of this file, so that the waiting is over."""
    silence.result(timeout=300)
