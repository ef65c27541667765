import Core
import Service
import Testing

@Suite("Run queue as a whole") struct RunQueuePropertyTests {
    @Test("A thousand datasets due at once run once each, in their order, never more together than allowed (C12)", arguments: [1, 2, 7])
    func thousandDue(_ parallelism: Int) {
        var bench = QueueBench(parallelism: parallelism)
        let names = (0..<1000).map { "d\($0)" }
        var running: [RunQueue.Run] = []
        var order: [String] = []
        for name in names { running += bench.trigger(name, .schedule, due: 0).actions.started }
        while !running.isEmpty {
            #expect(running.count <= parallelism)
            let run = running.removeFirst()
            order.append(run.dataset)
            running += bench.finish(run).started
        }
        #expect(order == names)
    }

    @Test("A dataset that always wants to run does not keep the others waiting for more than one of its runs (C12)")
    func fairness() throws {
        var bench = QueueBench()
        var run = try #require(bench.trigger("busy").actions.started.first)
        for name in ["a", "b"] { _ = bench.trigger(name) }
        var order: [String] = []
        for _ in 0..<6 {
            _ = bench.trigger("busy", .config)
            run = try #require(bench.finish(run).started.first)
            order.append(run.dataset)
            if run.dataset != "busy" { _ = bench.trigger(run.dataset, .config) }
        }
        #expect(order == ["a", "b", "busy", "a", "b", "busy"])
    }

    @Test("Whatever happens in whatever order, the bounds hold and no change of a config is forgotten", arguments: 0..<40)
    func randomWalk(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        var bench = QueueBench(parallelism: 1 + Int(seed % 3), retry: RetryPolicy(maximumAge: .seconds(1000)))
        var running: [RunQueue.Run] = []
        var cancelled: Set<String> = []
        /// Datasets whose config changed after their last run began.
        var changed: Set<String> = []
        func act(_ actions: [RunQueue.Action]) {
            for run in actions.started {
                #expect(!running.contains { $0.dataset == run.dataset })
                running.append(run)
                changed.remove(run.dataset)
            }
            for run in actions.cancelled {
                #expect(running.contains(run))
                #expect(cancelled.insert(run.id).inserted)
            }
            #expect(running.count <= 1 + Int(seed % 3))
            #expect(bench.queue.running == running.sorted { $0.dataset < $1.dataset })
        }
        for _ in 0..<600 {
            bench.seconds += Double(random.next() % 20)
            bench.random = random.next()
            let name = "d\(random.next() % 5)"
            switch random.next() % 10 {
            case 0, 1:
                changed.insert(name)
                act(bench.trigger(name, .config).actions)
            case 2: act(bench.trigger(name, .manual).actions)
            case 3:
                let whileRunning = BusyPolicy.allCases[Int(random.next() % 3)]
                act(bench.trigger(name, .schedule, due: bench.seconds, expires: bench.seconds + 50, whileRunning: whileRunning).actions)
            case 4: _ = bench.queue.pause(name)
            case 5: act(bench.queue.resume(name, at: bench.now).actions)
            case 6:
                changed.remove(name)
                bench.queue.remove(name)
            case 7: act(bench.wake())
            default:
                guard !running.isEmpty else { continue }
                let run = running.remove(at: Int(random.next() % UInt64(running.count)))
                let results: [RunResult] = [.storeBusy, .badQuality, .cancelled, .upToDate(.test(1, rows: 1))]
                act(bench.finish(run, cancelled.contains(run.id) ? .cancelled : results[Int(random.next() % 4)]))
            }
        }
        // Let everything come to its end.
        for index in 0..<5 { act(bench.queue.resume("d\(index)", at: bench.now).actions) }
        while !running.isEmpty { act(bench.finish(running.removeFirst())) }
        while let wake = bench.queue.nextWake {
            bench.seconds = (wake - QueueBench.epoch) / .seconds(1) + 0.001
            act(bench.wake())
            while !running.isEmpty { act(bench.finish(running.removeFirst())) }
        }
        #expect(changed.isEmpty)
        for index in 0..<5 { #expect(bench.queue.phase(of: "d\(index)") == .idle) }
    }
}
