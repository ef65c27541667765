import Core
import Glibc
import Testing

@Suite("Crashes")
struct CrashTests {
    struct Scenario: Sendable, CustomTestStringConvertible {
        let kind: StoreBench.Kind
        let numbered: Bool
        var testDescription: String { "\(kind.rawValue), \(numbered ? "new names" : "replaced names")" }
    }

    static let scenarios = StoreBench.Kind.allCases.flatMap { kind in [false, true].map { Scenario(kind: kind, numbered: $0) } }

    /// The first generation, and the second one that is going to crash: with a sweep that deletes the first where names differ.
    private func publications(_ scenario: Scenario) -> (first: Publication, second: Publication) {
        let retention = RetentionPolicy(keepLast: scenario.numbered ? 1 : 2, graceHours: 0)
        let first = Publication(numbered: scenario.numbered, retention: retention)
        var second = first.next()
        second.sweeps = true
        return (first, second)
    }

    /// What must hold once a writer has been there again.
    private func expectSound(_ bench: StoreBench, _ label: String, published: Bool) async throws {
        let scenario = Publication()
        let session = try await Publisher.open(bench.store(), dataset: scenario.dataset)
        let latest = try #require(session.latest, "\(label)")
        #expect(latest.generation == 1 || latest.generation == 2, "\(label)")
        if published { #expect(latest.generation == 2, "\(label): lost after it was reported") }
        #expect(try await session.isUpToDate(latest.run.identity) == .upToDate(latest), "\(label)")
        await session.close()
        let problems = try await StoreInvariant.problems(bench.store())
        // A generation that was unlisted, but not deleted yet, still has its files.
        #expect(problems.allSatisfy { $0.hasPrefix("debris: raw/1-") }, "\(label): \(problems)")
        let again = try await Publisher.open(bench.store(), dataset: scenario.dataset)
        #expect(again.recovery.isClean, "\(label): a second recovery has nothing to do")
        #expect(again.latest == latest, "\(label)")
    }

    @Test(
        "D8 D10 Killed before any step, a publication leaves one of the two generations whole and the next run no debris",
        arguments: scenarios)
    func everyStep(scenario: Scenario) async throws {
        let (first, second) = publications(scenario)
        var number = 0
        var seen: Set<Int> = []
        while true {
            number += 1
            let bench = try StoreBench(scenario.kind)
            try await first.run(bench.store())
            let plan = FaultPlan.crash(at: number)
            let result = await attempt(second, bench.store(faults: plan.hook))
            if plan.steps.count < number { break }
            let label = "step \(number), \(plan.steps[number - 1])"
            try await expectWholeForReaders(bench, [first, second], label)
            try await expectSound(bench, label, published: result)
            seen.insert(try #require(try await latest(bench)).generation)
            try await second.next().run(bench.store())
            #expect(try await StoreInvariant.problems(bench.store()).isEmpty, "\(label)")
        }
        #expect(seen == [1, 2])
        #expect(number > (scenario.kind == .local ? 60 : 20))
    }

    @Test("D8 D10 Killed in the middle of recovery, again and again, the next start still finishes", arguments: scenarios)
    func crashInRecovery(scenario: Scenario) async throws {
        let (first, second) = publications(scenario)
        var number = 0
        while true {
            number += 1
            let plan = FaultPlan.crash(at: number)
            let bench = try StoreBench(scenario.kind)
            try await first.run(bench.store())
            let result = await attempt(second, bench.store(faults: plan.hook))
            if plan.steps.count < number { break }
            // Each start gets one step further than the one before.
            var inner = 0
            while true {
                inner += 1
                let plan = FaultPlan.crash(at: inner)
                _ = try? await Publisher.open(bench.store(faults: plan.hook), dataset: second.dataset)
                if plan.steps.count < inner { break }
            }
            try await expectSound(bench, "step \(number)", published: result)
        }
    }

    @Test(
        "D6 D7 D14 When any single step fails, or its answer is lost, the old or the new generation stays whole", arguments: scenarios,
        [InjectedFault.before(ENOSPC), .before(EIO), .after(EIO)])
    func everyFailure(scenario: Scenario, fault: InjectedFault) async throws {
        let (first, second) = publications(scenario)
        var number = 0
        while true {
            number += 1
            let bench = try StoreBench(scenario.kind)
            try await first.run(bench.store())
            let plan = FaultPlan.fail(at: number, fault)
            let result = await attempt(second, bench.store(faults: plan.hook))
            if plan.steps.count < number { break }
            let label = "step \(number), \(plan.steps[number - 1])"
            try await expectWholeForReaders(bench, [first, second], label)
            try await expectSound(bench, label, published: result)
            try await second.next().run(bench.store())
            #expect(try await StoreInvariant.problems(bench.store()).isEmpty, "\(label)")
        }
    }

    @Test(
        "D7 When every step that writes fails, the run ends with status 73 and removes what it staged", arguments: StoreBench.Kind.allCases)
    func fullDisk(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        try await Publication().run(bench.store())
        let store = bench.store(faults: { [.write, .sync].contains($0) ? .before(ENOSPC) : nil })
        let session = try await Publisher.open(store, dataset: "web")
        let writer = try? await session.stage(ObjectKey("raw/panel.parquet"), role: .panel)
        let error = await expectError(.noSpace) {
            try await writer?.append([1])
            try await session.stage(ObjectKey("raw/other"), role: .sample).append([1])
        }
        #expect(error?.exitCode == 73)
        await session.close()
        #expect(try await StoreInvariant.problems(bench.store()).isEmpty)
    }

    @Test(
        "After an announcement that ended in an error, the session refuses to go on and leaves the store to recovery",
        arguments: StoreBench.Kind.allCases)
    func uncertain(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        try await Publication().run(bench.store())
        // In the local store the manifest's is the first rename.
        let plan = FaultPlan.fail(at: kind == .local ? 2 : 1, .rename, .before(EIO))
        let session = try await Publisher.open(bench.store(faults: plan.hook), dataset: "web")
        let writer = try await session.stage(ObjectKey("raw/panel.parquet"), role: .panel)
        try await writer.append([1])
        try await writer.finish()
        let error = await expectError(.inputOutput) {
            _ = try await session.publish(Publication().record, retention: Publication().retention)
        }
        #expect(error?.outcome == .unknown)
        #expect(error?.message.contains("Generation 2 is announced") == true)
        await expectError(.preconditionFailed) { _ = try await session.stage(ObjectKey("raw/x"), role: .panel) }
        await session.close()
        let next = try await Publisher.open(bench.store(), dataset: "web")
        #expect(next.recovery.rolledForward == 2)
        #expect(next.latest?.generation == 2)
    }

    @Test(
        "D14 When the answer to the announcement is lost, nothing is cleaned up and the next start completes it",
        arguments: StoreBench.Kind.allCases)
    func lostAnnouncement(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        try await Publication().run(bench.store())
        // Three writes are the artifacts' in memory; on disk the manifest's is the first rename.
        let plan = kind == .local ? FaultPlan.fail(at: 1, .rename, .after(EIO)) : .fail(at: 4, .write, .after(EIO))
        let error = await expectError(.inputOutput) { try await Publication().next().run(bench.store(faults: plan.hook)) }
        #expect(error?.outcome == .unknown)
        let next = try await Publisher.open(bench.store(), dataset: "web")
        #expect(next.recovery.rolledForward == 2)
        #expect(try await StoreInvariant.problems(bench.store()).isEmpty)
    }

    private func attempt(_ publication: Publication, _ store: any ObjectStore) async -> Bool {
        (try? await publication.run(store)) != nil
    }

    private func latest(_ bench: StoreBench) async throws -> Manifest? {
        let session = try await Publisher.open(bench.store(), dataset: "web")
        return session.latest
    }

    /// Right after the crash, before any writer: the pointer can be followed, and each panel is one whole panel.
    private func expectWholeForReaders(_ bench: StoreBench, _ publications: [Publication], _ label: String) async throws {
        let store = bench.store()
        let pointer = try Pointer(
            parsing: try #require(try await store.get(ObjectKey("manifests/web/latest.json"))).bytes, path: "latest.json")
        let object = try #require(try await store.get(ObjectKey("manifests/web/\(pointer.generation).json")), "\(label)")
        let manifest = try Manifest(parsing: object.bytes, path: "manifest")
        #expect(manifest.sha256 == pointer.manifestSHA256)
        let panel = try #require(manifest.artifact(.panel))
        let bytes = try #require(try await store.get(panel.key), "\(label)").bytes
        if publications[0].numbered {
            #expect(ContentHash(of: bytes) == panel.sha256, "\(label)")
        } else {
            #expect(publications.map(\.panel).contains(bytes), "\(label)")
        }
    }
}
