#!/usr/bin/env python3
"""Writes the manual pages from what the program says about itself, so that they cannot fall behind it.

usage: manpages.py PROGRAM OUTPUT_FOLDER DATE
fleetsynth.1 comes from the commands' help (`--experimental-dump-help`), fleetsynth.yaml.5 from the reference of the config format
(`schema --markdown`).
"""

import json
import re
import subprocess
import sys
from pathlib import Path

EXIT_CODES = [
    ("0", "Done, or up to date."), ("64", "The command line is wrong."), ("65", "The quality gate or a verification failed."),
    ("66", "An input is missing."), ("69", "The store, or the service, cannot be reached."), ("70", "A defect of the program."),
    ("73", "A file cannot be created: full or read-only disk, or a file that belongs to others."), ("74", "Input or output failed."),
    ("75", "Temporary; another run has the dataset."), ("77", "Permission denied."), ("78", "A config was refused."),
    ("130, 143", "Stopped by SIGINT or SIGTERM; nothing was published."),
]

FILES = [
    ("/etc/fleetsynth/*.yaml", "The service's configs, one dataset each; see fleetsynth.yaml(5)."),
    ("/var/lib/fleetsynth", "The service's state, and what it publishes under relative paths. Members of the group fleetsynth may read it."),
    ("/var/lib/fleetsynth/http.token", "What lets a client change something over HTTP. Delete it, and a new one is made."),
    ("/run/fleetsynth/control.sock", "The service's control socket."),
    ("/run/fleetsynth/http.sock", "The status page, the JSON interface and metrics over HTTP."),
    ("/usr/share/doc/fleetsynth/examples", "Every default as a config, a nightly dataset, and drop-ins for the unit."),
]

ENVIRONMENT = [
    ("FLEETSYNTH__SECTION__KEY", "Overrides a key of the config, for example FLEETSYNTH__DATA_GENERATION__NUM_SERVERS=500."),
    ("NO_COLOR", "If not empty, no colour on a terminal."),
    ("NOTIFY_SOCKET, WATCHDOG_USEC, JOURNAL_STREAM, CREDENTIALS_DIRECTORY, STATE_DIRECTORY", "Set by systemd for the service."),
]

EXAMPLES = [
    ("Try a config, then make its dataset", "fleetsynth validate web.yaml\nfleetsynth plan --config web.yaml\nfleetsynth generate --config web.yaml"),
    ("Let the service make it every night", "cp /usr/share/doc/fleetsynth/examples/nightly.yaml /etc/fleetsynth/web.yaml\nsystemctl enable --now fleetsynth"),
    ("See what the service did, and what it means", "journalctl -u fleetsynth -x DATASET=web"),
]


def escape(text: str) -> str:
    """Text as roff: no character of it is a command."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("^", "\\(ha").replace("~", "\\(ti")
    return "\n".join("\\&" + line if line.startswith(".") else line for line in text.split("\n"))


def inline(text: str) -> str:
    """Markdown inside a line as roff: `code` and **strong** are bold, links are their text."""
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    parts = re.split(r"`([^`]*)`|\*\*([^*]+)\*\*", text)
    # re.split gives plain text, code, strong, plain text, ...
    return "".join(
        escape(part) if index % 3 == 0 else f"\\fB{escape(part)}\\fR" for index, part in enumerate(parts) if part
    ).replace("\\|", "|")


class Page:
    """One manual page, written line by line."""

    def __init__(self, name: str, section: int, date: str, version: str, what: str):
        self.lines = [
            f'.TH {name.upper()} {section} {date} "fleetsynth {version}" "fleetsynth manual"', ".nh", ".ad l", ".SH NAME",
            f"{escape(name)} \\- {escape(what)}",
        ]

    def section(self, title: str) -> None:
        self.lines.append(f".SH {escape(title.upper())}")

    def subsection(self, title: str) -> None:
        self.lines.append(f'.SS "{escape(title)}"')

    def paragraph(self, text: str) -> None:
        self.lines += [".PP", inline(text)]

    def item(self, term: str, text: str) -> None:
        self.lines += [".TP", f"\\fB{escape(term)}\\fR", inline(text)]

    def bullet(self, text: str) -> None:
        self.lines += [".IP \\(bu 3", inline(text)]

    def code(self, text: str) -> None:
        self.lines += [".PP", ".RS 4", ".nf", escape(text), ".fi", ".RE"]

    def items(self, pairs: list[tuple[str, str]]) -> None:
        for term, text in pairs:
            self.item(term, text)

    def save(self, path: Path) -> None:
        path.write_text("\n".join(self.lines) + "\n")


def label(argument: dict) -> str:
    """An argument as its user writes it: `-h, --help`, `--set <key=value>`, `<file> ...`."""
    value = f"<{argument.get('valueName', 'value')}>"
    names = ", ".join(("-" if name["kind"] == "short" else "--") + name["name"] for name in argument.get("names", []))
    text = value if argument["kind"] == "positional" else names if argument["kind"] == "flag" else f"{names} {value}"
    return text + (" ..." if argument["isRepeating"] else "")


def synopsis(command: dict) -> str:
    words = [command["commandName"]]
    for argument in visible(command.get("arguments", [])):
        text = label(argument)
        words.append(f"[{text}]" if argument["isOptional"] else text)
    return " ".join(words)


def visible(things: list[dict]) -> list[dict]:
    """What help shows, without the arguments that every command has."""
    common = ("help", "version")
    return [
        thing for thing in things
        if thing.get("shouldDisplay", True) and thing.get("commandName") != "help"
        and not any(name["name"] in common for name in thing.get("names", []))
    ]


def command_page(program: dict, version: str, date: str) -> Page:
    page = Page("fleetsynth", 1, date, version, "reproducible synthetic telemetry of a server fleet, from YAML files")
    commands = visible(program["subcommands"])
    page.section("Synopsis")
    for command in commands:
        page.lines += [".br", f"\\fBfleetsynth {escape(command['commandName'])}\\fR ..."]
    page.section("Description")
    page.paragraph(
        "fleetsynth turns small YAML files into Parquet datasets of server telemetry: one row per server and day. Every cell is a function "
        "of the config, so the same config gives the same bytes. A quality gate compares the data with the config before anything is "
        "published, and readers see a whole old or a whole new file at any instant.")
    page.paragraph("Results go to standard output, everything else to standard error.")
    page.section("Commands")
    for command in commands:
        page.subsection("fleetsynth " + synopsis(command))
        page.paragraph(command.get("abstract", ""))
        if "discussion" in command:
            page.paragraph(command["discussion"])
        for argument in visible(command.get("arguments", [])):
            default = argument.get("defaultValue")
            text = " ".join(part for part in (argument.get("abstract", ""), argument.get("discussion", "")) if part)
            page.item(label(argument), text + (f" Default: {default}." if default else ""))
    for title, pairs in (("Exit status", EXIT_CODES), ("Environment", ENVIRONMENT), ("Files", FILES)):
        page.section(title)
        page.items(pairs)
    page.section("Examples")
    for title, commands_text in EXAMPLES:
        page.paragraph(title + ":")
        page.code(commands_text)
    page.section("See also")
    page.paragraph("**fleetsynth.yaml**(5), **journalctl**(1), **systemctl**(1), **systemd.unit**(5)")
    return page


def cells(row: str) -> list[str]:
    """The cells of a table's row; `\\|` is a character of a cell."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip())[1:-1]]


def table(page: Page, rows: list[str]) -> None:
    """A table of keys becomes a list: key, then what it means and takes."""
    heads = cells(rows[0])
    for row in rows[2:]:
        values = dict(zip(heads, cells(row)))
        key = values.pop(heads[0]).strip("`")
        meaning = values.pop("Meaning", "")
        details = "; ".join(f"{head.lower()}: {value}" for head, value in values.items() if value)
        page.item(key, " ".join(part for part in (meaning, details[:1].upper() + details[1:] + "." if details else "") if part))


def config_page(markdown: str, version: str, date: str) -> Page:
    page = Page("fleetsynth.yaml", 5, date, version, "what fleetsynth generates, checks and publishes")
    page.section("Description")
    for block in blocks(markdown.replace("config/config.yaml", "/usr/share/doc/fleetsynth/examples/default.yaml")):
        first = block[0]
        if first.startswith(("# ", "This page is made")):
            continue
        if first.startswith("## "):
            page.section(first[3:])
        elif first.startswith("```"):
            page.code("\n".join(block[1:-1]))
        elif first.startswith("|"):
            table(page, block)
        elif first.startswith("- "):
            for text in re.split(r"\n- ", "\n".join(block)[2:]):
                page.bullet(" ".join(text.split()))
        else:
            page.paragraph(" ".join(block))
    page.section("See also")
    page.paragraph("**fleetsynth**(1)")
    return page


def blocks(markdown: str) -> list[list[str]]:
    """Lines that belong together: a heading, a paragraph, a list, a table or a fence."""
    result: list[list[str]] = []
    current: list[str] = []
    in_fence = False
    for line in markdown.splitlines():
        if line.startswith("```") and not in_fence and current:
            result.append(current)
            current = []
        if line.startswith("```"):
            in_fence = not in_fence
        if line or in_fence:
            current.append(line)
        ends = not line and not in_fence or line.startswith("#") and not in_fence or line == "```" and not in_fence
        if ends and current:
            result.append(current)
            current = []
    return result + ([current] if current else [])


def main() -> None:
    program, folder, date = sys.argv[1], Path(sys.argv[2]), sys.argv[3]

    def say(*arguments: str) -> str:
        return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout

    version = say("--version").strip()
    command_page(json.loads(say("--experimental-dump-help"))["command"], version, date).save(folder / "fleetsynth.1")
    config_page(say("schema", "--markdown"), version, date).save(folder / "fleetsynth.yaml.5")


if __name__ == "__main__":
    main()
