import Core
import Service
import Testing

@Suite("Schedules and the clocks of a time zone")
struct ScheduleTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let cron: String
        let zone: String
        let after: String
        var gap = GapPolicy.runAfter
        var overlap = OverlapPolicy.first
        let times: [String]
        var testDescription: String { "\(cron) \(zone) \(gap) \(overlap)" }
    }

    @Test(
        "C4: a time that the clocks skip runs right after the gap, or is skipped; several of them run once",
        arguments: [
            Row(
                cron: "30 2 * * *", zone: "Europe/Berlin", after: "2024-03-30T02:00",
                times: ["2024-03-31T03:00:00+02:00", "2024-04-01T02:30:00+02:00"]),
            Row(cron: "30 2 * * *", zone: "Europe/Berlin", after: "2024-03-30T02:00", gap: .skip, times: ["2024-04-01T02:30:00+02:00"]),
            Row(
                cron: "0-59/10 2 * * *", zone: "Europe/Berlin", after: "2024-03-31T00:00",
                times: ["2024-03-31T03:00:00+02:00", "2024-04-01T02:00:00+02:00"]),
            Row(
                cron: "0 2,3 * * *", zone: "Europe/Berlin", after: "2024-03-31T00:00",
                times: ["2024-03-31T03:00:00+02:00", "2024-04-01T02:00:00+02:00"]),
            Row(
                cron: "0 3 * * *", zone: "Europe/Berlin", after: "2024-03-31T00:00", gap: .skip,
                times: ["2024-03-31T03:00:00+02:00", "2024-04-01T03:00:00+02:00"]),
            Row(
                cron: "30 2 * * *", zone: "America/New_York", after: "2025-03-09T00:00",
                times: ["2025-03-09T03:00:00-04:00", "2025-03-10T02:30:00-04:00"]),
            Row(cron: "15 2 * * *", zone: "Australia/Lord_Howe", after: "2024-10-05T12:00", times: ["2024-10-06T02:30:00+11:00"]),
            Row(
                cron: "0 0 * * *", zone: "America/Sao_Paulo", after: "2018-11-03T12:00",
                times: ["2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"]),
            Row(cron: "0 0 * * *", zone: "America/Sao_Paulo", after: "2018-11-03T12:00", gap: .skip, times: ["2018-11-05T00:00:00-02:00"]),
            Row(
                cron: "30 12 * * *", zone: "Pacific/Apia", after: "2011-12-29T12:00",
                times: ["2011-12-29T12:30:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T12:30:00+14:00"]),
            Row(
                cron: "30 12 * * *", zone: "Pacific/Apia", after: "2011-12-29T12:00", gap: .skip,
                times: ["2011-12-29T12:30:00-10:00", "2011-12-31T12:30:00+14:00"]),
            // The 30th was a Friday and never came.
            Row(
                cron: "0 9 30 12 *", zone: "Pacific/Apia", after: "2011-01-01T00:00",
                times: ["2011-12-31T00:00:00+14:00", "2012-12-30T09:00:00+14:00"]),
            Row(cron: "30 2 * * *", zone: "Africa/Casablanca", after: "2024-04-13T12:00", times: ["2024-04-14T03:00:00+01:00"]),
        ])
    func gap(row: Row) throws { try check(row) }

    @Test(
        "C4: a time that the clocks show twice runs once, the first time, or both times",
        arguments: [
            Row(
                cron: "30 2 * * *", zone: "Europe/Berlin", after: "2024-10-26T12:00",
                times: ["2024-10-27T02:30:00+02:00", "2024-10-28T02:30:00+01:00"]),
            Row(
                cron: "30 2 * * *", zone: "Europe/Berlin", after: "2024-10-26T12:00", overlap: .both,
                times: ["2024-10-27T02:30:00+02:00", "2024-10-27T02:30:00+01:00", "2024-10-28T02:30:00+01:00"]),
            Row(
                cron: "0-59/30 1-3 27 10 *", zone: "Europe/Berlin", after: "2024-10-27T00:00",
                times: [
                    "2024-10-27T02:30:00+02:00", "2024-10-27T03:00:00+01:00", "2024-10-27T03:30:00+01:00",
                ]),
            Row(
                cron: "45 1 * * *", zone: "Australia/Lord_Howe", after: "2024-04-06T12:00",
                times: ["2024-04-07T01:45:00+11:00", "2024-04-08T01:45:00+10:30"]),
            Row(
                cron: "45 1 * * *", zone: "Australia/Lord_Howe", after: "2024-04-06T12:00", overlap: .both,
                times: ["2024-04-07T01:45:00+11:00", "2024-04-07T01:45:00+10:30"]),
            Row(
                cron: "30 23 * * *", zone: "America/Sao_Paulo", after: "2018-02-17T12:00",
                times: ["2018-02-17T23:30:00-02:00", "2018-02-18T23:30:00-03:00"]),
            Row(
                cron: "30 2 * * *", zone: "Africa/Casablanca", after: "2024-03-09T12:00",
                times: ["2024-03-10T02:30:00+01:00", "2024-03-11T02:30:00+00:00"]),
        ])
    func overlap(row: Row) throws { try check(row) }

    @Test(
        "C4: what begins with a star follows the clock through both changes, whatever the policies say",
        arguments: GapPolicy.allCases, OverlapPolicy.allCases)
    func followsClock(gap: GapPolicy, overlap: OverlapPolicy) throws {
        let rows = [
            Row(
                cron: "*/30 * * * *", zone: "Europe/Berlin", after: "2024-10-26T23:59", gap: gap, overlap: overlap,
                times: [
                    "2024-10-27T02:00:00+02:00", "2024-10-27T02:30:00+02:00", "2024-10-27T02:00:00+01:00", "2024-10-27T02:30:00+01:00",
                    "2024-10-27T03:00:00+01:00",
                ]),
            Row(
                cron: "*/30 * * * *", zone: "Europe/Berlin", after: "2024-03-31T00:00", gap: gap, overlap: overlap,
                times: ["2024-03-31T01:30:00+01:00", "2024-03-31T03:00:00+02:00", "2024-03-31T03:30:00+02:00"]),
            Row(
                cron: "30 */2 * * *", zone: "Europe/Berlin", after: "2024-03-30T23:00", gap: gap, overlap: overlap,
                times: ["2024-03-31T00:30:00+01:00", "2024-03-31T04:30:00+02:00"]),
        ]
        for row in rows { try check(row) }
    }

    @Test("C1: @every counts from the epoch, so that neither restarts nor time zones move it")
    func every() throws {
        let schedule = try ScheduleSupport.schedule("@every 90m", "Europe/Berlin")
        #expect(schedule.next(3, after: 5_399) == [5_400, 10_800, 16_200])
        #expect(schedule.next(after: 5_400) == 10_800)
        #expect(schedule.next(2, after: -1) == [0, 5_400] && schedule.next(after: -5_401) == -5_400 && schedule.next(after: -5_400) == 0)
    }

    @Test(
        "C6: rare days are found, and the search ends where nothing comes",
        arguments: [
            ("0 0 29 2 +MON", "2096-03-01T00:00", "2112-02-29"), ("0 0 29 2 *", "2024-02-29T00:00", "2028-02-29"),
            ("0 0 29 2 +SUN", "2072-03-01T00:00", "2112-02-29"), ("0 0 30 2 *", "2024-01-01T00:00", nil),
            ("0 0 31 2,4 +MON", "2024-01-01T00:00", nil),
        ])
    func rare(cron: String, after: String, day: String?) throws {
        let schedule = try ScheduleSupport.schedule(cron)
        let next = schedule.next(after: ScheduleSupport.utc(after))
        if cron.hasSuffix("+SUN") || cron.hasSuffix("2 +MON"), day != nil {
            // Which year it is follows from the calendar alone.
            let time = try #require(next)
            let found = Day(number: Int(time / 86_400))
            #expect(found.month == 2 && found.day == 29 && found.isoWeekday == (cron.hasSuffix("+SUN") ? 7 : 1))
        } else {
            #expect(next.map { String(schedule.zone.text(at: $0).prefix(10)) } == day)
        }
    }

    @Test("C6: a fixed time that lies in a gap every year it comes never fires under skip")
    func alwaysInGap() throws {
        // The last Sunday of March at half past two.
        #expect(
            try ScheduleSupport.schedule("30 2 * 3 SUNL", "Europe/Berlin", gap: .skip).next(after: ScheduleSupport.utc("2024-01-01T00:00"))
                == nil)
        let late = try ScheduleSupport.schedule("30 2 * 3 SUNL", "Europe/Berlin")
        #expect(ScheduleSupport.times(late, after: "2024-01-01T00:00", 2) == ["2024-03-31T03:00:00+02:00", "2025-03-30T03:00:00+02:00"])
    }

    @Test("the last time up to an instant is the one that the next times lead to", arguments: ScheduleSupport.zones)
    func last(zone: String) throws {
        let start = ScheduleSupport.utc("2011-12-20T00:00")
        for cron in ["*/7 * * * *", "30 2 * * *", "0 9-17 * * 1-5", "0 0 1 * *"] {
            let schedule = try ScheduleSupport.schedule(cron, zone)
            let times = schedule.next(200, after: start)
            for (index, time) in times.enumerated().dropFirst().prefix(60) {
                #expect(schedule.last(after: start, through: time) == time)
                #expect(schedule.last(after: start, through: time - 1) == times[index - 1])
            }
            #expect(schedule.last(after: start, through: times[0] - 1) == nil && schedule.last(after: times[0], through: times[0]) == nil)
        }
    }

    @Test("C10: the delay depends on dataset and host alone, stays below the jitter and spreads")
    func jitter() {
        #expect(Jitter.delay(upTo: 0, dataset: "a", host: "b") == 0)
        #expect(Jitter.delay(upTo: 300, dataset: "web", host: "h1") == Jitter.delay(upTo: 300, dataset: "web", host: "h1"))
        // Pinned: a restart, an update or another machine of the same id must not move a run.
        #expect(["web", "db"].map { Jitter.delay(upTo: 86_400, dataset: $0, host: "0123456789abcdef") } == Self.pinned)
        var buckets = [Int](repeating: 0, count: 10)
        for number in 0..<10_000 {
            let delay = Jitter.delay(upTo: 300, dataset: "dataset-\(number)", host: "host")
            #expect(0..<300 ~= delay)
            buckets[Int(delay / 30)] += 1
        }
        // Ten standard deviations of a fair draw are 300.
        #expect(buckets.allSatisfy { abs($0 - 1_000) < 300 })
        #expect(
            (0..<100).contains {
                Jitter.delay(upTo: 300, dataset: "web", host: "\($0)") != Jitter.delay(upTo: 300, dataset: "web", host: "h1")
            })
        #expect(Jitter.delay(upTo: 86_400, dataset: "ab", host: "c") != Jitter.delay(upTo: 86_400, dataset: "a", host: "bc"))
    }

    private static let pinned: [Int64] = [50_547, 70_019]

    private func check(_ row: Row) throws {
        let schedule = try ScheduleSupport.schedule(row.cron, row.zone, gap: row.gap, overlap: row.overlap)
        #expect(ScheduleSupport.times(schedule, after: row.after, row.times.count) == row.times)
    }
}
