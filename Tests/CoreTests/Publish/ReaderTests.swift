import Core
import Testing

@Suite("Readers")
struct ReaderTests {
    private static let publications = 400

    @Test(
        "D4 A reader at any instant sees one whole generation, old or new, and never an older one than before",
        arguments: StoreBench.Kind.allCases,
        [false, true])
    func readerLoop(kind: StoreBench.Kind, numbered: Bool) async throws {
        let bench = try StoreBench(kind)
        let first = Publication(numbered: numbered)
        try await first.run(bench.store())
        let isDone = Armed()
        async let reads = Self.readUntil(isDone, bench.store(), numbered: numbered)
        var publication = first
        for _ in 1..<Self.publications {
            publication = publication.next()
            try await publication.run(bench.store())
        }
        isDone.isOn = true
        let (count, last) = try await reads
        #expect(count >= 10, "the reader hardly ran")
        #expect(last == Self.publications)
    }

    /// - Returns: How often the reader read, and the last generation it saw.
    @concurrent
    private static func readUntil(_ isDone: Armed, _ store: any ObjectStore, numbered: Bool) async throws -> (count: Int, last: Int) {
        var count = 0
        var last = 0
        while true {
            let isLastRound = isDone.isOn
            let pointer = try Pointer(
                parsing: try #require(try await store.get(ObjectKey("manifests/web/latest.json"))).bytes, path: "latest.json")
            #expect(pointer.generation >= last)
            last = pointer.generation
            let bytes = try #require(try await store.get(ObjectKey("manifests/web/\(last).json"))).bytes
            #expect(ContentHash(of: bytes) == pointer.manifestSHA256)
            let panel = try #require(try Manifest(parsing: bytes, path: "manifest").artifact(.panel))
            let found = try #require(try await store.get(panel.key)).bytes
            if numbered {
                #expect(ContentHash(of: found) == panel.sha256)
            } else {
                // The name is reused, so a newer panel may be there already, but only a whole one.
                let number = try #require(Int(String(decoding: found.dropFirst(6).prefix { $0 != 0x20 }, as: UTF8.self)))
                var expected = Publication()
                expected.content = number
                #expect(number >= last && found == expected.panel)
            }
            count += 1
            if isLastRound { return (count, last) }
        }
    }
}
