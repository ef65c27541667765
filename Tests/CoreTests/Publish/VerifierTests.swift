import Core
import Testing

@Suite("Verification")
struct VerifierTests {
    private let panel: ObjectKey
    init() throws { panel = try ObjectKey("raw/panel.parquet") }

    @Test(
        "D16 A flipped bit in any byte of any file is found",
        arguments: ["raw/panel.parquet", "raw/panel.summary.json", "manifests/web/1.json", "manifests/web/latest.json"])
    func bitFlips(name: String) async throws {
        let bench = try StoreBench(.memory)
        let store = bench.store()
        try await Publication().run(store)
        let key = try ObjectKey(name)
        let bytes = try #require(try await store.get(key)).bytes
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= UInt8(1 << (index % 8))
            try await bench.overwrite(key, changed)
            #expect(try await Verifier(store).verify(.everything).exitCode == 65, "byte \(index)")
        }
        try await bench.overwrite(key, bytes)
        #expect(try await Verifier(store).verify(.everything).exitCode == 0)
    }

    @Test("A changed and a missing file are told apart, with expected and actual hash", arguments: StoreBench.Kind.allCases)
    func statuses(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        try await Publication().run(bench.store())
        try await bench.overwrite(panel, [1])
        try await bench.store().delete(ObjectKey("raw/panel.summary.json"))
        let report = try await Verifier(bench.store()).verify(.dataset("web"))
        #expect(report.exitCode == 65)
        let files = try #require(report.datasets.first?.generations.first).files
        #expect(files.map(\.status) == [.missing, .changed(bytes: 1, sha256: ContentHash(of: [1]))])
        #expect(report.text.contains("panel raw/panel.parquet: CHANGED, 1 bytes with SHA-256 \(ContentHash(of: [1])), published 208"))
        #expect(report.text.contains("summary raw/panel.summary.json: MISSING"))
        #expect(report.json.contains("\"actual_sha256\": \"\(ContentHash(of: [1]))\""))
    }

    @Test("A file that a newer generation replaced is superseded, not broken", arguments: StoreBench.Kind.allCases)
    func superseded(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        try await Publication().run(bench.store())
        try await Publication().next().run(bench.store())
        let report = try await Verifier(bench.store()).verify(.everything)
        #expect(report.exitCode == 0)
        #expect(report.datasets[0].generations.map(\.number) == [2, 1])
        #expect(report.datasets[0].generations[1].files.map(\.status) == [.superseded(by: 2), .superseded(by: 2)])
        let older = try await Verifier(bench.store()).verify(.generation("web", 1))
        #expect(older.exitCode == 0 && older.datasets[0].generations.map(\.number) == [1])
        // When the newest is broken, it is the newest that is broken.
        try await bench.overwrite(panel, [1])
        let broken = try await Verifier(bench.store()).verify(.everything)
        #expect(broken.exitCode == 65)
        #expect(broken.datasets[0].generations.map(\.isWhole) == [false, true])
    }

    @Test("A manifest that was replaced by another valid one breaks the chain")
    func chain() async throws {
        let bench = try StoreBench(.memory)
        try await Publication().run(bench.store())
        try await Publication().next().run(bench.store())
        let other = try StoreBench(.memory)
        var different = Publication()
        different.now = different.now.adding(hours: 5)
        let forged = try await different.run(other.store())
        try await bench.overwrite(ObjectKey("manifests/web/1.json"), forged.canonicalBytes)
        let report = try await Verifier(bench.store()).verify(.everything)
        #expect(report.exitCode == 65)
        #expect(report.datasets[0].generations[1].problem?.contains("generation 2 follows") == true)
    }

    @Test("A pointer older than a generation that is no unfinished one is found", arguments: StoreBench.Kind.allCases)
    func oldPointer(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let pointer = try ObjectKey("manifests/web/latest.json")
        try await Publication(numbered: true).run(bench.store())
        let old = try #require(try await bench.store().get(pointer)).bytes
        try await Publication(numbered: true).next().run(bench.store())
        try await bench.overwrite(pointer, old)
        let whole = try await Verifier(bench.store()).verify(.everything)
        #expect(whole.exitCode == 65 && whole.datasets[0].announced.isEmpty)
        #expect(whole.text.contains("latest.json is older than generation 2, which is whole"))
        try await bench.overwrite(ObjectKey("raw/2-panel.parquet"), [1])
        let damaged = try await Verifier(bench.store()).verify(.everything)
        #expect(damaged.exitCode == 65)
        #expect(damaged.text.contains("generation 2, newer than latest.json, is damaged"))
    }

    @Test("Nothing to verify has status 66; a hidden leftover is told and is no problem", arguments: StoreBench.Kind.allCases)
    func nothing(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        #expect(try await Verifier(bench.store()).verify(.everything).exitCode == 66)
        try await Publication().run(bench.store())
        #expect(try await Verifier(bench.store()).verify(.dataset("db")).exitCode == 66)
        #expect(try await Verifier(bench.store()).verify(.generation("web", 2)).exitCode == 66)
        let staged = try await bench.store().stage(panel, owner: "someone")
        try await staged.append([1])
        let report = try await Verifier(bench.store()).verify(.everything)
        #expect(report.exitCode == 0 && report.leftovers == [panel])
        #expect(report.text.contains("left over: a hidden file of raw/panel.parquet"))
    }

    @Test("A path of the command line is a base folder, a dataset's folder, a pointer or a manifest")
    func locating() async throws {
        let bench = try StoreBench(.local)
        #expect(Verifier.locate(bench.root) == nil)
        try await Publication().run(bench.store())
        let table: [(String, Verifier.Target?)] = [
            ("", .everything), ("/manifests", .everything), ("/manifests/web", .dataset("web")),
            ("/manifests/web/latest.json", .dataset("web")), ("/manifests/web/1.json", .generation("web", 1)), ("/raw", nil),
            ("/raw/panel.parquet", nil), ("/manifests/web/2.json", nil),
        ]
        for (path, target) in table {
            let found = Verifier.locate(bench.root + path)
            #expect(found?.target == target, "\(path)")
            if let found { #expect(found.store.root == bench.root) }
        }
    }

    private struct Regenerator: PanelRegenerator {
        let panel: [UInt8]?
        func sha256(of role: Artifact.Role, in manifest: Manifest) async throws -> ContentHash {
            guard let panel else { throw POSIXProblem(code: 7) }
            return ContentHash(of: panel)
        }
    }

    @Test("A panel generated again must have the same bytes")
    func regeneration() async throws {
        let store = InMemoryStore()
        try await Publication().run(store)
        let table: [([UInt8]?, Int32, String)] = [
            (Publication().panel, 0, "the same bytes"), ([1], 65, "OTHER BYTES, SHA-256 \(ContentHash(of: [1]))"),
            (nil, 65, "FAILED, POSIXProblem"),
        ]
        for (panel, exit, words) in table {
            let report = try await Verifier(store, regenerator: Regenerator(panel: panel)).verify(.everything)
            #expect(report.exitCode == exit)
            #expect(report.text.contains(words), "\(words)")
        }
    }
}
