"""Every shipped calendar against the `holidays` package, day by day and name by name, 1990 to 2060.

The two calendars of the United States have a test of their own over a longer time: test_calendar.py.
"""

import datetime
import re
import subprocess
import warnings

import holidays
import pytest

import fleet
from test_calendar import table

FIRST, LAST = datetime.date(1990, 1, 1), datetime.date(2060, 12, 31)
YEARS = range(FIRST.year - 1, LAST.year + 2)
STATES = "bw by be bb hb hh he mv ni nw rp sl sn st sh th".split()

PACKAGE = {
    "nyse": lambda **options: holidays.financial_holidays("NYSE", **options),
    "uk": lambda **options: holidays.country_holidays("GB", subdiv="ENG", **options),
    "uk_scotland": lambda **options: holidays.country_holidays("GB", subdiv="SCT", **options),
    "uk_northern_ireland": lambda **options: holidays.country_holidays("GB", subdiv="NIR", **options),
    "ireland": lambda **options: holidays.country_holidays("IE", **options),
    "singapore": lambda **options: holidays.country_holidays("SG", **options),
    "india": lambda **options: holidays.country_holidays("IN", **options),
    "germany": lambda **options: holidays.country_holidays("DE", **options),
} | {f"germany_{state}": lambda state=state, **options: holidays.country_holidays("DE", subdiv=state.upper(), **options) for state in STATES}

# Our name -> the package's, where they differ.
NAMES = {
    # The package says that Singapore's Deepavali is estimated outside 2001...2027, and its names do not.
    "singapore": {"Diwali (estimated)": "Diwali", "Diwali (observed, estimated)": "Diwali (observed)"},
}


def package(calendar):
    with warnings.catch_warnings():
        # India's Hindu days outside 2001...2035 are unknown to both.
        warnings.simplefilter("ignore", UserWarning)
        found = PACKAGE[calendar](years=YEARS, language="en_US")
    return {day: sorted(name.split("; ")) for day, name in found.items() if FIRST <= day <= LAST}


def ours(calendar):
    names = NAMES.get(calendar, {})
    rows = table(calendar, FIRST, LAST).items()
    return {day: sorted(names.get(name, name) for name in row["holiday_name"].split("; ")) for day, row in rows if row["holiday_name"]}


@pytest.mark.parametrize("calendar", PACKAGE)
def test_every_holiday_is_the_packages(calendar):
    found, expected = ours(calendar), package(calendar)
    assert {day: (found.get(day), expected.get(day)) for day in found.keys() | expected.keys() if found.get(day) != expected.get(day)} == {}
    assert len(expected) > 71 * 6 if calendar != "germany" else len(expected) > 70 * 9


def test_no_shipped_calendar_is_without_its_test():
    done = subprocess.run([fleet.BINARY, "calendar", "--calendar", "none", "--from", "2024-01-01", "--to", "2024-01-01"], capture_output=True, text=True)
    shipped = re.search(r"one of ([a-z_, ]+)", " ".join(done.stderr.split())).group(1).split(", ")
    assert {name.strip() for name in shipped} == PACKAGE.keys() | {"us_federal", "federal_reserve"}
