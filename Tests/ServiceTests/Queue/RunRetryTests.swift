import Service
import Testing

@Suite("Retries of failed runs") struct RunRetryTests {
    @Test(
        "The ceiling doubles from 5 s to the cap of 5 min",
        arguments: zip([1, 2, 3, 4, 5, 6, 7, 8, 100_000], [5, 10, 20, 40, 80, 160, 300, 300, 300]))
    func ceilings(_ failures: Int, _ seconds: Int) { #expect(RetryPolicy().ceiling(afterFailures: failures) == .seconds(seconds)) }

    @Test("The wait is the random share of the ceiling, from nothing to just below all of it")
    func fullJitter() {
        let policy = RetryPolicy()
        #expect(policy.delay(afterFailures: 3, random: 0) == .zero)
        #expect(policy.delay(afterFailures: 3, random: 1 << 63) == .seconds(10))
        #expect(policy.delay(afterFailures: 3, random: 1 << 62) == .seconds(5))
        let longest = policy.delay(afterFailures: 3, random: .max)
        #expect(longest < .seconds(20) && longest > .milliseconds(19_999))
    }

    @Test("A retryable failure is tried again after its wait, not before, as the same wish")
    func retry() throws {
        var bench = QueueBench()
        bench.random = 1 << 63
        var run = try #require(bench.trigger("web", .schedule, due: 1).actions.started.first)
        for (failures, wait) in zip(1..., [2.5, 5, 10, 20, 40, 80, 150, 150]) {
            let notes = bench.finish(run, .storeBusy).notes
            #expect(notes == [.retrying(run, after: .seconds(wait), failures: failures)])
            let due = QueueBench.at(bench.seconds + wait)
            #expect(bench.queue.nextWake == due && bench.queue.phase(of: "web") == .waiting(until: due, failures: failures))
            bench.seconds += wait - 0.5
            #expect(bench.wake().isEmpty)
            bench.seconds += 0.5
            run = try #require(bench.wake().started.first)
            #expect(run.attempt == failures + 1 && run.reason == .schedule && run.due == QueueBench.moment(1))
        }
        #expect(bench.finish(run).isEmpty && bench.queue.nextWake == nil)
    }

    @Test(
        "What trying again cannot mend waits for a change of the config, a person or the next time",
        arguments: [RunResult.forbidden, .badQuality, .cancelled], RunReason.allCases)
    func permanent(_ result: RunResult, _ next: RunReason) throws {
        var bench = QueueBench()
        let run = try #require(bench.trigger("web").actions.started.first)
        #expect(bench.finish(run, result).isEmpty && bench.queue.nextWake == nil && bench.queue.phase(of: "web") == .idle)
        bench.seconds = 100_000
        #expect(bench.wake().isEmpty)
        #expect(bench.trigger("web", next).actions.started.first?.attempt == 1)
    }

    @Test("A changed config or a person does not wait for the back-off, and counts from the start", arguments: [RunReason.config, .manual])
    func promptly(_ reason: RunReason) throws {
        var bench = QueueBench()
        bench.random = .max
        let run = try #require(bench.trigger("web", .schedule).actions.started.first)
        _ = bench.finish(run, .storeBusy)
        let next = try #require(bench.trigger("web", reason).actions.started.first)
        #expect(next.attempt == 1 && next.reasons == [.schedule, reason] && bench.queue.nextWake == nil)
    }

    @Test("A scheduled time during the back-off joins the retry and leaves its time")
    func scheduleJoins() throws {
        var bench = QueueBench()
        bench.random = 1 << 63
        let run = try #require(bench.trigger("web", .schedule, due: 1).actions.started.first)
        _ = bench.finish(run, .storeBusy)
        let (acceptance, actions) = bench.trigger("web", .schedule, due: 2)
        #expect(acceptance == .merged && actions.isEmpty && bench.queue.nextWake == QueueBench.at(2.5))
        bench.seconds = 2.5
        #expect(bench.wake().started.map(\.due) == [QueueBench.moment(2)])
    }

    @Test("A newer config that came during the failing run is run instead of a retry")
    func newerConfig() throws {
        var bench = QueueBench()
        let run = try #require(bench.trigger("web", .config).actions.started.first)
        _ = bench.trigger("web", .config)
        let actions = bench.finish(run, .storeBusy)
        #expect(actions.notes.isEmpty && actions.started.map(\.attempt) == [1])
    }

    @Test("Retries end with the largest age since the first failure, or with the schedule's own", arguments: [(nil, 100.0), (30.0, 30.0)])
    func givesUp(_ expires: Double?, _ limit: Double) throws {
        var bench = QueueBench(retry: RetryPolicy(maximumAge: .seconds(100)))
        bench.random = 1 << 63
        var run = try #require(bench.trigger("web", .schedule, due: 0, expires: expires).actions.started.first)
        while true {
            let actions = bench.finish(run, .storeBusy)
            if case .gaveUp(let last, let failures)? = actions.notes.first {
                #expect(last == run && failures == run.attempt && failures > 2)
                #expect(bench.queue.nextWake == nil && bench.queue.phase(of: "web") == .idle)
                return
            }
            let wake = try #require(bench.queue.nextWake)
            try #require(wake < QueueBench.at(limit))
            bench.seconds = (wake - QueueBench.epoch) / .seconds(1)
            run = try #require(bench.wake().started.first)
        }
    }

    @Test("A pause holds retries as well; its end finds the wait over")
    func pausedRetry() throws {
        var bench = QueueBench()
        bench.random = .max
        let run = try #require(bench.trigger("web", .schedule).actions.started.first)
        _ = bench.queue.pause("web")
        _ = bench.finish(run, .storeBusy)
        #expect(bench.queue.nextWake == nil)
        bench.seconds = 60
        #expect(bench.wake().isEmpty)
        #expect(bench.queue.resume("web", at: bench.now).actions.started.map(\.attempt) == [2])
    }
}
