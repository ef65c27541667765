import Core
import FoundationEssentials
import Glibc
import Synchronization
import Testing

@Suite("Readers")
struct ReaderTests {
    private static let publications = 200

    @Test("D4 A reader at any instant sees one whole generation, old or new, and never an older one than before", arguments: [false, true])
    func readerLoop(numbered: Bool) async throws {
        let bench = try StoreBench(.local)
        let first = Publication(numbered: numbered)
        try await first.run(bench.store())
        let reader = ReaderThread(root: bench.root, numbered: numbered)
        reader.start()
        var publication = first
        for _ in 1..<Self.publications {
            publication = publication.next()
            try await publication.run(bench.store())
        }
        let outcome = reader.stop()
        #expect(outcome.problem == nil)
        #expect(outcome.last == Self.publications)
        #expect(outcome.count >= Self.publications, "the reader hardly ran")
    }
}

/// A thread of its own that reads as any other program would, by paths, as often as it can.
private final class ReaderThread: Sendable {
    struct Outcome {
        var count = 0
        var last = 0
        var problem: String?
    }

    private let root: String
    private let numbered: Bool
    private let isDone = Armed()
    private let outcome = Mutex(Outcome())
    private let thread = Mutex<pthread_t>(0)

    init(root: String, numbered: Bool) {
        self.root = root
        self.numbered = numbered
    }

    func start() {
        let context = Unmanaged.passRetained(self).toOpaque()
        thread.withLock { thread in
            _ = pthread_create(
                &thread, nil,
                { context in
                    if let context { Unmanaged<ReaderThread>.fromOpaque(context).takeRetainedValue().loop() }
                    return nil
                }, context)
        }
    }

    /// Lets the thread read once more, and waits for it.
    func stop() -> Outcome {
        isDone.isOn = true
        pthread_join(thread.withLock { $0 }, nil)
        return outcome.withLock { $0 }
    }

    private func loop() {
        var outcome = Outcome()
        while outcome.problem == nil {
            let isLastRound = isDone.isOn
            do {
                outcome.problem = try readOnce(&outcome.last)
            } catch {
                outcome.problem = String(describing: error)
            }
            outcome.count += 1
            if isLastRound { break }
        }
        let result = outcome
        self.outcome.withLock { $0 = result }
    }

    private func bytes(_ key: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: root + "/" + key))) }

    private func readOnce(_ last: inout Int) throws -> String? {
        let pointer = try Pointer(parsing: bytes("manifests/web/latest.json"), path: "latest.json")
        guard pointer.generation >= last else { return "generation \(pointer.generation) after \(last)" }
        last = pointer.generation
        let text = try bytes("manifests/web/\(last).json")
        guard ContentHash(of: text) == pointer.manifestSHA256 else { return "manifest \(last) is another" }
        guard let panel = try Manifest(parsing: text, path: "manifest").artifact(.panel) else { return "no panel" }
        let found = try bytes(panel.key.path)
        if numbered { return ContentHash(of: found) == panel.sha256 ? nil : "panel \(last) is another" }
        // The name is reused, so a newer panel may be there already, but only a whole one.
        var expected = Publication()
        expected.content = Int(String(decoding: found.dropFirst(6).prefix { $0 != 0x20 }, as: UTF8.self)) ?? 0
        return expected.content >= last && found == expected.panel ? nil : "half a panel, or an old one"
    }
}
