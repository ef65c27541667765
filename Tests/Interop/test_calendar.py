"""The calendar of `fleetsynth calendar` against pandas and the `holidays` package, day by day, 1970 to 2100.

FLEETSYNTH names the program; the default is the release build of this repository.
"""

import csv
import datetime
import io
import os
import pathlib
import subprocess

import holidays
import pandas
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("FLEETSYNTH", str(ROOT / ".build" / "release" / "fleetsynth"))
FIRST, LAST = datetime.date(1970, 1, 1), datetime.date(2100, 12, 31)
YEARS = range(FIRST.year - 1, LAST.year + 2)
ONE_DAY = datetime.timedelta(days=1)

# Where the package's public US holidays differ from the law of that time: day -> (the holiday by law or None, why).
LAW = {
    datetime.date(1970, 2, 23): (
        "Washington's Birthday (observed)",
        "22 February 1970 was a Sunday; Executive Order 10358 gave the Monday. The package's public list does not move it.",
    ),
    datetime.date(1970, 5, 29): (
        "Memorial Day (observed)",
        "30 May 1970 was a Saturday; Public Law 86-362 (5 U.S.C. 6103(b)) gave the Friday. The package does not move Memorial Day.",
    ),
    datetime.date(1970, 10, 12): (
        None,
        "Columbus Day became a federal holiday on 1 January 1971 (Public Law 90-363); the package also lists the states' day before.",
    ),
}

# Single days that a President closed federal offices on: no holidays under 5 U.S.C. 6103, and known only weeks ahead, so a calendar by rule
# has none of them. The package lists them as government holidays.
CLOSED_BY_ORDER = {
    datetime.date.fromisoformat(day)
    for day in (
        "2001-12-24 2002-12-24 2003-12-26 2004-06-11 2007-01-02 2007-12-24 2008-12-26 2009-12-24 2012-12-24 2014-12-26 2015-12-24 "
        "2018-12-05 2018-12-24 2019-12-24 2020-12-24 2024-12-24 2025-01-09 2025-12-24 2025-12-26"
    ).split()
}

# The package's name of the same holiday.
NAMES = {"Martin Luther King Jr. Day": "Birthday of Martin Luther King, Jr."}


def in_law(name):
    base = name.removesuffix(" (observed)")
    return NAMES.get(base, base) + name[len(base) :]


def table(calendar, first=FIRST, last=LAST, window=7):
    command = [PROGRAM, "calendar", "--calendar", calendar, "--from", str(first), "--to", str(last), "--window", str(window)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {datetime.date.fromisoformat(row["date"]): row for row in csv.DictReader(io.StringIO(text))}


@pytest.fixture(scope="module")
def federal():
    return table("us_federal")


@pytest.fixture(scope="module")
def reserve():
    return table("federal_reserve")


def package_names(**options):
    found = holidays.US(years=YEARS, **options)
    return {day: in_law(name) for day, name in found.items() if FIRST <= day <= LAST}


def printed_names(rows):
    return {day: row["holiday_name"] for day, row in rows.items() if row["holiday_name"]}


def differences(ours, theirs):
    return {day: (ours.get(day), theirs.get(day)) for day in sorted(ours.keys() | theirs.keys()) if ours.get(day) != theirs.get(day)}


def reserve_names():
    """Holidays on their own day, and Mondays after Sunday holidays: built here from unmoved days, not from any observed rule."""
    expected = package_names(observed=False)
    for day, (name, _) in LAW.items():
        if name is None:
            expected.pop(day)
    for day, name in list(expected.items()):
        if day.isoweekday() == 7:
            expected[day + ONE_DAY] = name + " (observed)"
    return expected


@pytest.mark.parametrize("calendar", ["us_federal", "federal_reserve"])
def test_every_day_is_there_once_with_its_weekday_and_consistent_flags(calendar):
    rows = table(calendar)
    days = [day.date() for day in pandas.date_range(FIRST, LAST)]
    assert list(rows) == days
    for day, row in rows.items():
        assert row["weekday"] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][day.weekday()]
        assert row["is_weekend"] == str(int(day.weekday() >= 5))
        assert row["is_holiday"] == str(int(row["holiday_name"] != ""))
        assert row["is_business_day"] == str(int(row["is_weekend"] == "0" and row["is_holiday"] == "0"))


def test_federal_holidays_are_the_packages_but_for_the_known_differences(federal):
    found = differences(printed_names(federal), package_names())
    assert {day: ours for day, (ours, _) in found.items()} == {day: name for day, (name, _) in LAW.items()}


def test_federal_holidays_are_the_packages_government_holidays_but_for_single_closings(federal):
    # This category follows the law for Washington's Birthday and Columbus Day in 1970, but leaves Memorial Day 1970 out altogether.
    found = differences(printed_names(federal), package_names(categories=("government",)))
    assert {day for day, (ours, _) in found.items() if ours is None} == CLOSED_BY_ORDER
    assert {day: pair for day, pair in found.items() if day not in CLOSED_BY_ORDER} == {
        datetime.date(1970, 5, 29): ("Memorial Day (observed)", None),
        datetime.date(1970, 5, 30): ("Memorial Day", None),
    }


def test_federal_reserve_holidays_stay_on_saturday_and_move_from_sunday_to_monday(reserve):
    assert differences(printed_names(reserve), reserve_names()) == {}


def test_federal_reserve_business_days_are_the_packages_since_1999(reserve):
    closed = holidays.financial_holidays("XFED", years=range(1999, LAST.year + 2))
    wrong = [
        day
        for day, row in reserve.items()
        if day.year >= 1999 and (row["is_business_day"] == "1") != (day.weekday() < 5 and day not in closed)
    ]
    assert wrong == []


@pytest.mark.parametrize("calendar", ["us_federal", "federal_reserve"])
@pytest.mark.parametrize("window", [5, 7, 10])
def test_quarter_end_windows_are_the_last_business_days_that_pandas_counts(calendar, window):
    if calendar == "us_federal":
        closed = {day: name for day, name in package_names().items() if day not in LAW}
        closed |= {day: name for day, (name, _) in LAW.items() if name}
    else:
        closed = reserve_names()
    offset = pandas.offsets.CustomBusinessDay(holidays=list(closed))
    business = pandas.date_range(FIRST, LAST, freq=offset)
    quarter_ends = business[business.month.isin([3, 6, 9, 12])].to_series()
    months = quarter_ends.groupby([quarter_ends.dt.year, quarter_ends.dt.month])
    expected = {day.date() for _, month in months for day in month.iloc[-window:]}
    assert len(expected) == 131 * 4 * window
    assert {day for day, row in table(calendar, window=window).items() if row[f"in_quarter_end_{window}"] == "1"} == expected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--calendar", "mars", "--from", "2024-01-01", "--to", "2024-01-02"], "one of us_federal, federal_reserve"),
        (["--from", "2024-02-30", "--to", "2024-03-02"], "write it like"),
        (["--from", "1677-12-31", "--to", "2024-03-02"], "outside the years"),
        (["--from", "2024-03-02", "--to", "2024-03-01"], "swap them"),
        (["--from", "2024-03-01", "--to", "2024-03-02", "--window", "11"], "outside 5 to 10"),
        (["--to", "2024-03-02"], "--from"),
    ],
)
def test_wrong_use_is_refused_with_the_remedy_and_exit_code_64(arguments, words):
    done = subprocess.run([PROGRAM, "calendar", *arguments], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (64, "")
    assert words in done.stderr
