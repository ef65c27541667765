import Core
import FoundationEssentials
import Glibc
import Testing

@Suite("Recovery")
struct RecoveryTests {
    private let panel: ObjectKey
    init() throws { panel = try ObjectKey("raw/panel.parquet") }

    /// A first generation, and a second one that stopped before the `publishing`-th artifact took its final name, counted from 1.
    private func announced(
        _ kind: StoreBench.Kind, numbered: Bool = false, sampled: Bool = false, publishing: Int
    ) async throws -> StoreBench {
        let bench = try StoreBench(kind)
        let publication = Publication(numbered: numbered, sampled: sampled)
        try await publication.run(bench.store())
        let plan = FaultPlan.fail(at: kind == .local ? publishing + 1 : publishing, .rename, .before(EIO))
        let error = await expectError(.inputOutput) { try await publication.next().run(bench.store(faults: plan.hook)) }
        #expect(error?.outcome == .unknown)
        return bench
    }

    private func discardStagedSample(_ bench: StoreBench) async throws {
        for listed in try await bench.store().list("") where listed.key.path.hasSuffix(".csv") {
            if case .staged(let token, _) = listed.kind { await (try bench.store().resume(listed.key, token: token))?.discard() }
        }
    }

    @Test("D10 An announced generation whose files are all there is completed", arguments: StoreBench.Kind.allCases, [1, 2])
    func rollForward(kind: StoreBench.Kind, publishing: Int) async throws {
        let bench = try await announced(kind, publishing: publishing)
        let report = try await Verifier(bench.store()).verify(.everything)
        #expect(report.datasets[0].announced == [2] && report.exitCode == 0)
        let session = try await Publisher.open(bench.store(), dataset: "web")
        #expect(session.recovery.rolledForward == 2)
        #expect(session.recovery.discarded == nil && session.recovery.removedStaged.isEmpty)
        #expect(session.latest?.generation == 2)
        #expect(try await bench.store().get(panel)?.bytes == Publication().next().panel)
        #expect(try await StoreInvariant.problems(bench.store()).isEmpty)
    }

    @Test(
        "D10 An announced generation with a lost file is taken back, together with the new names it had taken",
        arguments: StoreBench.Kind.allCases)
    func discard(kind: StoreBench.Kind) async throws {
        let bench = try await announced(kind, numbered: true, sampled: true, publishing: 2)
        try await discardStagedSample(bench)
        #expect(try await bench.store().get(ObjectKey("raw/2-panel.summary.json")) != nil)
        let session = try await Publisher.open(bench.store(), dataset: "web")
        #expect(session.recovery.discarded == 2 && session.recovery.rolledForward == nil && session.recovery.replaced.isEmpty)
        #expect(session.latest?.generation == 1 && session.nextGeneration == 2)
        await session.close()
        #expect(try await StoreInvariant.problems(bench.store()).isEmpty)
    }

    @Test(
        "A name that the lost generation had taken from the old one is reported, and the next run restores it",
        arguments: StoreBench.Kind.allCases)
    func replaced(kind: StoreBench.Kind) async throws {
        let bench = try await announced(kind, sampled: true, publishing: 2)
        try await discardStagedSample(bench)
        let summary = try ObjectKey("raw/panel.summary.json")
        let session = try await Publisher.open(bench.store(), dataset: "web")
        #expect(session.recovery.discarded == 2)
        #expect(session.recovery.replaced == [summary])
        guard case .stale(let differences) = try await session.isUpToDate(Publication().record.identity) else {
            Issue.record("a replaced file is no up to date generation")
            return
        }
        #expect(differences.count == 1)
        await session.close()
        try await Publication(sampled: true).run(bench.store())
        #expect(try await StoreInvariant.problems(bench.store()).isEmpty)
    }

    @Test("A hidden file with one changed byte is not published")
    func changedStaged() async throws {
        let bench = try await announced(.local, numbered: true, publishing: 1)
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: bench.root + "/raw").first { $0.hasPrefix(".2-panel.parquet.") })
        let file = open(bench.root + "/raw/" + name, O_WRONLY)
        #expect(pwrite(file, [255], 1, 100) == 1)
        close(file)
        let session = try await Publisher.open(bench.store(), dataset: "web")
        #expect(session.recovery.discarded == 2)
        #expect(session.latest?.generation == 1)
        await session.close()
        #expect(try await StoreInvariant.problems(bench.store()).isEmpty)
    }

    @Test(
        "Without a pointer, or with an old one, the newest whole generation is found and none is deleted",
        arguments: StoreBench.Kind.allCases, [true, false])
    func lostPointer(kind: StoreBench.Kind, stale: Bool) async throws {
        let bench = try StoreBench(kind)
        let key = try ObjectKey("manifests/web/latest.json")
        var publication = Publication(numbered: true)
        try await publication.run(bench.store())
        let old = try #require(try await bench.store().get(key)).bytes
        for _ in 2...4 {
            publication = publication.next()
            try await publication.run(bench.store())
        }
        if stale { try await bench.overwrite(key, old) } else { try await bench.store().delete(key) }
        let session = try await Publisher.open(bench.store(), dataset: "web")
        #expect(session.recovery.rolledForward == 4)
        #expect(session.latest?.generation == 4)
        #expect(try await Verifier(bench.store()).verify(.everything).datasets[0].generations.map(\.number) == [4, 3, 2, 1])
        #expect(try await StoreInvariant.problems(bench.store()).isEmpty)
    }

    @Test(
        "Without a pointer and without a whole generation, nothing is deleted and no number used again",
        arguments: StoreBench.Kind.allCases)
    func nothingWhole(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        try await Publication().run(bench.store())
        try await Publication().next().run(bench.store())
        try await bench.store().delete(ObjectKey("manifests/web/latest.json"))
        try await bench.overwrite(panel, [1])
        let before = try await bench.store().list("")
        let session = try await Publisher.open(bench.store(), dataset: "web")
        #expect(session.recovery.damaged == [1, 2] && session.recovery.discarded == nil && !session.recovery.isClean)
        #expect(session.latest == nil && session.nextGeneration == 3)
        #expect(try await session.isUpToDate(Publication().record.identity) == .stale([.damaged(2)]))
        #expect(try await bench.store().list("") == before)
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        let kind: StoreBench.Kind
        let numbered: Bool
        let oldPointer: Bool
        let edited: Bool
        var testDescription: String {
            "\(kind.rawValue), \(numbered ? "new" : "replaced") names, pointer \(oldPointer ? "old" : "lost"), file \(edited ? "edited" : "lost")"
        }
        static let all = StoreBench.Kind.allCases.flatMap { kind in
            (0..<8).map { Damage(kind: kind, numbered: $0 & 1 > 0, oldPointer: $0 & 2 > 0, edited: $0 & 4 > 0) }
        }
    }

    @Test("When the pointer is lost or old and a file damaged, nothing is deleted and the next run publishes anew", arguments: Damage.all)
    func damagedAfterPointer(damage: Damage) async throws {
        let bench = try StoreBench(damage.kind)
        let pointer = try ObjectKey("manifests/web/latest.json")
        let first = Publication(numbered: damage.numbered, sampled: true)
        let second = first.next()
        try await first.run(bench.store())
        let old = try #require(try await bench.store().get(pointer)).bytes
        try await second.run(bench.store())
        if damage.oldPointer { try await bench.overwrite(pointer, old) } else { try await bench.store().delete(pointer) }
        let sample = try second.key("panel.sample.csv", generation: 2)
        if damage.edited { try await bench.overwrite(sample, [1]) } else { try await bench.store().delete(sample) }
        var before: [ObjectKey: [UInt8]] = [:]
        for listed in try await bench.store().list("") where listed.key != pointer {
            before[listed.key] = try await bench.store().get(listed.key)?.bytes
        }
        // A disk that is full fails the run in its first write of an artifact.
        let plan = FaultPlan { steps in steps.last == .write && steps.count > 1 ? .before(ENOSPC) : nil }
        _ = try? await second.next().run(bench.store(faults: plan.hook))
        for (key, bytes) in before { #expect(try await bench.store().get(key)?.bytes == bytes, "\(key)") }

        let session = try await Publisher.open(bench.store(), dataset: "web")
        #expect(session.recovery.damaged.contains(2) && session.recovery.discarded == nil)
        #expect(try await session.isUpToDate(first.record.identity) == .stale([.damaged(2)]))
        await session.close()
        for (key, bytes) in before { #expect(try await bench.store().get(key)?.bytes == bytes, "\(key)") }

        #expect(try await second.next().run(bench.store()).generation == 3)
        let report = try await Verifier(bench.store()).verify(.everything)
        #expect(report.exitCode == 0, "\(report.text)")
        #expect(report.datasets[0].generations.first?.number == 3)
        let again = try await Publisher.open(bench.store(), dataset: "web")
        #expect(again.recovery.isClean && again.latest?.generation == 3)
    }

    @Test("Leftovers of a crash before the announcement are removed, those of other datasets are not", arguments: StoreBench.Kind.allCases)
    func leftovers(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        for dataset in ["web", "db"] {
            let session = try await Publisher.open(bench.store(), dataset: dataset)
            // Dropped without discarding, as by a kill.
            try await session.stage(ObjectKey("old/\(dataset).parquet"), role: .panel).append([1])
        }
        _ = try await bench.store().stage(ObjectKey("manifests/web/latest.json"), owner: "put")
        let session = try await Publisher.open(bench.store(), dataset: "web")
        #expect(session.recovery.removedStaged.map(\.path) == ["manifests/web/latest.json", "old/web.parquet"])
        #expect(try await bench.store().list("").map(\.key.path) == ["old/db.parquet"])
    }

    @Test("An announcement of a key that another dataset published meanwhile is taken back", arguments: StoreBench.Kind.allCases)
    func ownedMeanwhile(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        // The web dataset dies before its first artifact has its name; the announcement is then put away while db publishes.
        let plan = FaultPlan.fail(at: kind == .local ? 2 : 1, .rename, .before(EIO))
        await expectError(.inputOutput) { try await Publication().run(bench.store(faults: plan.hook)) }
        let key = try ObjectKey("manifests/web/1.json")
        let announcement = try #require(try await bench.store().get(key)).bytes
        try await bench.store().delete(key)
        let other = Publication(dataset: "db", content: 7)
        try await other.run(bench.store())
        try await bench.overwrite(key, announcement)
        let session = try await Publisher.open(bench.store(), dataset: "web")
        #expect(session.recovery.discarded == 1)
        #expect(try await bench.store().get(panel)?.bytes == other.panel)
        await session.close()
        #expect(try await StoreInvariant.problems(bench.store()).isEmpty)
    }
}
