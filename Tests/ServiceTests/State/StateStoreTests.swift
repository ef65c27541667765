import Core
import FoundationEssentials
import Glibc
import Service
import Synchronization
import Testing

/// A folder for one test.
final class ServiceFolder: Sendable {
    let path: String

    init() throws {
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/service-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Names in a folder below, sorted.
    func names(in folder: String = "") -> [String] {
        guard let stream = opendir(path + "/" + folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

    func write(_ bytes: [UInt8], to name: String) throws {
        let descriptor = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite("Durable state") struct StateStoreTests {
    private let folder: ServiceFolder

    init() throws { folder = try ServiceFolder() }

    private func run(_ id: String = "web-20260131T000003Z-0f2e", due: Double? = nil) -> RunQueue.Run {
        var bench = QueueBench()
        bench.seconds = 3
        let actions = bench.trigger("web", due == nil ? .config : .schedule, due: due).actions
        return actions.started[0]
    }

    /// The state as the next start of the service finds it.
    private func reopened() async throws -> (StateStore, [StateStore.Warning]) {
        let store = StateStore(directory: folder.path)
        return (store, try await store.open())
    }

    @Test("Everything is there again after a restart")
    func roundTrip() async throws {
        let run = run(due: 1)
        let store = StateStore(directory: folder.path)
        let result = RunResult.published(.test(7, rows: 365_000), bytes: 1)
        try await store.update("web") { state in
            state.isPaused = true
            state.configHash = String(repeating: "a", count: 64)
            state.schedule = "{\"since\": 5, \"quote\": \"\\\"\"}\n"
            state.begin(run)
            state.end(run, result, at: QueueBench.moment(9))
        }
        let (again, warnings) = try await reopened()
        let (old, new) = (await store["web"], await again["web"])
        #expect(warnings.isEmpty && new == old && new.lastScheduled == QueueBench.moment(1))
        #expect(new.published == DatasetState.Published(.test(7, rows: 365_000), checked: QueueBench.moment(9)))
        #expect(await again.datasets == ["web"])
        #expect(await again["other"] == DatasetState())
    }

    @Test("The scheduled time is durable before the run begins, so that a crash in the run does not repeat it (C7)")
    func scheduledBeforeStart() async throws {
        let run = run(due: 1)
        try await StateStore(directory: folder.path).update("web") { $0.begin(run) }
        // The service dies here.
        let state = try await reopened().0["web"]
        #expect(state.lastScheduled == QueueBench.moment(1))
        #expect(state.lastRun?.id == run.id && state.lastRun?.end == nil)
    }

    @Test("What is only noted is known at once and becomes durable with the next update, even one that changes nothing more")
    func noted() async throws {
        let store = StateStore(directory: folder.path)
        await store.note("web") { $0.configHash = "a" }
        #expect(await store["web"].configHash == "a")
        #expect(try await reopened().0["web"] == DatasetState())
        try await store.update("web") { $0.isPaused = false }
        #expect(try await reopened().0["web"].configHash == "a")
    }

    @Test("One service at a time has the directory (S7)")
    func locked() async throws {
        let first = StateStore(directory: folder.path)
        _ = try await first.open()
        let error = await #expect(throws: StoreError.self) { _ = try await StateStore(directory: folder.path).open() }
        #expect(error?.code == .busy && error?.exitCode == 75)
        await first.close()
        _ = try await reopened()
    }

    @Test("The scheduled time never goes back, and a run without one leaves it (C7)")
    func scheduledGrows() {
        var state = DatasetState()
        for due in [5.0, 3.0] { state.begin(run(due: due)) }
        state.begin(run())
        #expect(state.lastScheduled == QueueBench.moment(5))
    }

    @Test("Every end of a run is kept, and a failure leaves what was published (C13)")
    func ends() async throws {
        let run = run()
        var state = DatasetState()
        state.end(run, .published(.test(1, rows: 2), bytes: 3), at: QueueBench.moment(4))
        let published = state.published
        for (result, verdict, message) in [
            (RunResult.storeBusy, DatasetState.Verdict.failed, "the store is busy"), (.forbidden, .failed, "access is refused"),
            (.badQuality, .quality, "the gate refused"), (.cancelled, .cancelled, ""),
        ] {
            state.end(run, result, at: QueueBench.moment(5))
            #expect(state.lastRun?.end == DatasetState.End(at: QueueBench.moment(5), verdict: verdict, message: message))
            let copy = state
            try await StateStore(directory: folder.path).update("web") { $0 = copy }
            #expect(try await reopened().0["web"] == state)
        }
        #expect(state.published == published)
        state.end(run, .upToDate(.test(1, rows: 2)), at: QueueBench.moment(6))
        #expect(state.lastRun?.end?.verdict == .upToDate && state.published?.checked == QueueBench.moment(6))
        #expect(state.published?.generation == published?.generation, "published once, however often it is found up to date")
    }

    @Test("a state of a version that kept no time of publication and no failed checks is read, and both are unknown")
    func earlier() async throws {
        try await StateStore(directory: folder.path).update("web") { $0.isPaused = true }
        let text = """
            {"config_hash": null, "format_version": 1, "last_run": null, "last_scheduled": null, "paused": true,
             "published": {"at": "\(QueueBench.moment(6))", "generation": 7, "rows": 9}, "schedule": null}
            """
        try folder.write(text, to: "datasets/web.json")
        let (again, warnings) = try await reopened()
        let found = await again["web"].published
        #expect(warnings.isEmpty && found?.checked == QueueBench.moment(6), "\(text)")
        #expect(found?.generation == PublishedGeneration(number: 7, rows: 9, created: nil, failedChecks: nil))
    }

    @Test(
        "A damaged file is set aside with a warning, and the dataset starts without memory",
        arguments: ["", "{", "[]", "\u{0}\u{0}\u{0}", "{\"format_version\": 2}", "{\"format_version\": 1}", "half", "reason", "large"])
    func damage(_ kind: String) async throws {
        let run = run()
        let first = StateStore(directory: folder.path)
        try await first.update("web") { $0.begin(run) }
        try await first.update("whole") { $0.isPaused = true }
        let whole = try await bytes("datasets/web.json")
        let text = String(decoding: whole, as: UTF8.self)
        switch kind {
        case "half": try folder.write(Array(whole.prefix(whole.count / 2)), to: "datasets/web.json")
        case "reason": try folder.write(text.split(separator: "\"config\"").joined(separator: "\"whim\""), to: "datasets/web.json")
        case "large": try folder.write(whole + [UInt8](repeating: 0x20, count: 200_000), to: "datasets/web.json")
        default: try folder.write(kind, to: "datasets/web.json")
        }
        let (store, warnings) = try await reopened()
        #expect(warnings.map(\.dataset) == ["web"])
        #expect(warnings.first?.message.contains("web.json.damaged") == true)
        #expect(await store["web"] == DatasetState())
        #expect(await store["whole"].isPaused)
        #expect(folder.names(in: "datasets") == ["web.json.damaged", "whole.json"])
        try await store.update("web") { $0.isPaused = true }
        await store.close()
        let (last, none) = try await reopened()
        #expect(none.isEmpty)
        #expect(await last["web"].isPaused)
    }

    private func bytes(_ name: String) async throws -> [UInt8] {
        let object = try await LocalStore(root: folder.path).get(ObjectKey(name))
        return try #require(object).bytes
    }

    @Test("A file that is no file at all is a warning, too")
    func pipe() async throws {
        try #require(mkdir(folder.path + "/datasets", 0o700) == 0 && mkfifo(folder.path + "/datasets/web.json", 0o600) == 0)
        let (store, warnings) = try await reopened()
        try await store.update("web") { $0.isPaused = true }
        await store.close()
        #expect(warnings.count <= 1)
        #expect(try await reopened().0["web"].isPaused)
    }

    @Test("What a crash left unfinished is removed at the start")
    func leftovers() async throws {
        try await StateStore(directory: folder.path).update("web") { $0.isPaused = true }
        try folder.write("{", to: "datasets/.web.json.put-0123456789abcdef.staged")
        let (store, warnings) = try await reopened()
        #expect(warnings.isEmpty && folder.names(in: "datasets") == ["web.json"])
        #expect(await store["web"].isPaused)
    }

    @Test("A full disk is an error, the new state holds in memory, and the next change writes it")
    func fullDisk() async throws {
        let isFull = Toggle()
        let store = StateStore(
            store: LocalStore(root: folder.path, faults: { step in isFull.value && step == .write ? .before(ENOSPC) : nil }))
        try await store.update("web") { $0.configHash = "old" }
        isFull.value = true
        await #expect(throws: StoreError.self) { try await store.update("web") { $0.configHash = "new" } }
        #expect(await store["web"].configHash == "new")
        #expect(try await reopened().0["web"].configHash == "old")
        isFull.value = false
        try await store.update("web") { _ in }
        #expect(try await reopened().0["web"].configHash == "new")
        #expect(folder.names(in: "datasets") == ["web.json"])
    }

    @Test("Nothing is written where nothing changed")
    func noChange() async throws {
        let store = StateStore(directory: folder.path)
        try await store.update("web") { $0.isPaused = true }
        try folder.write("sentinel", to: "datasets/web.json")
        try await store.update("web") { $0.isPaused = true }
        #expect(try await bytes("datasets/web.json") == Array("sentinel".utf8))
    }

    @Test("A removed dataset is forgotten for good")
    func removal() async throws {
        let store = StateStore(directory: folder.path)
        try await store.update("web") { $0.isPaused = true }
        try await store.remove("web")
        #expect(await store["web"] == DatasetState())
        #expect(folder.names(in: "datasets").isEmpty)
    }

    @Test("A file stays small, however long the messages and however odd their characters")
    func bounded() async throws {
        let run = run()
        let message = String(repeating: "\u{1}\"\u{7F}e\u{301}", count: 100_000)
        let store = StateStore(directory: folder.path)
        try await store.update("web") { state in
            state.schedule = String(repeating: "\u{1}", count: DatasetState.maximumScheduleBytes)
            state.end(run, .failed(RunFailure(.permanent, message, exitCode: 74)), at: QueueBench.moment(0))
        }
        #expect(try await bytes("datasets/web.json").count <= Int(StateStore.maximumBytes))
        let kept = await store["web"].lastRun?.end?.message ?? ""
        #expect(kept.utf8.count <= DatasetState.maximumMessageBytes && kept.utf8.count > DatasetState.maximumMessageBytes - 8)
        #expect(try await reopened().1.isEmpty)
    }
}

/// A switch that a fault hook reads.
private final class Toggle: Sendable {
    private let state = Atomic<Bool>(false)
    var value: Bool {
        get { state.load(ordering: .acquiring) }
        set { state.store(newValue, ordering: .releasing) }
    }
}
