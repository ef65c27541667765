"""The browser of the other tests, and that its audit finds what it looks for."""

import pytest

import browser
from browser import Browser, accessibility_problems, file_url

GOOD = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Page</title>
<body style="background:#fff;color:#222;font:16px sans-serif"><main><h1>One</h1><h2>Two</h2><p>Text with a <a href="#x" style="color:#0b5cad">link</a></p>
<svg role="img" aria-labelledby="t" width="90" height="30"><title id="t">A picture</title><text y="20" fill="#444">drawn</text></svg>
<table><tr><th scope="col">Name</th></tr><tr><td id="x">a</td></tr></table></main></body></html>"""

DEFECTS = {
    "contrast": ("color:#222", "color:#999"),
    "contrast ": ('fill="#444"', 'fill="#bbb"'),
    "no name": ("A picture</title>", "</title>"),
    "a picture without a role": ('role="img" aria-labelledby="t"', ""),
    "a heading skips a level": ("<h2>Two</h2>", "<h3>Two</h3>"),
    "the id is there twice": ('<td id="x">', '<td id="t">'),
    "no language": (' lang="en"', ""),
    "not exactly one main": ("<main>", "<div>"),
    "a table heading without scope": (' scope="col"', ""),
    "an order of keys of its own": ('href="#x"', 'href="#x" tabindex="3"'),
    "no element has the id": ('aria-labelledby="t"', 'aria-labelledby="u"'),
}


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    if reason := browser.missing():
        pytest.fail(reason)
    with Browser(tmp_path_factory.mktemp("browser")) as running:
        yield running


def opened(chromium, tmp_path, text, **options):
    path = tmp_path / "page.html"
    path.write_text(text, encoding="utf-8")
    return chromium.open(file_url(path), **options)


def test_a_good_page_has_no_problems(chromium, tmp_path):
    page = opened(chromium, tmp_path, GOOD)
    assert accessibility_problems(page) == [] and page.errors == [] and page.overflow() == 0
    assert page.screenshot(tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("words", DEFECTS)
def test_the_audit_finds_a_defect(chromium, tmp_path, words):
    old, new = DEFECTS[words]
    assert old in GOOD
    problems = accessibility_problems(opened(chromium, tmp_path, GOOD.replace(old, new)))
    assert any(words.strip() in problem for problem in problems), problems


def test_errors_requests_and_overflow_are_seen(chromium, tmp_path):
    wide = '<div style="width:900px">wide</div><script>console.error("bad"); throw new Error("worse")</script><img alt="" src="nowhere.png">'
    page = opened(chromium, tmp_path, GOOD.replace("<table>", wide + "<table>"), width=360)
    assert page.overflow() > 0
    assert any("bad" in error for error in page.errors) and any("worse" in error for error in page.errors)
    assert any(request.endswith("nowhere.png") for request in page.requests)
