import Core
import Testing

@Suite("Publishing")
struct PublisherTests {
    @Test("The first generation is 1, the next one more, and another session reads it", arguments: StoreBench.Kind.allCases)
    func generations(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let first = try await Publication().run(bench.store())
        let second = try await Publication().next().run(bench.store())
        #expect(first.generation == 1 && second.generation == 2)
        let session = try await Publisher.open(bench.store(), dataset: "web")
        #expect(session.latest == second)
        #expect(session.nextGeneration == 3)
        #expect(session.recovery.isClean)
        #expect(try await bench.store().get(ObjectKey("raw/panel.parquet"))?.bytes == Publication().next().panel)
        #expect(try await StoreInvariant.problems(bench.store()).isEmpty)
    }

    @Test("D1 Manifest, artifacts, pointer: in this order, and the panel last of the artifacts")
    func order() async throws {
        let store = RecordingStore()
        try await Publication().run(store)
        #expect(
            store.writes == [
                "seal raw/panel.parquet", "seal raw/panel.summary.json", "put manifests/web/1.json", "publish raw/panel.summary.json",
                "publish raw/panel.parquet", "put manifests/web/latest.json",
            ])
    }

    @Test("D15 A second session of a dataset is refused with status 75, one of another dataset is not", arguments: StoreBench.Kind.allCases)
    func oneWriter(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let session = try await Publisher.open(bench.store(), dataset: "web")
        let error = await expectError(.busy) { _ = try await Publisher.open(bench.store(), dataset: "web") }
        #expect(error?.exitCode == 75)
        _ = try await Publisher.open(bench.store(), dataset: "db")
        await session.close()
        _ = try await Publisher.open(bench.store(), dataset: "web")
    }

    @Test("What is staged and then discarded leaves the generation and no files", arguments: StoreBench.Kind.allCases)
    func discarding(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        try await Publication().run(bench.store())
        let session = try await Publisher.open(bench.store(), dataset: "web")
        let writer = try await session.stage(ObjectKey("raw/panel.parquet"), role: .panel)
        try await writer.append([1])
        await session.close()
        #expect(try await StoreInvariant.problems(bench.store()).isEmpty)
        #expect(try await bench.store().get(ObjectKey("raw/panel.parquet"))?.bytes == Publication().panel)
    }

    @Test("D18 An unchanged run is up to date; each change says what differs", arguments: StoreBench.Kind.allCases)
    func upToDate(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let run = Publication().record.identity
        let key = try ObjectKey("raw/panel.parquet")
        let empty = try await Publisher.open(bench.store(), dataset: "web")
        #expect(try await empty.isUpToDate(run) == .stale([.noGeneration]))
        await empty.close()
        let manifest = try await Publication().run(bench.store())
        let session = try await Publisher.open(bench.store(), dataset: "web")
        #expect(try await session.isUpToDate(run) == .upToDate(manifest))

        var other = run
        other.configSHA256 = ContentHash(of: [1])
        #expect(try await session.isUpToDate(other) == .stale([.configuration]))
        other.dataSHA256 = ContentHash(of: [2])
        other.algorithmVersion = 2
        other.window = DayRange(start: run.window.start, end: run.window.end + 1)
        #expect(
            try await session.isUpToDate(other)
                == .stale([.data, .algorithm(published: 1, now: 2), .window(published: run.window, now: other.window)]))

        try await bench.overwrite(key, [1, 2])
        #expect(
            try await session.isUpToDate(run)
                == .stale([.changed(key, expected: ContentHash(of: Publication().panel), actual: ContentHash(of: [1, 2]))]))
        try await bench.store().delete(key)
        #expect(try await session.isUpToDate(run) == .stale([.missing(key)]))
    }

    @Test("A run that will not fit with its reserve is refused early with status 73")
    func preflight() async throws {
        let store = InMemoryStore(freeSpace: 1_000_000)
        let session = try await Publisher.open(store, dataset: "web")
        try await session.preflight(estimate: 900_000, reserve: 100_000)
        let error = await expectError(.noSpace) { try await session.preflight(estimate: 900_001, reserve: 100_000) }
        #expect(error?.exitCode == 73 && error?.outcome == .retryable)
        #expect(error?.message.contains("about 878.9 KiB and leaves 97.7 KiB free, but there are 976.6 KiB") == true)
        let huge = await expectError(.noSpace) { try await session.preflight(estimate: .max, reserve: 1023) }
        #expect(huge?.message.contains("about 16.0 EiB and leaves 1023 B free") == true)
        await expectError(.noSpace) { try await session.preflight(estimate: .max) }
        #expect(try await store.list("").isEmpty)
        try await Publisher.open(InMemoryStore(), dataset: "web").preflight(estimate: .max)
    }

    @Test("A dataset's name that leaves the manifest folder is refused", arguments: ["..", "a/b", "", "."])
    func names(dataset: String) async {
        await expectError(.invalidKey) { _ = try await Publisher.open(InMemoryStore(), dataset: dataset) }
    }

    @Test("A pointer that cannot be read stops the writer with status 65 instead of starting over", arguments: StoreBench.Kind.allCases)
    func damagedPointer(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        try await Publication().run(bench.store())
        try await bench.overwrite(ObjectKey("manifests/web/latest.json"), Array("{}".utf8))
        let error = await expectError(.damaged) { _ = try await Publisher.open(bench.store(), dataset: "web") }
        #expect(error?.exitCode == 65)
    }

    @Test("A lost latest manifest is reported, and the next run publishes a new generation", arguments: StoreBench.Kind.allCases)
    func lostManifest(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        try await Publication().run(bench.store())
        try await bench.store().delete(ObjectKey("manifests/web/1.json"))
        let session = try await Publisher.open(bench.store(), dataset: "web")
        #expect(session.latest == nil)
        #expect(session.recovery.latestProblem?.code == .damaged)
        #expect(session.nextGeneration == 2)
    }
}
