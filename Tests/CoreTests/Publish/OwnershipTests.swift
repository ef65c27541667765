import Core
import Glibc
import Testing

@Suite("Ownership of keys")
struct OwnershipTests {
    @Test(
        "A key of another dataset is refused before anything is generated, with its name and the ways out",
        arguments: StoreBench.Kind.allCases)
    func otherDataset(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        try await Publication().run(bench.store())
        var second = Publication()
        second.dataset = "db"
        let attempt = second
        let error = await expectError(.owned) { try await attempt.run(bench.store()) }
        #expect(error?.exitCode == 73)
        let message = try #require(error?.message)
        for words in ["raw/panel.parquet", "dataset web", "output.filename", "storage.raw_prefix", "manifests/web"] {
            #expect(message.contains(words), "\(words)")
        }
        #expect(try await StoreInvariant.problems(bench.store()).isEmpty)
    }

    @Test("A file that no dataset lists is refused, unless it has the very bytes to be published", arguments: StoreBench.Kind.allCases)
    func foreignFile(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let key = try ObjectKey("raw/panel.parquet")
        try await bench.overwrite(key, [1, 2, 3])
        let error = await expectError(.owned) { try await Publication().run(bench.store()) }
        #expect(error?.message.contains("no dataset lists it") == true)
        #expect(try await bench.store().get(key)?.bytes == [1, 2, 3])
        let session = try await Publisher.open(bench.store(), dataset: "web")
        try await session.checkOwnership([key], expecting: [key: ContentHash(of: [1, 2, 3])])
        await expectError(.owned) { try await session.checkOwnership([key], expecting: [key: ContentHash(of: [1])]) }
    }

    @Test("A dataset's own files may be replaced, those of an older generation too", arguments: StoreBench.Kind.allCases)
    func own(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        try await Publication().run(bench.store())
        var moved = Publication().next()
        moved.folder = "elsewhere"
        try await moved.run(bench.store())
        try await Publication().next().next().run(bench.store())
        #expect(try await StoreInvariant.problems(bench.store()).isEmpty)
    }

    @Test("Keys below manifests/ are refused")
    func reserved() async throws {
        let session = try await Publisher.open(InMemoryStore(), dataset: "web")
        await expectError(.invalidKey) { try await session.checkOwnership([ObjectKey("manifests/web/9.json")]) }
        await expectError(.invalidKey) { _ = try await session.stage(ObjectKey("manifests/x"), role: .panel) }
    }

    @Test("A file that appears after the check is not replaced either", arguments: StoreBench.Kind.allCases)
    func lateForeignFile(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let key = try ObjectKey("raw/panel.parquet")
        let session = try await Publisher.open(bench.store(), dataset: "web")
        try await session.checkOwnership([key])
        let writer = try await session.stage(key, role: .panel)
        try await writer.append([1])
        try await writer.finish()
        try await bench.overwrite(key, [9])
        await expectError(.owned) { _ = try await session.publish(Publication().record, retention: Publication().retention) }
        await session.close()
        #expect(try await bench.store().get(key)?.bytes == [9])
        #expect(try await bench.store().list("").map(\.key) == [key])
    }

    @Test("On request a file that no dataset lists is replaced, but never another dataset's", arguments: StoreBench.Kind.allCases)
    func adopting(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let key = try ObjectKey("raw/panel.parquet")
        try await bench.overwrite(key, [9])
        let refused = await expectError(.owned) { try await Publication().run(bench.store()) }
        #expect(refused?.message.contains("--force") == true)
        try await Publication(adopting: true).run(bench.store())
        #expect(try await bench.store().get(key)?.bytes == Publication().panel)
        await expectError(.owned) { try await Publication(dataset: "db", adopting: true).run(bench.store()) }
        #expect(try await StoreInvariant.problems(bench.store()).isEmpty)
    }

    @Test(
        "After the loss of the latest manifest the next run replaces its files, unless they could be another dataset's",
        arguments: StoreBench.Kind.allCases)
    func lostManifest(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let next = Publication().next()
        try await Publication().run(bench.store())
        try await bench.store().delete(ObjectKey("manifests/web/1.json"))
        let foreign = try ObjectKey("manifests/db/1.json")
        try await bench.overwrite(foreign, [1])
        let refused = await expectError(.owned) { try await next.run(bench.store()) }
        #expect(refused?.message.contains("--force") == true)
        try await bench.store().delete(foreign)
        #expect(try await next.run(bench.store()).generation == 2)
        let report = try await Verifier(bench.store()).verify(.generation("web", 2))
        #expect(report.exitCode == 0, "\(report.text)")
    }

    @Test("A key that another dataset has announced only is busy, not owned", arguments: StoreBench.Kind.allCases)
    func announcedByOther(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let plan = FaultPlan.fail(at: kind == .local ? 2 : 1, .rename, .before(EIO))
        await expectError(.inputOutput) { try await Publication().run(bench.store(faults: plan.hook)) }
        let error = await expectError(.busy) { try await Publication(dataset: "db").run(bench.store()) }
        #expect(error?.exitCode == 75 && error?.outcome == .retryable)
        #expect(error?.message.contains("The dataset web has announced") == true && error?.message.contains("try again") == true)
    }

    @Test("Of two datasets that publish the same key at the same time, at most one gets it", arguments: StoreBench.Kind.allCases)
    func race(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let key = try ObjectKey("raw/panel.parquet")
        var sessions: [PublisherSession] = []
        for (index, dataset) in ["web", "db"].enumerated() {
            let session = try await Publisher.open(bench.store(), dataset: dataset)
            try await session.checkOwnership([key])
            let writer = try await session.stage(key, role: .panel)
            try await writer.append([UInt8(index)])
            try await writer.finish()
            sessions.append(session)
        }
        let published = await withTaskGroup(of: Bool.self) { group in
            for session in sessions {
                group.addTask { (try? await session.publish(Publication().record, retention: Publication().retention)) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        for session in sessions { await session.close() }
        #expect(published <= 1)
        let report = try await Verifier(bench.store()).verify(.everything)
        #expect(report.exitCode == (published == 1 ? 0 : 66))
        #expect(report.leftovers.isEmpty)
    }
}
