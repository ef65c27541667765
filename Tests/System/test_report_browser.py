"""Reports in a real browser: no complaint, every chart with its axes, nothing wider than the window, readable by everyone."""

import pytest

import browser
import fleet
from browser import Browser, accessibility_problems, file_url

RICH = {
    "num_servers": 60, "start_date": "2024-01-01", "end_date": "2024-04-30", "granularity": "hourly",
    "metadata": {"regions": {"us-east-1": 0.6, "eu-west-1": 0.4}},
    "metrics": [
        {"name": "cpu_p95", "unit": "%", "diurnal_profile": "office"},
        {"name": "a_metric_with_a_rather_long_name_p95", "unit": "requests per second", "base_mean": 52_000, "base_std": 9_000, "max_clip": 200_000},
    ],
    "archetypes": {"web": {"share": 0.7}, "batch": {"share": 0.3, "metrics": {"cpu_p95": {"level_factor": 0.7}}}},
    "incidents": {"failover": {"kind": "failover", "at": ["2024-02-04T22:00"], "scope": "region", "labels": ["eu-west-1"], "to": "us-east-1",
                               "duration": "30h", "metrics": {"cpu_p95": 0.15}}},
    "mess": {"agent_outage": {"per_year": 6, "duration": "1d"}},
    "lifetime": {"commissioned": {"share": 0.4, "from": "2024-01-10", "to": "2024-04-10"}},
}

CHARTS = """[...document.querySelectorAll("figure[data-chart] .plot > svg")].map(svg => ({
    name: document.getElementById(svg.getAttribute("aria-labelledby").split(" ")[0]).textContent, width: svg.getBoundingClientRect().width,
    ticks: svg.querySelectorAll(".ticks text").length, axis: svg.querySelector("text.axis").textContent.trim(),
    paths: [...svg.querySelectorAll("path")].filter(path => path.getBBox().width > 0).length }))"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    if reason := browser.missing():
        pytest.fail(reason)
    with Browser(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The default dataset's report, one with everything switched on, and a preview."""
    folder = tmp_path_factory.mktemp("reports")
    plain = fleet.generate(fleet.DEFAULT_CONFIG, folder / "plain")
    config = fleet.write_config(folder / "rich.yaml", fleet.config(RICH, quality={"max_missing_share": 0.5}))
    rich = fleet.generate(config, folder / "rich")
    fleet.run("preview", "--config", config, "--output", folder / "preview.html")
    return {"plain": plain.path("report"), "rich": rich.path("report"), "preview": folder / "preview.html"}


@pytest.fixture(params=["plain", "rich", "preview"])
def report(reports, request):
    return reports[request.param]


@pytest.mark.parametrize("width, dark", [(1280, False), (1280, True), (360, False), (360, True)])
def test_it_is_clean_fits_and_can_be_read_by_everyone(chromium, report, width, dark, tmp_path):
    page = chromium.open(file_url(report), width=width, dark=dark)
    assert page.errors == [] and page.requests == [file_url(report)]
    assert page.overflow() == 0
    assert accessibility_problems(page) == []
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.overflow() == 0 and accessibility_problems(page) == []
    assert page.screenshot(tmp_path / "page.png").stat().st_size > 50_000


@pytest.mark.parametrize("width", [1280, 360])
def test_every_chart_is_drawn_with_ticks_and_named_axes(chromium, report, width):
    charts = chromium.open(file_url(report), width=width).evaluate(CHARTS)
    assert len(charts) >= 9
    for chart in charts:
        assert chart["paths"] >= 1 and chart["ticks"] >= 5 and chart["axis"] and chart["width"] > 150, chart


def test_dark_and_light_differ(chromium, report):
    colours = [chromium.open(file_url(report), dark=dark).evaluate("getComputedStyle(document.body).backgroundColor") for dark in (False, True)]
    assert colours[0] != colours[1]


def test_it_needs_no_script_and_runs_none(chromium, report):
    with_scripts, without = (chromium.open(file_url(report), scripts=scripts).evaluate("document.body.innerText") for scripts in (True, False))
    assert with_scripts == without and "Asked for and found" in without


def test_it_prints_on_paper(chromium, report, tmp_path):
    page = chromium.open(file_url(report))
    assert page.pdf(tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    page.call("Emulation.setEmulatedMedia", media="print")
    shown = page.evaluate("[...document.querySelectorAll('details.data, nav')].filter(one => getComputedStyle(one).display !== 'none').length")
    assert shown == 0


def test_keys_reach_every_link_and_every_wide_table_in_their_order(chromium, report):
    page = chromium.open(file_url(report))
    count = page.evaluate(
        "(window.reached = [...document.querySelectorAll('a[href], summary, [tabindex]')].filter(one => one.checkVisibility())).length")
    assert count > 20
    for place in range(count):
        page.press("Tab")
        assert page.evaluate("window.reached.indexOf(document.activeElement)") == place
