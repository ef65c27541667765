"""Calendars of a config, and those made from iCalendar files, against the `holidays` package."""

import csv
import datetime
import io
import json
import subprocess

import holidays
import pandas as pd
import pytest
import yaml

import fleet

OWN = {
    "extends": "uk",
    "remove": ["1st MON of MAY", "2023-05-08", "easter-2"],
    "add": {"12-24": "Christmas Eve", "last FRI of JUN": "Founders' Day", "2024-12-30..2025-01-02": "Closed, for \"stock\" taking", "2nd TUE of APR": "Spring"},
}
FIRST, LAST = datetime.date(2023, 1, 1), datetime.date(2025, 12, 31)


def printed(*arguments) -> dict[datetime.date, str]:
    text = fleet.run("calendar", *arguments, "--from", FIRST, "--to", LAST).stdout
    return {datetime.date.fromisoformat(row["date"]): row["holiday_name"] for row in csv.DictReader(io.StringIO(text)) if row["is_holiday"] == "1"}


def expected() -> dict[datetime.date, list[str]]:
    days = {}
    kingdom = holidays.country_holidays("GB", subdiv="ENG", years=range(2023, 2026), language="en_US")
    good_fridays = {day for day, name in kingdom.items() if name == "Good Friday"}
    for day, name in kingdom.items():
        is_first_monday_of_may = day.month == 5 and day.day <= 7 and day.weekday() == 0
        if not is_first_monday_of_may and day != datetime.date(2023, 5, 8) and day not in good_fridays:
            days.setdefault(day, []).append(name)
    for year in (2023, 2024, 2025):
        days.setdefault(datetime.date(year, 12, 24), []).append("Christmas Eve")
        days.setdefault(pd.date_range(f"{year}-06-01", f"{year}-06-30", freq="W-FRI")[-1].date(), []).append("Founders' Day")
        days.setdefault(pd.date_range(f"{year}-04-01", f"{year}-04-30", freq="W-TUE")[1].date(), []).append("Spring")
    for day in pd.date_range("2024-12-30", "2025-01-02"):
        days.setdefault(day.date(), []).append("Closed, for \"stock\" taking")
    return days


@pytest.fixture
def config(tmp_path):
    content = fleet.config({
        "num_servers": 2, "start_date": str(FIRST), "end_date": str(LAST), "holiday_calendar": "office", "calendars": {"office": OWN},
        "metrics": [fleet.metric("load", base_std=1e-6, holiday_effect_multiplier=0.5)],
    })
    return fleet.write_config(tmp_path / "own.yaml", content)


def test_the_printed_days_are_those_of_the_base_less_and_more(config):
    assert printed("--config", config) == {day: "; ".join(sorted(names)) for day, names in expected().items()}


def test_a_panel_has_its_holidays_on_those_days(config, tmp_path):
    daily = fleet.generate(config, tmp_path / "data").frame().groupby("date")["load"].mean()
    dips = {day.date() for day in daily.index[daily < 75]}
    assert dips == set(expected())


def test_a_change_of_the_calendar_makes_a_new_generation(config, tmp_path):
    first = fleet.generate(config, tmp_path / "data")
    again = fleet.run("generate", "--config", config, "--set", f"storage.local_base_path={tmp_path / 'data'}", "--json").stdout
    assert json.loads(again)["status"] == "up-to-date"
    config.write_text(config.read_text().replace("Spring", "Autumn"))
    assert fleet.generate(config, tmp_path / "data").result["generation"] == first.result["generation"] + 1


def test_a_shipped_calendar_can_be_looked_at_through_a_config_too(config):
    assert printed("--config", config, "--calendar", "ireland") == printed("--calendar", "ireland")


ICS = """BEGIN:VCALENDAR\r
VERSION:2.0\r
BEGIN:VTIMEZONE\r
TZID:Europe/London\r
BEGIN:STANDARD\r
DTSTART:19961027T020000\r
END:STANDARD\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20240705\r
SUMMARY:Bridge\\, by\r
  agreement\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20241230\r
DTEND;VALUE=DATE:20250103\r
SUMMARY:Stock taking\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20231224\r
RRULE:FREQ=YEARLY\r
SUMMARY:Christmas Eve\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20231124\r
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4FR\r
SUMMARY:Black Friday\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20230101\r
STATUS:CANCELLED\r
SUMMARY:Never\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_an_icalendar_file_becomes_a_calendar_of_a_config(tmp_path):
    source = tmp_path / "days.ics"
    source.write_bytes(ICS.encode())
    content = yaml.load(fleet.run("calendar", "--ics", source).stdout, Loader=yaml.BaseLoader)
    path = fleet.write_config(tmp_path / "from-ics.yaml", {"data_generation": content["data_generation"] | {"calendars": {"own": {"add": content["data_generation"]["calendars"]["own"]["add"]}}}})
    found = printed("--config", path)
    assert found[datetime.date(2024, 7, 5)] == "Bridge, by agreement"
    assert {day for day, name in found.items() if name == "Stock taking"} == {day.date() for day in pd.date_range("2024-12-30", "2025-01-02")}
    assert {day for day, name in found.items() if name == "Christmas Eve"} == {datetime.date(year, 12, 24) for year in (2023, 2024, 2025)}
    assert {day for day, name in found.items() if name == "Black Friday"} == {datetime.date(2023, 11, 24), datetime.date(2024, 11, 22), datetime.date(2025, 11, 28)}
    assert len(found) == 1 + 4 + 3 + 3


def test_the_calendars_that_the_package_writes_come_through(tmp_path):
    from holidays.ical import ICalExporter

    germany = holidays.country_holidays("DE", years=range(2023, 2026), language="en_US")
    source = tmp_path / "germany.ics"
    ICalExporter(germany).save_ics(str(source))
    path = tmp_path / "germany.yaml"
    path.write_text(fleet.run("calendar", "--ics", source).stdout)
    assert printed("--config", path) == printed("--calendar", "germany")


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("DTSTART;VALUE=DATE:20240705", "DTSTART:20240705T090000Z", 10, "is no whole day"),
        ("DTSTART;VALUE=DATE:20240705", "DTSTART;VALUE=DATE:20240732", 10, "no day of the calendar"),
        ("RRULE:FREQ=YEARLY\r", "RRULE:FREQ=WEEKLY\r", 21, "no rule for every year"),
        ("RRULE:FREQ=YEARLY\r", "RRULE:FREQ=YEARLY;COUNT=3\r", 21, "more than a rule for every year"),
        ("RRULE:FREQ=YEARLY\r", "RRULE:FREQ=YEARLY\r\nEXDATE;VALUE=DATE:20241224\r", 22, "changes single days"),
        ("BYDAY=4FR", "BYDAY=3FR", 26, "not that of the first day"),
        ("DTEND;VALUE=DATE:20250103", "DTEND;VALUE=DATE:20241230", 14, "goes from"),
        ("END:VCALENDAR", "X-END:VCALENDAR", 1, "no whole calendar"),
        ("END:VTIMEZONE", "END:VEVENT", 8, "ends what is not open"),
    ],
)
def test_what_would_change_the_meaning_is_refused_with_its_line(tmp_path, old, new, line, words):
    source = tmp_path / "days.ics"
    assert ICS.count(old) == 1
    source.write_bytes(ICS.replace(old, new).encode())
    done = subprocess.run([fleet.BINARY, "calendar", "--ics", source], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (78, "")
    assert f"days.ics:{line}: " in done.stderr and words in done.stderr and "remedy: " in done.stderr
