"""Opens pages in a real chromium, headless, and talks with it by the DevTools protocol.

    with Browser(folder) as browser:
        page = browser.open("file:///tmp/report.html", width=360)
        assert page.errors == [] and page.evaluate("document.title") == "web"
        assert accessibility_problems(page) == []
        page.screenshot(folder / "phone.png")
"""

import base64
import itertools
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path

import websocket

CHROMIUM = "chromium"
FLAGS = [
    "--headless=new", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--hide-scrollbars", "--disable-dev-shm-usage",
    "--disable-extensions", "--disable-sync", "--disable-background-networking", "--disable-component-update", "--mute-audio",
    "--force-color-profile=srgb", "--font-render-hinting=none", "--remote-debugging-address=127.0.0.1", "--remote-debugging-port=0",
]


def missing() -> str | None:
    """Why no browser can be started; None where it can."""
    return None if shutil.which(CHROMIUM) else f"{CHROMIUM} is not installed: run `make test-deps`"


class Browser:
    """One chromium with a profile of its own, ended by its process group."""

    def __init__(self, folder: Path, seconds: float = 60):
        self._profile = Path(folder) / "chromium"
        self._profile.mkdir(parents=True, exist_ok=True)
        # As root the browser has no sandbox to offer; the pages are our own.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        self._log = (self._profile / "stderr.log").open("wb")
        self._process = subprocess.Popen(
            [CHROMIUM, *FLAGS, *sandbox, f"--user-data-dir={self._profile}", "about:blank"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=self._log, start_new_session=True, env={**os.environ, "HOME": str(self._profile)})
        try:
            self._port = self._wait_for_port(time.monotonic() + seconds)
        except BaseException:
            self.close()
            raise

    def _wait_for_port(self, deadline: float) -> int:
        told = self._profile / "DevToolsActivePort"
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"{CHROMIUM} ended with {self._process.returncode}: {(self._profile / 'stderr.log').read_text()[-2000:]}")
            lines = told.read_text().splitlines() if told.exists() else []
            if lines:
                return int(lines[0])
            time.sleep(0.05)
        raise TimeoutError(f"{CHROMIUM} does not answer")

    def open(self, url: str, width: int = 1280, height: int = 900, dark: bool = False, scripts: bool = True, headers=None) -> "Page":
        """Loads a page in a tab of its own and waits until it is there.

        - width, height: of the window, in CSS pixels; below 600 it is a phone's.
        - scripts: whether the page's own scripts may run; `Page.evaluate` works either way.
        - headers: extra request headers.
        """
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}/json/new?about:blank", method="PUT")
        with urllib.request.urlopen(request, timeout=30) as answer:
            target = json.load(answer)
        page = Page(target["webSocketDebuggerUrl"])
        page._begin(width, height, dark, scripts, headers or {})
        page.go(url)
        return page

    def close(self) -> None:
        """Ends the browser and everything it started."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait(timeout=10)
        self._log.close()

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_) -> None:
        self.close()


class Page:
    """A tab. `errors` has what its console, its scripts and its requests complained about; `requests` every address that it asked for."""

    def __init__(self, address: str):
        self._socket = websocket.create_connection(address, timeout=60, suppress_origin=True, max_size=None)
        self._numbers = itertools.count(1)
        self._loaded = False
        self.errors: list[str] = []
        self.requests: list[str] = []

    def _begin(self, width: int, height: int, dark: bool, scripts: bool, headers: dict[str, str]) -> None:
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.resize(width, height)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme, {"name": "prefers-reduced-motion", "value": "reduce"}])
        if not scripts:
            self.call("Emulation.setScriptExecutionDisabled", value=True)
        if headers:
            self.call("Network.setExtraHTTPHeaders", headers=headers)

    def resize(self, width: int, height: int = 900) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)

    def go(self, url: str, seconds: float = 60) -> None:
        """Loads another page and waits until it is there."""
        self._loaded = False
        answer = self.call("Page.navigate", url=url)
        if answer.get("errorText"):
            raise RuntimeError(f"{url}: {answer['errorText']}")
        deadline = time.monotonic() + seconds
        while not self._loaded:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{url} does not load")
            self._take(json.loads(self._socket.recv()))

    def call(self, method: str, **parameters):
        """One DevTools command and its result."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self._take(message)

    def _take(self, event: dict) -> None:
        method, values = event.get("method"), event.get("params", {})
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Runtime.consoleAPICalled" and values["type"] in ("error", "warning", "assert"):
            self.errors.append(f"console {values['type']}: {[part.get('value', part.get('description')) for part in values['args']]}")
        elif method == "Runtime.exceptionThrown":
            details = values["exceptionDetails"]
            self.errors.append(f"exception: {details.get('exception', {}).get('description', details['text'])}")
        elif method == "Log.entryAdded" and values["entry"]["level"] in ("error", "warning"):
            self.errors.append(f"{values['entry']['source']}: {values['entry']['text']} {values['entry'].get('url', '')}".strip())
        elif method == "Network.requestWillBeSent":
            self.requests.append(values["request"]["url"])

    def evaluate(self, expression: str):
        """The value of a JavaScript expression, as JSON; promises are awaited."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return result["result"].get("value")

    def wait_for(self, expression: str, seconds: float = 20):
        """Waits until an expression is true and returns its value."""
        deadline = time.monotonic() + seconds
        while not (value := self.evaluate(expression)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"never true: {expression}")
            time.sleep(0.05)
        return value

    def press(self, key: str) -> None:
        """One key, `Tab` or `Enter`, as a person presses it."""
        code = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32}.get(key, 0)
        text = {"Enter": "\r", " ": " "}.get(key, "")
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, text=text if kind == "keyDown" else "")

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        return self.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def screenshot(self, path: Path, whole: bool = True) -> Path:
        """A PNG of the whole page, or of what the window shows."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **({"clip": self._whole()} if whole else {}))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(shot["data"]))
        return path

    def _whole(self) -> dict:
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        # A picture higher than 16,384 pixels is more than the browser draws.
        return {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 16_000), "scale": 1}

    def pdf(self, path: Path) -> Path:
        """The page as it is printed."""
        path.write_bytes(base64.b64decode(self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"]))
        return path


def file_url(path: Path) -> str:
    return "file://" + urllib.parse.quote(str(Path(path).resolve()))


def accessibility_problems(page: Page) -> list[str]:
    """What is wrong by the basics of WCAG 2.1 AA: contrast of text, names of controls and pictures, headings, language, order of keys."""
    return page.evaluate(AUDIT)


# Contrast is that of the text's colour over the first opaque background behind it; a translucent one is mixed in.
AUDIT = r"""
(() => {
  const problems = [];
  const say = (element, text) => problems.push(text + ": " + element.outerHTML.slice(0, 120));
  const parse = (text) => {
    const numbers = (text.match(/-?[\d.]+(e-?\d+)?/g) || []).map(Number);
    if (text.startsWith("color(srgb")) return { r: numbers[0] * 255, g: numbers[1] * 255, b: numbers[2] * 255, a: numbers[3] ?? 1 };
    return { r: numbers[0] ?? 0, g: numbers[1] ?? 0, b: numbers[2] ?? 0, a: numbers[3] ?? 1 };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a), g: top.g * top.a + below.g * (1 - top.a), b: top.b * top.a + below.b * (1 - top.a), a: 1 });
  const root = () => {
    const probe = document.createElement("div");
    probe.style.color = "Canvas";
    document.body.append(probe);
    const colour = parse(getComputedStyle(probe).color);
    probe.remove();
    return colour;
  };
  const canvas = root();
  const background = (element) => {
    const layers = [];
    for (let node = element; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.a > 0) layers.push(colour);
      if (colour.a >= 1) break;
    }
    return layers.reduceRight((below, layer) => over(layer, below), canvas);
  };
  const light = (c) => {
    const [r, g, b] = [c.r, c.g, c.b].map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const isShown = (element) => {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return style.visibility !== "hidden" && style.display !== "none" && Number(style.opacity) > 0 && box.width > 1 && box.height > 1;
  };
  const seen = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element || element.closest("script, style, title, desc, template, [disabled]")) continue;
    if (!isShown(element)) continue;
    const style = getComputedStyle(element);
    const isDrawn = element instanceof SVGElement;
    const ink = parse(isDrawn ? style.fill : style.color);
    const behind = background(isDrawn ? element.ownerSVGElement.parentElement : element);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = contrast(over(ink, behind), behind);
    const key = [ink.r, ink.g, ink.b, ink.a, behind.r, behind.g, behind.b, isLarge].join();
    if (ratio < (isLarge ? 3 : 4.5) && !seen.has(key)) say(element, "contrast " + ratio.toFixed(2));
    seen.add(key);
  }
  const labelled = (element) => {
    const ids = (element.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean);
    const byId = ids.map((id) => document.getElementById(id)?.textContent || "").join(" ");
    const label = element.labels && [...element.labels].map((l) => l.textContent).join(" ");
    // What is written in a picture does not name it.
    const content = element.getAttribute("role") === "img" || element instanceof SVGElement ? element.querySelector(":scope > title")?.textContent : element.textContent;
    return (element.getAttribute("aria-label") || byId || label || element.getAttribute("alt") || content || element.title || element.value || "").trim();
  };
  for (const element of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [role=img], img, [role=button]"))
    if (!labelled(element)) say(element, "no name");
  for (const element of document.querySelectorAll("svg:not([role=img]):not([aria-hidden=true]):not(svg svg)")) say(element, "a picture without a role");
  for (const element of document.querySelectorAll("img:not([alt])")) say(element, "no alt");
  for (const element of document.querySelectorAll("[aria-labelledby], [aria-describedby], label[for]"))
    for (const id of ["aria-labelledby", "aria-describedby", "for"].flatMap((name) => (element.getAttribute(name) || "").split(/\s+/)).filter(Boolean))
      if (!document.getElementById(id)) say(element, "no element has the id " + id);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) problems.push("the id is there twice: " + id);
  let level = 0;
  for (const element of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const own = Number(element.tagName[1]);
    if (own > level + 1) say(element, "a heading skips a level");
    level = own;
  }
  if (document.querySelectorAll("h1").length !== 1) problems.push("not exactly one h1");
  if (!document.documentElement.lang) problems.push("no language");
  if (!document.title.trim()) problems.push("no title");
  if (document.querySelectorAll("main").length !== 1) problems.push("not exactly one main");
  for (const element of document.querySelectorAll("[tabindex]")) if (element.tabIndex > 0) say(element, "an order of keys of its own");
  for (const element of document.querySelectorAll("th:not([scope])")) { say(element, "a table heading without scope"); break; }
  const viewport = document.querySelector("meta[name=viewport]")?.content || "";
  if (/user-scalable\s*=\s*no|maximum-scale\s*=\s*1(\.0)?\b/.test(viewport)) problems.push("the page cannot be zoomed");
  return problems;
})()
"""
