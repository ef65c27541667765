import Core
import Service
import Testing

@Suite("The watcher on its thread")
struct DirectoryWatcherTests {
    private func withWatcher(_ folder: Folder, _ body: (DirectoryWatcher) async throws -> Void) async throws {
        var settings = WatchSettings(directory: folder.conf)
        // The rules of time have tests of their own; here the real clock runs.
        settings.quiet = .milliseconds(20)
        settings.grace = .milliseconds(50)
        let watcher = try DirectoryWatcher(settings: settings, judge: loadConfig)
        let work = Task { try await watcher.run() }
        try await body(watcher)
        work.cancel()
        try await work.value
        for await _ in watcher.events {}
        #expect(await watcher.rescan() == nil, "a watcher that is over answers nothing")
    }

    private func next(_ watcher: DirectoryWatcher) async -> WatchEvent? {
        for await event in watcher.events { return event }
        return nil
    }

    private func nextChange(_ watcher: DirectoryWatcher) async -> [String] {
        for await case .change(let set) in watcher.events { return set.changes.map(\.file) }
        return []
    }

    @Test("W1 W13: new, changed and removed files are told of without a restart, and cancelling ends it", .timeLimit(.minutes(1)))
    func changes() async throws {
        let folder = try Folder()
        try folder.write("c.yaml", config(1))
        try await withWatcher(folder) { watcher in
            #expect(await nextChange(watcher) == ["c.yaml"])
            #expect(await next(watcher) == .rescanned(request: 0, RescanReport.right(generation: 1, inForce: 1)))
            try folder.write("c.yaml", config(2))
            #expect(await nextChange(watcher) == ["c.yaml"])
            try folder.write("d.yaml", config(1))
            #expect(await nextChange(watcher) == ["d.yaml"])
            try folder.sh("rm c.yaml")
            #expect(await nextChange(watcher) == ["c.yaml"])
            #expect(watcher.status.inForce == 1)
            #expect(watcher.status.missed == 0)
        }
    }

    @Test("W12: a rescan answers after what it found was told", .timeLimit(.minutes(1)))
    func rescan() async throws {
        let folder = try Folder()
        try await withWatcher(folder) { watcher in
            #expect(await next(watcher) == .rescanned(request: 0, RescanReport.right(generation: 0, inForce: 0)))
            try folder.write("c.yaml", "x")
            let report = try #require(await watcher.rescan())
            #expect(report.refused.map(\.file) == ["c.yaml"])
            #expect(report.generation == 1)
            #expect(await nextChange(watcher) == ["c.yaml"])
            async let first = watcher.rescan()
            async let second = watcher.rescan()
            #expect(await (first?.refused.count, second?.refused.count) == (1, 1))
        }
    }
}

extension RescanReport {
    static func right(generation: Int, inForce: Int) -> RescanReport {
        RescanReport(generation: generation, inForce: inForce, refused: [], isComplete: true, directory: .present)
    }
}
