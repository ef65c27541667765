"""`fleetsynth cron` against croniter, cronsim and `systemd-analyze calendar` (C1 to C6, C14 of the service's checklist).

No other program is right about everything, so every case says who disagrees and why; a disagreement that has gone is an error as well.
FLEETSYNTH names the program; the default is the release build of this repository.
"""

import datetime
import os
import pathlib
import random
import re
import shutil
import subprocess
import zoneinfo

import croniter
import cronsim
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("FLEETSYNTH", str(ROOT / ".build" / "release" / "fleetsynth"))
SYSTEMD = shutil.which("systemd-analyze")
ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia", "Africa/Casablanca",
    "Pacific/Kiritimati",
]  # fmt: skip
MINUTE = 60
DAY = 86_400


def unix(text):
    return int(datetime.datetime.fromisoformat(text + "+00:00").timestamp())


def run(expression, zone, start, count, *options):
    command = [PROGRAM, "cron", expression, "--timezone", zone, "--from", str(start), "--count", str(count), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def ours(expression, zone, start, count, *options):
    """The times, or None for a refused expression and for one that never fires."""
    done = run(expression, zone, start, count, *options)
    if done.returncode in (64, 78):
        return None
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    for time, text in lines:
        # What the clocks show is Python's to confirm, since it reads the same database with other code.
        assert text == datetime.datetime.fromtimestamp(int(time), zoneinfo.ZoneInfo(zone)).isoformat()
    return [int(time) for time, _ in lines]


def by_croniter(expression, zone, start, count):
    try:
        times = croniter.croniter(expression, datetime.datetime.fromtimestamp(start, zoneinfo.ZoneInfo(zone)))
        return [int(times.get_next(datetime.datetime).timestamp()) for _ in range(count)]
    except croniter.CroniterError:
        return None


def by_cronsim(expression, zone, start, count):
    try:
        times = cronsim.CronSim(expression, datetime.datetime.fromtimestamp(start, zoneinfo.ZoneInfo(zone)))
        return [int(next(times).timestamp()) for _ in range(count)]
    except cronsim.CronSimError:
        return None


LIBRARIES = {"croniter": by_croniter, "cronsim": by_cronsim}

OR = "croniter takes a field that begins with * for a restriction, so one of the two day fields is enough"
TWICE = "croniter runs a fixed time in both of two equal hours"
NO_W = "cronsim knows no W for a given day"
NO_L_AFTER = "croniter writes the last Friday L5"
AND_NTH = "croniter wants both day fields to match where the weekday has a #"
NO_NICKNAMES = "cronsim has no nicknames"
OCPS_STEP = "OCPS 1.0 refuses a step without a range, and so do we"
WRAPS = "croniter lets ranges run over the end"
EARLY_STEP = "croniter lets a clock-following hour that the clocks skip run after the gap"

# expression, zone, start, times, who disagrees and why
CASES = [
    ("15 2 * * *", "UTC", "2024-02-27T00:00", 5, {}),
    ("*/7 8-10 * * *", "UTC", "2024-02-27T00:00", 40, {}),
    ("0 0 13 * FRI", "UTC", "2024-01-01T00:00", 20, {}),
    ("0 0 */2 * 1", "Europe/Berlin", "2024-01-01T00:00", 10, {"croniter": OR}),
    ("0 0 1 * */2", "UTC", "2024-01-01T00:00", 10, {"croniter": OR}),
    ("0 0 * * 7", "UTC", "2024-01-01T00:00", 5, {}),
    ("0 0 * * 5-7", "UTC", "2024-01-01T00:00", 9, {}),
    ("0 0 29 2 *", "UTC", "2024-03-01T00:00", 3, {}),
    ("0 0 L * *", "UTC", "2023-12-01T00:00", 12, {}),
    ("0 0 LW * *", "UTC", "2023-12-01T00:00", 12, {"croniter": "croniter has no LW"}),
    ("0 0 15W * *", "UTC", "2023-12-01T00:00", 12, {"cronsim": NO_W}),
    ("0 0 1W * *", "UTC", "2023-12-01T00:00", 12, {"cronsim": NO_W}),
    ("0 0 30W * *", "UTC", "2024-03-01T00:00", 9, {"cronsim": NO_W}),
    ("0 0 * * 1#2", "UTC", "2024-01-01T00:00", 12, {}),
    ("0 0 * * 2#5", "UTC", "2024-01-01T00:00", 6, {}),
    ("0 0 * * 5L", "UTC", "2024-01-01T00:00", 12, {"croniter": NO_L_AFTER}),
    ("0 0 13 * 1#1", "UTC", "2024-01-01T00:00", 12, {"croniter": AND_NTH}),
    ("30 2 13 * 0#5", "UTC", "2024-01-01T00:00", 12, {"croniter": AND_NTH}),
    ("@hourly", "UTC", "2024-01-01T00:30", 3, {"cronsim": NO_NICKNAMES}),
    ("@daily", "UTC", "2024-01-01T00:30", 3, {"cronsim": NO_NICKNAMES}),
    ("@weekly", "UTC", "2024-01-01T00:30", 3, {"cronsim": NO_NICKNAMES}),
    ("@monthly", "UTC", "2024-01-01T00:30", 3, {"cronsim": NO_NICKNAMES}),
    ("@yearly", "UTC", "2024-01-01T00:30", 3, {"cronsim": NO_NICKNAMES}),
    ("*/90 * * * *", "UTC", "2024-01-01T00:00", 3, {}),
    ("5/15 * * * *", "UTC", "2024-01-01T00:00", 3, {"croniter": OCPS_STEP, "cronsim": OCPS_STEP}),
    ("0 22-2 * * *", "UTC", "2024-01-01T00:00", 3, {"croniter": WRAPS}),
    ("0 0 * * fri-sun", "UTC", "2024-01-01T00:00", 3, {"croniter": WRAPS}),
    ("0 0 30 2 *", "UTC", "2024-01-01T00:00", 1, {}),
    ("0 0 ? * *", "UTC", "2024-01-01T00:00", 1, {"croniter": "OCPS 1.4 lets an implementation refuse ?"}),
    # The clocks skip these times.
    ("30 2 * * *", "Europe/Berlin", "2024-03-30T12:00", 3, {}),
    ("0,30 2 * * *", "Europe/Berlin", "2024-03-30T12:00", 3, {}),
    ("0 2,3 * * *", "Europe/Berlin", "2024-03-30T12:00", 3, {}),
    ("30 */2 * * *", "Europe/Berlin", "2024-03-30T22:00", 5, {"croniter": EARLY_STEP}),
    ("*/30 * * * *", "Europe/Berlin", "2024-03-30T22:00", 9, {}),
    ("0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00", 3, {}),
    ("15 2 * * *", "Australia/Lord_Howe", "2024-10-05T12:00", 3, {}),
    ("30 12 * * *", "Pacific/Apia", "2011-12-29T12:00", 4, {}),
    ("30 2 * * *", "Africa/Casablanca", "2024-04-13T12:00", 3, {}),
    # The clocks show these times twice.
    ("30 2 * * *", "Europe/Berlin", "2024-10-26T12:00", 3, {"croniter": TWICE}),
    ("30 1 * * *", "America/New_York", "2024-11-02T12:00", 3, {"croniter": TWICE}),
    ("*/30 * * * *", "Europe/Berlin", "2024-10-26T23:59", 8, {}),
    ("30 * * * *", "Europe/Berlin", "2024-10-26T23:59", 8, {}),
    ("45 1 * * *", "Australia/Lord_Howe", "2024-04-06T12:00", 3, {"croniter": TWICE}),
]  # fmt: skip


def case_name(case):
    return f"{case[0]} {case[1]} {case[2]}"


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_c3_c4_libraries_agree_but_where_they_are_known_not_to(case, library):
    expression, zone, start, count, known = case
    found = ours(expression, zone, unix(start), count)
    expected = LIBRARIES[library](expression, zone, unix(start), count)
    if library in known:
        assert found != expected, f"the disagreement has gone: {known[library]}"
    else:
        assert found == expected


@pytest.mark.parametrize("case", [case for case in CASES if case[4].get("croniter") == TWICE], ids=case_name)
def test_c4_with_overlap_both_croniter_agrees(case):
    expression, zone, start, count, _ = case
    assert ours(expression, zone, unix(start), count, "--overlap", "both") == by_croniter(expression, zone, unix(start), count)


def random_expression(dice):
    """A plain schedule, often near the times at which clocks change. No day field begins with a * and a step, see OR."""
    minute = dice.choice(["*", "0", "30", "15", "*/7", "*/30", "0-59/20", "5,35", "59", str(dice.randrange(60))])
    hour = dice.choice(["*", "*/2", "0", "1", "2", "3", "23", "1-3", "0-23/5", "2,14", "22,23", str(dice.randrange(24))])
    date = dice.choice(["*", "*", "*", "1", "L", "1-7", "31", "13", "10-20/3", "5,29"])
    month = dice.choice(["*", "*", "*", "3,10", "*/2", "1-6", "FEB"])
    weekday = dice.choice(["*", "*", "*", "0", "7", "1-5", "MON", "1#1", "0#5", "6-7"])
    return f"{minute} {hour} {date} {month} {weekday}"


def changes(zone, first, last):
    """The instants at which a zone's offset changes, to the hour."""
    info = zoneinfo.ZoneInfo(zone)
    offsets = [(hour, datetime.datetime.fromtimestamp(hour, info).utcoffset()) for hour in range(unix(first), unix(last), DAY // 24)]
    return [hour for (_, before), (hour, after) in zip(offsets, offsets[1:], strict=False) if before != after]


HALF_HOUR = "cronsim loses the first time of an hour on the day that clocks are set back by half an hour, being half an hour off"
LOST_HOUR = "cronsim loses the first hour of a day without a midnight"
# What random schedules find: (zone, schedule) -> the reason and the local times that only we have.
CRONSIM_LOSES = {
    ("Australia/Lord_Howe", "*/30 0-23/5 * * 6-7"): (HALF_HOUR, ["2018-04-01T05:00:00+10:30"]),
    ("Australia/Lord_Howe", "*/30 23 L * 0"): (HALF_HOUR, ["2022-04-03T23:00:00+10:30"]),
    ("America/Sao_Paulo", "*/30 1 * 3,10 7"): (LOST_HOUR, ["2017-10-15T01:00:00-02:00", "2017-10-15T01:30:00-02:00"]),
}


@pytest.mark.parametrize("zone", ZONES)
def test_c14_cronsim_agrees_on_random_schedules_through_every_change_of_the_clock(zone):
    dice = random.Random(zone)
    near = changes(zone, "2010-01-01T00:00", "2027-01-01T00:00") or [unix("2024-01-01T00:00")]
    info = zoneinfo.ZoneInfo(zone)
    differences = {}
    for _ in range(60):
        expression = random_expression(dice)
        start = dice.choice(near) - dice.randrange(36 * 60) * MINUTE
        found, expected = ours(expression, zone, start, 30), by_cronsim(expression, zone, start, 30)
        if found != expected:
            # Cut to the same stretch of time; None, for a schedule that never fires, is no stretch.
            end = min(found[-1], expected[-1])
            only_here = [datetime.datetime.fromtimestamp(time, info).isoformat() for time in found if time <= end and time not in expected]
            only_there = [time for time in expected if time <= end and time not in found]
            differences[zone, expression] = (only_here, only_there)
    known = {key: (times, []) for key, (_, times) in CRONSIM_LOSES.items() if key[0] == zone}
    assert differences == known


def test_c14_croniter_agrees_on_random_schedules_without_changes_of_the_clock():
    dice = random.Random(1)
    differences = []
    for _ in range(150):
        expression = random_expression(dice)
        _, _, date, _, weekday = expression.split()
        if date != "*" and "#" in weekday:
            continue  # AND_NTH
        start = unix("1990-01-01T00:00") + dice.randrange(40 * 366 * DAY // MINUTE) * MINUTE
        found, expected = ours(expression, "UTC", start, 20), by_croniter(expression, "UTC", start, 20)
        if found != expected:
            differences.append((expression, start, found, expected))
    assert differences == []


# The same schedule as a calendar event of systemd.time(7), which skips times that the clocks skip and has no OR.
SYSTEMD_TWICE = "systemd shows a time of two equal hours once, also where minute or hour begins with *"
CALENDARS = [
    ("15 2 * * *", "*-*-* 02:15:00", None),
    ("30 2 * * *", "*-*-* 02:30:00", None),
    ("0,30 2 * * *", "*-*-* 02:00,30:00", None),
    ("0 0 * * *", "*-*-* 00:00:00", None),
    ("45 1 * * *", "*-*-* 01:45:00", None),
    ("0 9-17 * * 1-5", "Mon..Fri *-*-* 09..17:00:00", None),
    ("0 12 1-7 * +MON", "Mon *-*-01..07 12:00:00", None),
    ("0 0 L * *", "*-*~01 00:00:00", None),
    ("0 0 29 2 *", "*-02-29 00:00:00", None),
    ("10 4 1 1,7 *", "*-01,07-01 04:10:00", None),
    ("*/30 * * * *", "*-*-* *:00/30:00", SYSTEMD_TWICE),
]


def by_systemd(calendar, zone, start, count):
    base = datetime.datetime.fromtimestamp(start, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    command = [SYSTEMD, "calendar", "--base-time", base, "--iterations", str(count), f"{calendar} {zone}"]
    text = subprocess.run(command, check=True, capture_output=True, text=True, env={"TZ": "UTC", "LC_ALL": "C"}).stdout
    found = re.findall(r"^ *(?:Next elapse|Iter\. #\d+|Iteration #\d+): \w+ ([0-9-]+) ([0-9:]+) UTC$", text, re.MULTILINE)
    return [unix(f"{day}T{clock}") for day, clock in found]


@pytest.mark.skipif(not SYSTEMD, reason="NOT CHECKED against systemd: there is no systemd-analyze on this machine")
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("expression", "calendar", "known"), CALENDARS, ids=[case[0] for case in CALENDARS])
def test_c4_systemd_agrees_with_gap_skip_and_overlap_first(expression, calendar, known, zone):
    starts = {"Pacific/Apia": "2011-12-29T12:00", "America/Sao_Paulo": "2018-11-03T12:00"}
    near = changes(zone, "2024-01-01T00:00", "2025-01-01T00:00")
    differences = []
    for start in [unix(starts.get(zone, "2024-02-28T12:00")), *(change - DAY for change in near)]:
        count = 60 if "*" in expression[:2] else 8
        found, expected = ours(expression, zone, start, count, "--gap", "skip"), by_systemd(calendar, zone, start, count)
        assert expected
        if found != expected:
            differences.append((start, found, expected))
    if known and near:
        assert differences, f"the disagreement has gone: {known}"
    else:
        assert differences == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["61 * * * *", "--from", "0"], 64, "column 1: minute 61 is above 59; expected 0 to 59"),
        (["5/15 * * * *", "--from", "0"], 64, "write 5-59/15"),
        (["@daily", "--from", "0", "--timezone", "Europe/Berln"], 64, "Did you mean Europe/Berlin?"),
        (["@daily", "--from", "0", "--timezone", "../../../etc/passwd"], 64, "There is no time zone"),
        (["@daily", "--from", "0", "--gap", "jump"], 64, "write run-after or skip"),
        (["@daily", "--from", "0", "--overlap", "last"], 64, "write first or both"),
        (["@daily", "--from", "0", "--count", "0"], 64, "outside 1 to 1000000"),
        (["@daily"], 64, "--from"),
        (["0 0 30 2 *", "--from", "0"], 78, "never fires"),
    ],
)
def test_c1_c5_c6_wrong_use_is_refused_with_the_remedy(arguments, code, words):
    done = subprocess.run([PROGRAM, "cron", *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in " ".join(done.stderr.split())


def test_c1_a_step_that_leaves_one_number_is_a_warning_and_the_words_are_told():
    done = run("*/90 6 * * *", "Europe/Berlin", 0, 1)
    assert done.returncode == 0
    assert "warning: column 3: a step of 90 leaves only minute 0" in done.stderr
    assert "at 06:00 every day (Europe/Berlin)" in done.stderr
