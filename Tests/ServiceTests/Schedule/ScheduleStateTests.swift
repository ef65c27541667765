import Core
import Service
import Testing

@Suite("What of a schedule is remembered")
struct ScheduleStateTests {
    private static let day: Int64 = 86_400
    private static let start = ScheduleSupport.utc("2024-05-01T00:00")

    private func at(_ text: String) -> Int64 { ScheduleSupport.utc("2024-05-" + text) }

    @Test("C12: a run is due at its second, not before, and once")
    func once() throws {
        let schedule = try ScheduleSupport.schedule("15 2 * * *")
        var state = ScheduleState(schedule, now: Self.start)
        let due = at("01T02:15")
        #expect(state.nextWake(schedule, now: Self.start) == due)
        #expect(state.tick(schedule, now: due - 1) == ScheduleState.Tick())
        #expect(state.tick(schedule, now: due).runs == [DueRun(scheduled: due, due: due, reason: .schedule)])
        #expect(state.lastScheduled == due && state.tick(schedule, now: due) == ScheduleState.Tick())
        #expect(state.tick(schedule, now: due + 59).runs.isEmpty && state.nextWake(schedule, now: due) == due + Self.day)
    }

    @Test("C10: the jitter moves the due time and not the schedule, and applies once when a run is caught up")
    func jitter() throws {
        let schedule = try ScheduleSupport.schedule("15 2 * * *", delay: 200)
        var state = ScheduleState(schedule, now: Self.start)
        let time = at("01T02:15")
        #expect(state.nextWake(schedule, now: Self.start) == time + 200)
        #expect(state.tick(schedule, now: time + 199).runs.isEmpty)
        // A restart while the run waits for its delay changes nothing.
        var restarted = try #require(ScheduleState(state.description))
        #expect(restarted.nextWake(schedule, now: time + 199) == time + 200)
        #expect(restarted.tick(schedule, now: time + 200).runs == [DueRun(scheduled: time, due: time + 200, reason: .schedule)])
        #expect(state.tick(schedule, now: time + 7_200).runs == [DueRun(scheduled: time, due: time + 200, reason: .catchUp)])
    }

    @Test("C7: down for a month with a run every minute, one run is caught up, at once and without a storm")
    func month() throws {
        let schedule = try ScheduleSupport.schedule("* * * * *")
        var state = ScheduleState(schedule, now: Self.start)
        _ = state.tick(schedule, now: Self.start + 60)
        let now = Self.start + 31 * Self.day + 30
        let tick = state.tick(schedule, now: now)
        #expect(tick.runs == [DueRun(scheduled: now - 30, due: now - 30, reason: .schedule)])
        let missed = try #require(tick.missed)
        #expect(missed.count == MissedRuns.limit && missed.countText == "1000 or more")
        #expect(missed.first == Self.start + 120 && missed.last == now - 90)
        #expect(state.tick(schedule, now: now).runs.isEmpty && state.nextWake(schedule, now: now) == now + 30)
    }

    @Test("C7: none, last and all catch up what they say, oldest first, and what gets no run is told")
    func policies() throws {
        // Down from the 1st to the 6th at noon: 02:15 of the 2nd to the 6th were missed.
        let now = at("06T12:00")
        let times = (2...6).map { at("0\($0)T02:15") }
        for (policy, count) in [(CatchUpPolicy.none, 0), (.last, 1), (.all(3), 3), (.all(100), 5)] {
            let schedule = try ScheduleSupport.schedule("15 2 * * *", catchUp: policy)
            var state = ScheduleState(schedule, now: Self.start)
            _ = state.tick(schedule, now: at("01T02:15"))
            let tick = state.tick(schedule, now: now)
            #expect(tick.runs == times.suffix(count).map { DueRun(scheduled: $0, due: $0, reason: .catchUp) }, "\(policy)")
            let missed = times.dropLast(count)
            #expect(
                tick.missed?.count ?? 0 == missed.count && tick.missed?.first == missed.first && tick.missed?.last == missed.last,
                "\(policy)")
            #expect(state.lastScheduled == times.last && state.tick(schedule, now: now).runs.isEmpty)
            #expect(state.nextWake(schedule, now: now) == at("07T02:15"))
        }
    }

    @Test("C7: a run on time goes beside the missed ones, and alone where nothing is caught up")
    func onTimeToo() throws {
        let now = at("06T02:15") + 30
        for (policy, count) in [(CatchUpPolicy.none, 1), (.last, 1), (.all(2), 3)] {
            let schedule = try ScheduleSupport.schedule("15 2 * * *", catchUp: policy)
            var state = ScheduleState(schedule, now: Self.start)
            let runs = state.tick(schedule, now: now).runs
            #expect(
                runs.count == count && runs.last?.reason == .schedule && runs.dropLast().allSatisfy { $0.reason == .catchUp }, "\(policy)")
        }
    }

    @Test("C7: what is older than the largest age is not caught up, and is told")
    func age() throws {
        let schedule = try ScheduleSupport.schedule("15 2 * * *", catchUp: .all(10), maximumAge: 2 * Self.day)
        var state = ScheduleState(schedule, now: Self.start)
        let tick = state.tick(schedule, now: at("06T12:00"))
        #expect(tick.runs.map(\.scheduled) == [at("05T02:15"), at("06T02:15")] && tick.missed?.count == 4)
        let late = try ScheduleSupport.schedule("15 2 * * *", maximumAge: 3_600)
        var other = ScheduleState(late, now: Self.start)
        let none = other.tick(late, now: at("06T12:00"))
        #expect(none.runs.isEmpty && none.missed?.count == 6 && other.lastScheduled == at("06T02:15"))
    }

    @Test("C7: a reboot catches up once, and not again at the next reboot")
    func reboots() throws {
        let schedule = try ScheduleSupport.schedule("15 2 * * *")
        var state = ScheduleState(schedule, now: Self.start)
        _ = state.tick(schedule, now: at("01T02:15"))
        var first = try #require(ScheduleState(state.description))
        #expect(first.tick(schedule, now: at("02T09:00")).runs.map(\.reason) == [.catchUp])
        var second = try #require(ScheduleState(first.description))
        #expect(second.tick(schedule, now: at("02T10:00")) == ScheduleState.Tick())
    }

    @Test("C8: an edited schedule does not fire for a time before the edit; an unrelated edit loses nothing")
    func edited() throws {
        let old = try ScheduleSupport.schedule("15 2 * * *")
        var state = ScheduleState(old, now: Self.start)
        _ = state.tick(old, now: at("01T02:15"))
        let now = at("02T01:00")
        for edited in [
            try ScheduleSupport.schedule("30 0 * * *"), try ScheduleSupport.schedule("15 2 * * *", "Asia/Tokyo"),
            try ScheduleSupport.schedule("15 2 * * *", overlap: .both), try ScheduleSupport.schedule("15 2 * * *", gap: .skip),
        ] {
            var copy = state
            // The next run may be asked for before the tick takes note of the edit.
            #expect(try #require(copy.nextWake(edited, now: now)) > now)
            #expect(copy.tick(edited, now: now) == ScheduleState.Tick())
            #expect(copy.since == now && copy.lastScheduled == nil && copy.identity == edited.identity)
            #expect(try #require(copy.nextWake(edited, now: now)) > now)
        }
        // Spelling, jitter, age and catch-up decide no scheduled time.
        let same = try ScheduleSupport.schedule("15 02 * * *", catchUp: .all(3), maximumAge: 5 * Self.day, delay: 60)
        var copy = state
        #expect(copy.tick(same, now: at("02T09:00")).runs.map(\.scheduled) == [at("02T02:15")])
    }

    @Test("C8: a new schedule does not fire for a time before it was seen")
    func new() throws {
        let schedule = try ScheduleSupport.schedule("15 2 * * *")
        var state = ScheduleState(schedule, now: at("01T02:15"))
        #expect(
            state.tick(schedule, now: at("01T02:15")) == ScheduleState.Tick()
                && state.next(schedule, now: at("01T02:15"))?.due == at("02T02:15"))
    }

    @Test("C13: times of a pause are nobody's loss")
    func paused() throws {
        let schedule = try ScheduleSupport.schedule("15 2 * * *")
        var state = ScheduleState(schedule, now: Self.start)
        state.resume(now: at("05T00:00"))
        #expect(
            state.tick(schedule, now: at("05T00:00")) == ScheduleState.Tick()
                && state.nextWake(schedule, now: at("05T00:00")) == at("05T02:15"))
    }

    @Test(
        "C11: jumps of the clock are told apart",
        arguments: [
            (0, ClockStep.none), (1, .none), (-1, .none), (2, .forward(seconds: 2)), (86_400, .forward(seconds: 86_400)),
            (-2, .shortlyBack(seconds: 2)),
            (-10_799, .shortlyBack(seconds: 10_799)), (-10_800, .farBack(seconds: 10_800)), (-1_000_000, .farBack(seconds: 1_000_000)),
        ] as [(Int64, ClockStep)])
    func steps(jump: Int64, step: ClockStep) { #expect(ClockStep(expected: 5_000_000, actual: 5_000_000 + jump) == step) }

    /// Ticks a state at `old`, sets the clock to `new`, ticks on to `end`.
    private func runs(_ cron: String, from old: Int64, backTo new: Int64, until end: Int64, restarting: Bool = false) throws -> [Int64] {
        let schedule = try ScheduleSupport.schedule(cron)
        var state = ScheduleState(schedule, now: Self.start)
        _ = state.tick(schedule, now: old)
        if restarting {
            state = try #require(ScheduleState(state.description))
        } else {
            state.clockStepped(ClockStep(expected: old, actual: new), schedule, now: new)
        }
        return stride(from: new, through: end, by: 60).flatMap { state.tick(schedule, now: $0).runs.map(\.scheduled) }
    }

    @Test("C11: set back by less than three hours, fixed times do not run again and clock-following ones go on")
    func shortlyBack() throws {
        #expect(try runs("15 2 * * *", from: at("01T02:20"), backTo: at("01T01:00"), until: at("01T23:00")).isEmpty)
        #expect(try runs("15 2 * * *", from: at("01T02:20"), backTo: at("01T01:00"), until: at("01T23:00"), restarting: true).isEmpty)
        let expected = [at("01T01:30"), at("01T02:00"), at("01T02:30")]
        #expect(try runs("*/30 * * * *", from: at("01T02:20"), backTo: at("01T01:15"), until: at("01T02:30")) == expected)
        #expect(try runs("*/30 * * * *", from: at("01T02:20"), backTo: at("01T01:15"), until: at("01T02:30"), restarting: true) == expected)
    }

    @Test("C11: a clock that is corrected by a second right after a run gives no second run", arguments: ["* * * * *", "15 2 * * *"])
    func corrected(cron: String) throws {
        let schedule = try ScheduleSupport.schedule(cron)
        var state = ScheduleState(schedule, now: at("01T02:14"))
        let due = at("01T02:15")
        #expect(state.tick(schedule, now: due).runs.map(\.scheduled) == [due])
        for now in [due - 1, due, due + 1] { #expect(state.tick(schedule, now: now) == ScheduleState.Tick()) }
        #expect(try #require(state.nextWake(schedule, now: due - 1)) > due)
    }

    @Test("C11: set back by three hours or more, the new time counts")
    func farBack() throws {
        #expect(try runs("15 10 * * *", from: at("01T12:00"), backTo: at("01T08:00"), until: at("01T23:00")) == [at("01T10:15")])
        #expect(
            try runs("15 10 * * *", from: at("09T12:00"), backTo: at("01T08:00"), until: at("01T23:00"), restarting: true) == [
                at("01T10:15")
            ])
    }

    @Test("C11: set forward, what was skipped is missed like during a sleep")
    func forward() throws {
        let schedule = try ScheduleSupport.schedule("15 2 * * *")
        var state = ScheduleState(schedule, now: Self.start)
        state.clockStepped(ClockStep(expected: at("01T01:00"), actual: at("01T05:00")), schedule, now: at("01T05:00"))
        #expect(
            state.tick(schedule, now: at("01T05:00")).runs == [DueRun(scheduled: at("01T02:15"), due: at("01T02:15"), reason: .catchUp)])
    }

    @Test("C9: a run that waited for another one is too late after the largest age")
    func expired() {
        let run = DueRun(scheduled: 0, due: 10, reason: .schedule)
        #expect(
            !run.isExpired(at: 110, maximumAge: 100) && run.isExpired(at: 111, maximumAge: 100) && !run.isExpired(at: .max, maximumAge: nil)
        )
    }

    @Test(
        "the state is one line of text, and other texts are none",
        arguments: ["", "since=5", "since=x last=- a", "since=5 last=y a", "5 - a"])
    func text(other: String) throws {
        let schedule = try ScheduleSupport.schedule("15 2 * * MON", "Europe/Berlin")
        var state = ScheduleState(schedule, now: Self.start)
        #expect(ScheduleState(state.description) == state)
        _ = state.tick(schedule, now: Self.start + 40 * Self.day)
        #expect(state.lastScheduled != nil && ScheduleState(state.description) == state)
        #expect(ScheduleState(other) == nil)
    }
}
