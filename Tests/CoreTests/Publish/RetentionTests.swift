import Core
import Testing

@Suite("Retention")
struct RetentionTests {
    private func publications(_ count: Int, _ bench: StoreBench, keepLast: Int, numbered: Bool = true) async throws -> Publication {
        var publication = Publication(numbered: numbered, retention: RetentionPolicy(keepLast: keepLast, graceHours: 24))
        for number in 1...count {
            if number > 1 { publication = publication.next() }
            try await publication.run(bench.store())
        }
        return publication
    }

    private func pointer(_ bench: StoreBench) async throws -> Pointer {
        try Pointer(parsing: try #require(try await bench.store().get(ObjectKey("manifests/web/latest.json"))).bytes, path: "latest.json")
    }

    @Test(
        "D11 Generations beyond keep_last are unlisted with the publication, and deleted when the grace period is over",
        arguments: StoreBench.Kind.allCases)
    func twoPhases(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let last = try await publications(4, bench, keepLast: 2)
        #expect(try await pointer(bench).retained == [3, 4])
        #expect(try await pointer(bench).unlisted.map(\.generation) == [1, 2])
        let session = try await Publisher.open(bench.store(), dataset: "web")
        // Generation 1 was unlisted by generation 3, an hour before generation 2 by generation 4.
        let early = try await session.sweep(last.retention, now: last.now.adding(hours: 22))
        #expect(early.isEmpty)
        let first = try await session.sweep(last.retention, now: last.now.adding(hours: 23))
        #expect(first.deletedGenerations == [1])
        #expect(first.deletedKeys.map(\.path).sorted() == ["raw/1-panel.parquet", "raw/1-panel.summary.json"])
        #expect(try await session.sweep(last.retention, now: last.now.adding(hours: 24)).deletedGenerations == [2])
        #expect(try await pointer(bench).unlisted.isEmpty)
        #expect(
            try await bench.store().list("").map(\.key.path) == [
                "manifests/web/3.json", "manifests/web/4.json", "manifests/web/latest.json", "raw/3-panel.parquet",
                "raw/3-panel.summary.json",
                "raw/4-panel.parquet", "raw/4-panel.summary.json",
            ])
        #expect(try await StoreInvariant.problems(bench.store()).isEmpty)
    }

    @Test("D13 The latest generation never goes, however the clock jumps", arguments: StoreBench.Kind.allCases)
    func clockJump(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let last = try await publications(3, bench, keepLast: 1)
        let session = try await Publisher.open(bench.store(), dataset: "web")
        #expect(try await session.sweep(last.retention, now: Moment(secondsSince1970: 0)).deletedGenerations.isEmpty)
        #expect(try await session.sweep(last.retention, now: last.now.adding(hours: 1_000_000)).deletedGenerations == [1, 2])
        #expect(try await session.sweep(last.retention, now: last.now.adding(hours: 2_000_000)).isEmpty)
        #expect(session.latest?.generation == 3)
        #expect(try await StoreInvariant.problems(bench.store()).isEmpty)
    }

    @Test("A lower keep_last unlists at the next sweep and waits the whole grace period", arguments: StoreBench.Kind.allCases)
    func lowered(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let last = try await publications(3, bench, keepLast: 3)
        let session = try await Publisher.open(bench.store(), dataset: "web")
        let policy = RetentionPolicy(keepLast: 1, graceHours: 24)
        let report = try await session.sweep(policy, now: last.now)
        #expect(report.unlisted == [1, 2] && report.deletedGenerations.isEmpty)
        #expect(try await session.sweep(policy, now: last.now.adding(hours: 23)).deletedGenerations.isEmpty)
        #expect(try await session.sweep(policy, now: last.now.adding(hours: 24)).deletedGenerations == [1, 2])
    }

    @Test("D12 A dry run tells the same and does nothing", arguments: StoreBench.Kind.allCases)
    func dryRun(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let last = try await publications(3, bench, keepLast: 1)
        let session = try await Publisher.open(bench.store(), dataset: "web")
        let before = try await bench.store().list("")
        let planned = try await session.sweep(last.retention, now: last.now.adding(hours: 48), dryRun: true)
        #expect(try await bench.store().list("") == before)
        #expect(try await session.sweep(last.retention, now: last.now.adding(hours: 48)) == planned)
        #expect(planned.deletedKeys.count == 4)
    }

    @Test(
        "D12 If any manifest is unreadable, another dataset's too, nothing is deleted", arguments: StoreBench.Kind.allCases,
        ["web/2", "db/1"])
    func unreadable(kind: StoreBench.Kind, name: String) async throws {
        let bench = try StoreBench(kind)
        let last = try await publications(3, bench, keepLast: 2)
        try await bench.overwrite(ObjectKey("manifests/\(name).json"), Array("{}".utf8))
        let session = try await Publisher.open(bench.store(), dataset: "web")
        let before = try await bench.store().list("")
        let report = try await session.sweep(last.retention, now: last.now.adding(hours: 48))
        #expect(report.refusal?.message.contains("manifests/\(name).json") == true)
        #expect(report.deletedGenerations.isEmpty && report.deletedKeys.isEmpty)
        #expect(try await bench.store().list("") == before)
    }

    @Test("A file whose name a newer generation uses stays; one with other bytes stays too", arguments: StoreBench.Kind.allCases)
    func kept(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let fixed = try await publications(3, bench, keepLast: 1, numbered: false)
        let session = try await Publisher.open(bench.store(), dataset: "web")
        let report = try await session.sweep(fixed.retention, now: fixed.now.adding(hours: 48))
        #expect(report.deletedGenerations == [1, 2] && report.deletedKeys.isEmpty)
        #expect(report.kept.count == 4)
        await session.close()
        #expect(try await StoreInvariant.problems(bench.store()).isEmpty)

        let numbered = try StoreBench(kind)
        let last = try await publications(2, numbered, keepLast: 1)
        let mine = try ObjectKey("raw/1-panel.parquet")
        try await numbered.overwrite(mine, [1, 2, 3])
        let second = try await Publisher.open(numbered.store(), dataset: "web")
        let other = try await second.sweep(last.retention, now: last.now.adding(hours: 48))
        #expect(other.kept.map(\.key) == [mine])
        #expect(other.deletedKeys.map(\.path) == ["raw/1-panel.summary.json"])
        #expect(try await numbered.store().get(mine)?.bytes == [1, 2, 3])
    }
}
