import Core
import Glibc
import Testing

@Suite("Shards and crashes")
struct ShardCrashTests {
    static let kinds = StoreBench.Kind.allCases
    /// A ground truth doubles the files of a shard.
    private static let changes = "  random_seed: 3\ntruth: { cells: true, events: true }"

    @Test("a commit killed before any step is finished by the next one: one generation, whole, without debris", arguments: kinds)
    func commit(kind: StoreBench.Kind) async throws {
        let config = try Shards.config(Self.changes)
        var number = 0
        while true {
            number += 1
            let bench = try StoreBench(kind)
            try await Shards.stageAll(config, of: 3, in: bench.store())
            let plan = FaultPlan.crash(at: number)
            _ = try? await Shards.commit(config, of: 3, in: bench.store(faults: plan.hook))
            if plan.steps.count < number { break }
            let outcome = try await Shards.commit(config, of: 3, in: bench.store())
            let parts = outcome.manifest.parts + outcome.manifest.truthParts
            #expect(parts.count == 6 && outcome.manifest.generation == 1, "step \(number), \(plan.steps[number - 1])")
            #expect(try await StoreInvariant.problems(bench.store()) == [], "step \(number), \(plan.steps[number - 1])")
        }
        #expect(number > 30)
    }

    @Test("a shard killed before any step is made again, and the commit finds the same table", arguments: kinds)
    func shard(kind: StoreBench.Kind) async throws {
        let config = try Shards.config(Self.changes)
        let reference = InMemoryStore()
        try await Shards.stageAll(config, of: 2, in: reference)
        let expected = try await Shards.commit(config, of: 2, in: reference).manifest.artifacts.map(\.sha256)
        var number = 0
        while true {
            number += 1
            let bench = try StoreBench(kind)
            try await Shards.stage(config, 0, of: 2, in: bench.store())
            let plan = FaultPlan.crash(at: number)
            _ = try? await Shards.stage(config, 1, of: 2, in: bench.store(faults: plan.hook))
            if plan.steps.count < number { break }
            try await Shards.stage(config, 1, of: 2, in: bench.store())
            let outcome = try await Shards.commit(config, of: 2, in: bench.store())
            #expect(outcome.manifest.artifacts.map(\.sha256) == expected, "step \(number), \(plan.steps[number - 1])")
            #expect(try await StoreInvariant.problems(bench.store()) == [], "step \(number), \(plan.steps[number - 1])")
        }
        #expect(number > 8)
    }

    @Test("a step that fails, or whose answer is lost, is mended by running again", arguments: kinds)
    func faults(kind: StoreBench.Kind) async throws {
        let config = try Shards.config(Self.changes)
        var number = 0
        while true {
            number += 1
            let bench = try StoreBench(kind)
            let plan = FaultPlan.fail(at: number, number % 2 == 0 ? .after(EIO) : .before(EIO))
            let store = bench.store(faults: plan.hook)
            for index in 0..<2 { _ = try? await Shards.stage(config, index, of: 2, in: store) }
            _ = try? await Shards.commit(config, of: 2, in: store)
            if plan.steps.count < number { break }
            try await Shards.stageAll(config, of: 2, in: bench.store())
            let outcome = try await Shards.commit(config, of: 2, in: bench.store())
            #expect(outcome.manifest.parts.count == 2, "step \(number), \(plan.steps[number - 1])")
            #expect(try await StoreInvariant.problems(bench.store()) == [], "step \(number), \(plan.steps[number - 1])")
        }
        #expect(number > 40)
    }
}
