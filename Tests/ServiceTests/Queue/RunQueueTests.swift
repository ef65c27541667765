import Core
import Service
import Testing

@Suite("Run queue") struct RunQueueTests {
    @Test("A run carries its id, reason, scheduled time and start (C13)")
    func record() throws {
        var bench = QueueBench()
        bench.seconds = 3
        bench.random = 0xABCD_0000_0000_0F2E
        let run = try #require(bench.trigger("web", .schedule, due: 1).actions.started.first)
        #expect(run.id == "web-20260131T000003Z-0f2e")
        #expect(run.reason == .schedule && run.due == QueueBench.moment(1) && run.started == QueueBench.moment(3) && run.attempt == 1)
    }

    @Test("Every reason starts an idle dataset at once", arguments: RunReason.allCases)
    func startsAtOnce(_ reason: RunReason) throws {
        var bench = QueueBench()
        let (acceptance, actions) = bench.trigger("web", reason)
        let run = try #require(actions.started.first)
        #expect(acceptance == .started(runID: run.id) && actions.count == 1)
        #expect(bench.queue.phase(of: "web") == .running(run))
    }

    @Test("Triggers of a waiting dataset merge into one run with the strongest reason and the latest scheduled time")
    func coalescing() throws {
        var bench = QueueBench()
        let blocker = try #require(bench.trigger("blocker").actions.started.first)
        #expect(bench.trigger("web", .catchUp, due: 5).acceptance == .queued(ahead: 0))
        #expect(bench.trigger("other").acceptance == .queued(ahead: 1))
        for (reason, due) in [(RunReason.manual, nil), (.config, nil), (.schedule, 7.0), (.manual, nil)] {
            #expect(bench.trigger("web", reason, due: due).acceptance == .merged)
        }
        let run = try #require(bench.finish(blocker).started.first)
        #expect(run.dataset == "web" && run.reason == .config && run.reasons == Set(RunReason.allCases) && run.due == QueueBench.moment(7))
        #expect(bench.finish(run).started.map(\.dataset) == ["other"])
        #expect(bench.queue.phase(of: "web") == .idle)
    }

    @Test("Reasons are ordered config > manual > schedule > catch-up")
    func reasonOrder() { #expect(RunReason.allCases.sorted(by: >) == [.config, .manual, .schedule, .catchUp]) }

    @Test("A config change or a person's wish during a run queues exactly one more", arguments: [RunReason.config, .manual])
    func oneMore(_ reason: RunReason) throws {
        var bench = QueueBench(parallelism: 4)
        let run = try #require(bench.trigger("web").actions.started.first)
        for _ in 0..<5 {
            let (acceptance, actions) = bench.trigger("web", reason)
            #expect(acceptance == .afterRunning(runID: run.id) && actions.isEmpty)
        }
        let more = try #require(bench.finish(run).started.first)
        #expect(more.reason == reason)
        #expect(bench.finish(more).isEmpty)
    }

    @Test("By default a scheduled time during a run is left out, with the id of the run in its way (C9)")
    func overlapSkip() throws {
        var bench = QueueBench(parallelism: 4)
        let run = try #require(bench.trigger("web").actions.started.first)
        let (acceptance, actions) = bench.trigger("web", .schedule, due: 9)
        #expect(acceptance == .skipped(blockedBy: run.id))
        #expect(actions.notes == [.skipped(RunRequest("web", .schedule, due: QueueBench.moment(9)), blockedBy: run.id)])
        #expect(bench.finish(run).isEmpty)
    }

    @Test("A second stop does not wait for the drain deadline, and means nothing before the first (S8)")
    func hurry() throws {
        var bench = QueueBench(parallelism: 4)
        let run = try #require(bench.trigger("web").actions.started.first)
        #expect(bench.queue.hurry(at: bench.now).isEmpty)
        #expect(bench.queue.shutdown(at: bench.now).isEmpty)
        #expect(bench.queue.hurry(at: bench.now) == [.cancel(run)])
        #expect(bench.queue.hurry(at: bench.now).isEmpty)
        #expect(bench.finish(run, .cancelled).isEmpty && bench.queue.isDrained)
    }

    @Test("A scheduled time of a later day than the run waits for it: its window is another one (C9)")
    func laterDay() throws {
        var bench = QueueBench(parallelism: 4)
        bench.seconds = 86_390
        let run = try #require(bench.trigger("web").actions.started.first)
        #expect(bench.trigger("web", .schedule, due: 86_399).acceptance == .skipped(blockedBy: run.id))
        #expect(bench.trigger("web", .schedule, due: 86_400).acceptance == .afterRunning(runID: run.id))
        #expect(bench.finish(run).started.first?.due == QueueBench.moment(86_400))
    }

    @Test("A scheduled time during a run joins the run that is wanted after it anyway (C9)")
    func overlapJoins() throws {
        var bench = QueueBench()
        let run = try #require(bench.trigger("web").actions.started.first)
        _ = bench.trigger("web", .config)
        #expect(bench.trigger("web", .schedule, due: 9).acceptance == .afterRunning(runID: run.id))
        #expect(bench.finish(run).started.first?.reasons == [.config, .schedule])
    }

    @Test("With queue one run follows, however many times came due (C9)")
    func overlapQueue() throws {
        var bench = QueueBench()
        let run = try #require(bench.trigger("web").actions.started.first)
        for due in 1...3 { #expect(bench.trigger("web", .schedule, due: Double(due), whileRunning: .queue).actions.isEmpty) }
        let next = try #require(bench.finish(run).started.first)
        #expect(next.due == QueueBench.moment(3))
        #expect(bench.finish(next).isEmpty)
    }

    @Test("With cancel-old the run is stopped once, and the new one starts when it has ended (C9)")
    func overlapCancel() throws {
        var bench = QueueBench(parallelism: 2)
        let run = try #require(bench.trigger("web").actions.started.first)
        #expect(bench.trigger("web", .schedule, due: 1, whileRunning: .cancelOld).actions == [.cancel(run)])
        #expect(bench.trigger("web", .schedule, due: 2, whileRunning: .cancelOld).actions == [])
        let next = try #require(bench.finish(run, .cancelled).started.first)
        #expect(next.due == QueueBench.moment(2) && bench.finish(next).isEmpty)
    }

    @Test("The largest age holds also after the wait: a run that comes too late is left out and noted (C9)")
    func deadline() throws {
        var bench = QueueBench()
        let run = try #require(bench.trigger("web").actions.started.first)
        _ = bench.trigger("web", .schedule, due: 1, expires: 60, whileRunning: .queue)
        bench.seconds = 60
        #expect(bench.finish(run) == [.note(.expired(dataset: "web", reason: .schedule, due: QueueBench.moment(1)))])
        #expect(bench.queue.phase(of: "web") == .idle)
        #expect(bench.trigger("web", .schedule, due: 2, expires: 60).acceptance == .refused(.tooLate))
        #expect(bench.trigger("web", .config).actions.started.count == 1)
    }

    @Test("A run that somebody asked for as well never comes too late")
    func longerPatience() throws {
        var bench = QueueBench()
        let run = try #require(bench.trigger("web").actions.started.first)
        _ = bench.trigger("web", .schedule, due: 1, expires: 60, whileRunning: .queue)
        _ = bench.trigger("web", .manual)
        bench.seconds = 1000
        #expect(bench.finish(run).started.first?.reason == .manual)
    }

    @Test("A pause keeps what config and schedule want as one run, refuses a person's wish, and lets a run in progress go on")
    func pause() throws {
        var bench = QueueBench(parallelism: 2)
        let run = try #require(bench.trigger("web").actions.started.first)
        let pauses = [bench.queue.pause("web"), bench.queue.pause("web")]
        #expect(pauses == [true, false])
        #expect(bench.trigger("web", .manual).acceptance == .refused(.paused))
        _ = bench.trigger("web", .config)
        #expect(bench.finish(run).isEmpty && bench.queue.isPaused("web"))
        #expect(bench.trigger("web", .schedule).acceptance == .held)
        let resumed = bench.queue.resume("web", at: bench.now)
        #expect(resumed.changed && resumed.actions.started.map(\.reasons) == [[.config, .schedule]])
        let isChanged = bench.queue.resume("web", at: bench.now).changed
        #expect(!isChanged)
    }

    @Test("A dataset in the line that is paused lets the others pass and comes last when resumed")
    func pauseInLine() throws {
        var bench = QueueBench()
        let blocker = try #require(bench.trigger("blocker").actions.started.first)
        for name in ["a", "b", "c"] { _ = bench.trigger(name, .config) }
        _ = bench.queue.pause("a")
        let b = try #require(bench.finish(blocker).started.first)
        #expect(b.dataset == "b" && bench.queue.phase(of: "a") == .idle)
        #expect(bench.queue.resume("a", at: bench.now).actions.isEmpty)
        let c = try #require(bench.finish(b).started.first)
        #expect(c.dataset == "c" && bench.finish(c).started.map(\.dataset) == ["a"])
    }

    @Test("W10: a dataset whose config goes away ends its run normally and is forgotten, and starts afresh if the config returns meanwhile")
    func removal() throws {
        var bench = QueueBench()
        let run = try #require(bench.trigger("web").actions.started.first)
        _ = bench.trigger("web", .config)
        _ = bench.trigger("other")
        bench.queue.remove("web")
        #expect(bench.queue.phase(of: "web") == .running(run), "it is not stopped")
        #expect(bench.trigger("web", .config).acceptance == .afterRunning(runID: run.id))
        let other = try #require(bench.finish(run).started.first)
        #expect(other.dataset == "other")
        let again = try #require(bench.finish(other).started.first)
        #expect(again.dataset == "web")
        bench.queue.remove("web")
        #expect(bench.finish(again, .storeBusy).isEmpty)
        #expect(bench.queue.nextWake == nil && bench.queue.phase(of: "web") == .idle)
    }

    @Test("After shutdown nothing starts, and what still runs at the drain deadline is stopped (S8)")
    func shutdown() throws {
        var bench = QueueBench(parallelism: 2, drain: .seconds(10))
        let a = try #require(bench.trigger("a").actions.started.first)
        let b = try #require(bench.trigger("b").actions.started.first)
        _ = bench.trigger("c")
        _ = bench.trigger("a", .config)
        #expect(bench.queue.shutdown(at: bench.now).isEmpty)
        #expect(bench.trigger("d").acceptance == .refused(.stopping))
        #expect(bench.finish(a).isEmpty && !bench.queue.isDrained)
        #expect(bench.queue.nextWake == QueueBench.at(10))
        bench.seconds = 9
        #expect(bench.wake().isEmpty)
        bench.seconds = 10
        #expect(bench.wake() == [.cancel(b)])
        #expect(bench.wake().isEmpty && bench.queue.nextWake == nil)
        #expect(bench.finish(b, .storeBusy).isEmpty && bench.queue.isDrained)
    }

    @Test("An end that nobody waits for changes nothing")
    func unknownEnd() throws {
        var bench = QueueBench()
        let run = try #require(bench.trigger("web").actions.started.first)
        #expect(bench.finish(run).isEmpty)
        let next = try #require(bench.trigger("web").actions.started.first)
        #expect(bench.queue.finished("web-other", of: "web", .cancelled, at: bench.now).isEmpty)
        #expect(bench.queue.phase(of: "web") == .running(next))
    }
}
