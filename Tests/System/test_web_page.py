"""The pages in a real browser: at desktop and phone width, light and dark, with and without scripts."""

import os
import time
from pathlib import Path

import pytest

import browser as browsers
from browser import Browser, accessibility_problems
from service import BAD, BIG, config
from web import Web, free_port

# Where the pictures go for whoever changes a page to look at.
PICTURES = Path(os.environ.get("FLEETSYNTH_PICTURES", "/nonexistent"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if reason := browsers.missing():
        pytest.skip(reason)
    with Browser(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


@pytest.fixture
def web(make, manager) -> Web:
    """Datasets in every state that lasts: published, paused, scheduled, refused."""
    port = free_port()
    service = make(manager=manager, options=("--http-port", port))
    service.put("tiny")
    service.put("nightly", config("nightly", schedule={"cron": "15 2 * * *"}))
    service.put("held")
    service.start()
    for name in ("tiny", "nightly", "held"):
        service.await_event("run-published", name)
    service.put("web-frontends-of-the-whole-company", BAD)
    service.await_event("config-refused")
    service.ask("pause", "held")
    return Web(service, port=port).await_answer()


def picture(page, name: str) -> None:
    if PICTURES.is_dir():
        page.screenshot(PICTURES / f"{name}.png")


def url(web: Web, path: str) -> str:
    return f"http://localhost:{web.port}{path}"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360], ids=["desktop", "phone"])
@pytest.mark.parametrize("path", ["/", "/datasets/tiny", "/datasets/web-frontends-of-the-whole-company"], ids=["overview", "dataset", "refused"])
def test_pages_are_whole_named_and_in_contrast(browser, web, path, width, dark):
    page = browser.open(url(web, path), width=width, dark=dark)
    page.wait_for("document.querySelector('#live').textContent === 'live'")
    picture(page, f"{path.strip('/').replace('/', '-') or 'overview'}-{width}-{'dark' if dark else 'light'}")
    assert page.errors == []
    assert accessibility_problems(page) == []
    assert page.overflow() <= 0, "nothing is wider than the window"
    assert all(address.startswith(url(web, "/")) for address in page.requests)


def test_without_scripts_the_page_shows_the_state_at_its_load(browser, web):
    page = browser.open(url(web, "/"), scripts=False)
    assert page.errors == []
    text = page.evaluate("document.body.innerText")
    for words in ("tiny", "nightly", "paused", "web-frontends-of-the-whole-company.yaml:2:16", "num_servers: -3", "as of this load"):
        assert words in text, words
    assert page.evaluate("document.querySelector('#token').checkVisibility()")
    # Enter in the token's field presses no button.
    page.evaluate("document.querySelector('#token').focus()")
    page.press("Enter")
    time.sleep(0.3)
    assert page.evaluate("location.pathname") == "/"


def test_a_run_is_seen_live_from_its_start_to_its_end(browser, web):
    page = browser.open(url(web, "/"))
    page.wait_for("document.querySelector('#live').textContent === 'live'")
    page.evaluate("window.mark = 1")
    web.service.put("tiny", config("tiny", BIG | {"num_servers": 40_000}))
    page.wait_for("document.querySelector('tr[data-dataset=tiny] progress')?.value > 0", seconds=60)
    picture(page, "running")
    page.wait_for("document.querySelector('tr[data-dataset=tiny]').innerText.includes('generation 2')", seconds=60)
    assert page.evaluate("window.mark") == 1, "rows change without another load of the page"
    assert page.errors == []
    # A dataset that comes is another page.
    web.service.put("late")
    page.wait_for("document.querySelector('tr[data-dataset=late]') !== null", seconds=30)


def test_pages_that_nobody_sees_hold_no_connection_and_catch_up(browser, web):
    """A browser opens six connections to one server; a seventh page that is open and live would never load."""
    hide = "Object.defineProperty(document, 'hidden', { value: %s, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))"
    pages = []
    for _ in range(8):
        pages.append(browser.open(url(web, "/")))
        pages[-1].wait_for("document.querySelector('#live').textContent === 'live'")
        pages[-1].evaluate(hide % "true")
        pages[-1].wait_for("document.querySelector('#live').textContent === 'resting'")
    page = pages[0]
    page.evaluate("window.mark = 1")
    web.service.put("tiny", config("tiny", {"random_seed": 7}))
    web.service.await_event("run-published", "tiny", generation="2")
    assert "generation 1" in page.evaluate("document.querySelector('tr[data-dataset=tiny]').innerText")
    page.evaluate(hide % "false")
    page.wait_for("document.querySelector('tr[data-dataset=tiny]').innerText.includes('generation 2')")
    assert page.evaluate("window.mark") == 1 and page.errors == []


def test_buttons_ask_for_the_token_once(browser, web):
    page = browser.open(url(web, "/"))
    pause = "document.querySelector('tr[data-dataset=tiny] button[formaction$=pause]')"
    page.evaluate(f"{pause}.click()")
    page.wait_for("document.querySelector('#said').textContent.includes('token')")
    assert page.evaluate("document.activeElement.id") == "token"
    page.evaluate(f"document.querySelector('#token').value = 'wrong'; {pause}.click()")
    page.wait_for("document.querySelector('#said').textContent.includes('not that of the service')")
    # The browser itself notes the refused request; nothing else is wrong.
    assert all("401" in error for error in page.errors)
    page.errors.clear()
    page.evaluate(f"document.querySelector('#token').value = '{web.token}'; {pause}.click()")
    page.wait_for("document.querySelector('#said').textContent === 'tiny is paused; a run in progress ends normally'")
    page.wait_for("document.querySelector('tr[data-dataset=tiny] .pill').textContent === 'paused'")
    assert page.evaluate("document.querySelector('#token').value") == ""
    page.evaluate("document.querySelector('tr[data-dataset=tiny] button[formaction$=resume]').click()")
    page.wait_for("document.querySelector('tr[data-dataset=tiny] .pill').textContent !== 'paused'")
    assert page.errors == [] and web.service.status()["tiny"]["state"] != "paused"


def test_keys_alone_lead_to_everything_in_the_order_of_the_page(browser, web):
    page = browser.open(url(web, "/"))
    seen = []
    for _ in range(60):
        page.press("Tab")
        place = page.evaluate("(e => e === document.body ? '' : (e.getAttribute('aria-label') || e.textContent || e.id).trim())(document.activeElement)")
        if not place:
            break
        seen.append(place)
    assert seen[0] == "Skip to the content"
    wanted = ["fleetsynth", "token", "held", "Run held now", "Resume held", "nightly", "Run nightly now", "Pause nightly", "tiny", "OpenAPI"]
    places = [seen.index(name) for name in wanted]
    assert places == sorted(places), seen


def test_a_thousand_datasets_are_one_page(browser, make):
    port = free_port()
    service = make(options=("--http-port", port))
    service.put("tiny")
    for number in range(999):
        service.put(f"dataset-{number:03}", BAD)
    service.start()
    service.await_event("run-published", "tiny")
    web = Web(service, port=port).await_answer()
    began = time.monotonic()
    answer = web.ask("/")
    assert answer.text.count('<tr role="row" data-dataset=') == 1000 and time.monotonic() - began < 5
    assert len(answer.body) < 4_000_000
    page = browser.open(url(web, "/"), width=360)
    assert page.errors == [] and page.overflow() <= 0
