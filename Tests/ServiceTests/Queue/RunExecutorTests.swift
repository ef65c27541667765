import Glibc
import Service
import Synchronization
import Testing

@Suite("Run executor", .timeLimit(.minutes(1))) struct RunExecutorTests {
    private let clock = ManualRunClock()
    private let gates = RunGates()
    private let events: AsyncStream<RunExecutor.Event>
    private let executor: RunExecutor

    init() {
        let (events, continuation) = AsyncStream.makeStream(of: RunExecutor.Event.self)
        self.events = events
        let gates = gates
        executor = RunExecutor(
            RunQueue.Policy(parallelism: 2, drain: .seconds(10)), clock: clock, observe: { continuation.yield($0) },
            perform: { run, progress in
                progress()
                return await gates.result(of: run)
            })
    }

    /// Waits for the next event that `choose` knows.
    private func next<Value>(
        _ iterator: inout AsyncStream<RunExecutor.Event>.Iterator, _ choose: (RunExecutor.Event) -> Value?
    ) async -> Value? {
        while let event = await iterator.next(isolation: #isolation) {
            if let value = choose(event) { return value }
        }
        return nil
    }

    private func started(_ event: RunExecutor.Event) -> RunQueue.Run? { if case .started(let run) = event { run } else { nil } }

    private func finished(_ event: RunExecutor.Event) -> RunResult? { if case .finished(_, let result) = event { result } else { nil } }

    @Test("Runs go on beside each other up to the limit, and the next starts when one ends (C12)")
    func parallel() async throws {
        var iterator = events.makeAsyncIterator()
        await executor.trigger([RunRequest("a", .config), RunRequest("b", .config), RunRequest("c", .config)])
        let a = try #require(await next(&iterator, started))
        let b = try #require(await next(&iterator, started))
        #expect([a.dataset, b.dataset] == ["a", "b"])
        #expect(await executor.snapshot.phase(of: "c") == .queued(ahead: 0))
        gates.finish(b, .published(.test(4, rows: 10), bytes: 99))
        #expect(await next(&iterator, finished) == .published(.test(4, rows: 10), bytes: 99))
        #expect(await next(&iterator, started)?.dataset == "c")
    }

    @Test("A failed run is tried again when its wait is over, without anybody asking")
    func retries() async throws {
        var iterator = events.makeAsyncIterator()
        await executor.trigger(RunRequest("web", .schedule))
        gates.finish(try #require(await next(&iterator, started)), .storeBusy)
        let wait = await next(&iterator) { event -> Duration? in
            if case .noted(.retrying(_, let wait, _)) = event { wait } else { nil }
        }
        #expect(wait.map { $0 < .seconds(5) && $0 > .seconds(4.9) } == true)
        clock.advance(by: 5)
        let run = try #require(await next(&iterator, started))
        #expect(run.attempt == 2)
    }

    @Test("Shutdown lets runs end, stops them at the drain deadline, and returns when nothing runs (S8)")
    func shutdown() async throws {
        var iterator = events.makeAsyncIterator()
        await executor.trigger(RunRequest("quick", .config))
        await executor.trigger(RunRequest("slow", .config))
        let quick = try #require(await next(&iterator, started))
        let slow = try #require(await next(&iterator, started))
        async let stopped: Void = executor.shutdown()
        gates.finish(quick)
        #expect(await next(&iterator, finished) == .upToDate(.test(1, rows: 1)))
        clock.advance(by: 10)
        let cancelled = await next(&iterator) { event -> RunQueue.Run? in
            if case .cancelling(let run) = event { run } else { nil }
        }
        #expect(cancelled == slow)
        #expect(await next(&iterator, finished) == .cancelled)
        await stopped
        #expect(await executor.trigger(RunRequest("quick", .manual)) == .refused(.stopping))
        // Nothing runs, so a second caller does not wait.
        await executor.shutdown()
    }

    @Test("W10: a removed dataset's run ends normally, and nothing follows it")
    func removal() async throws {
        var iterator = events.makeAsyncIterator()
        await executor.trigger(RunRequest("web", .config))
        let run = try #require(await next(&iterator, started))
        await executor.trigger(RunRequest("web", .config))
        await executor.remove("web")
        gates.finish(run)
        #expect(await next(&iterator, finished) == .upToDate(.test(1, rows: 1)))
        #expect(await executor.snapshot.phase(of: "web") == .idle)
    }

    @Test("The heartbeat tells of progress inside a run, of every turn, and of an empty executor")
    func heartbeat() async throws {
        var iterator = events.makeAsyncIterator()
        await executor.trigger(RunRequest("web", .config))
        let run = try #require(await next(&iterator, started))
        let progressed = await next(&iterator) { event -> RunQueue.Run? in
            if case .progressed(let run) = event { run } else { nil }
        }
        #expect(progressed == run)
        gates.finish(run)
        let turned = { (event: RunExecutor.Event) -> Int? in if case .turned(let running) = event { running } else { nil } }
        _ = await next(&iterator, finished)
        #expect(await next(&iterator, turned) == 0)
        await executor.beat()
        #expect(await next(&iterator, turned) == 0)
    }

    @Test("A run that blocks its thread does not hold up the executor")
    func offTheActor() async throws {
        let isOpen = Atomic<Bool>(false)
        let executor = RunExecutor(RunQueue.Policy(parallelism: 1), clock: clock, observe: { _ in }) { _, _ in
            while !isOpen.load(ordering: .acquiring) { _ = sched_yield() }
            return .cancelled
        }
        await executor.trigger(RunRequest("web", .config))
        // This answers only if the executor is free while the run spins.
        #expect(await executor.trigger(RunRequest("other", .config)) == .queued(ahead: 0))
        isOpen.store(true, ordering: .releasing)
        await executor.shutdown()
    }
}
