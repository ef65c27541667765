import Glibc
import Service
import Testing

@Suite("The wall clock timer", .serialized)
struct WallClockTimerTests {
    @Test("C12: a sleeper wakes when its second comes and never early")
    func wakes() async throws {
        let timer = try WallClockTimer()
        let target = WallClockTimer.now + 1
        // A machine whose clock is being set may say so first; what counts is that the wait ends when the time has come.
        var wake = try await timer.sleep(until: target)
        for _ in 0..<10 where wake == .clockChanged { wake = try await timer.sleep(until: target) }
        #expect(wake == .due)
        // How late depends on what else the threads of the tests do; an idle machine is the system test's to measure.
        #expect(WallClockTimer.now >= target)
    }

    @Test("C11: a time that has passed wakes at once, time and again", arguments: [1_000, 0, -5] as [Int64])
    func past(time: Int64) async throws {
        let timer = try WallClockTimer()
        for _ in 0..<20 { #expect(try await timer.sleep(until: time) == .due) }
    }

    @Test("C11: a cancelled sleep ends, and the timer serves the next one", arguments: [nil, 4_000_000_000] as [Int64?])
    func cancelled(time: Int64?) async throws {
        let timer = try WallClockTimer()
        for _ in 0..<50 {
            let task = Task { try await timer.sleep(until: time) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        #expect(try await timer.sleep(until: 1) == .due)
    }

    @Test("S9: a long sleep shows once a period that the timer works, and ends as it would without")
    func pulses() async throws {
        let timer = try WallClockTimer()
        let (start, target) = (WallClockTimer.now, WallClockTimer.now + 3)
        var pulses: [Int64] = []
        while WallClockTimer.now < target { _ = try await timer.sleep(until: target, pulseEvery: 1) { pulses.append(WallClockTimer.now) } }
        // Seconds may be missed by a busy machine, and a clock that is set adds a pulse: at the start, and again before the end.
        #expect(pulses.first == start || pulses.first == start + 1)
        #expect(pulses.count >= 2 && pulses.allSatisfy { $0 <= target })
        let silent = pulses.count
        _ = try await timer.sleep(until: 1, pulseEvery: nil) { pulses.append(0) }
        #expect(pulses.count == silent)
    }

    @Test("C11: a clock that was set shows as an error of the read, and means to work out anew what is due")
    func clockChanged() {
        #expect(WallClockTimer.wake(count: -1, error: ECANCELED) == .clockChanged)
        #expect(WallClockTimer.wake(count: 8, error: 0) == .due)
        #expect(WallClockTimer.wake(count: -1, error: EAGAIN) == nil)
    }
}

@Suite("Two clocks")
struct ClockReadingTests {
    @Test("C11: a step is told however long the pause between two looks, and only once")
    func steps() {
        let start = ContinuousClock.now
        var reading = ClockReading(wall: 1000, instant: start)
        #expect(reading.advance(to: 1060, instant: start + .seconds(60)) == .none)
        #expect(reading.advance(to: 4660, instant: start + .seconds(60)) == .forward(seconds: 3600))
        #expect(reading.advance(to: 4661, instant: start + .milliseconds(60_900)) == .none)
        #expect(reading.advance(to: 4641, instant: start + .milliseconds(61_500)) == .shortlyBack(seconds: 20))
        #expect(reading.advance(to: 4642, instant: start + .milliseconds(62_500)) == .none)
    }
}
