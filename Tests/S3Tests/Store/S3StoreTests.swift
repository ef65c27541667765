import Core
import NIOCore
import S3
import Synchronization
import Testing

@Suite("A bucket as store", .storesReady)
struct S3StoreTests {
    private let key: ObjectKey

    init() throws { key = try ObjectKey("raw/panel.parquet") }

    /// Bytes that differ from part to part.
    private static func content(_ count: Int) -> [UInt8] {
        (0..<count).map { (index: Int) -> UInt8 in UInt8(truncatingIfNeeded: index &* 31 &+ (index >> 13)) }
    }

    @Test("X3 A large object goes out in parts and comes back byte for byte", arguments: StoreBench.Kind.allCases)
    func parts(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let sent = Mutex<[Int]>([])
        let store = bench.bucketStore(change: { request in
            if request.operation == .uploadPart { sent.withLock { $0.append(request.body?.readableBytes ?? 0) } }
        })
        let content = Self.content(12_000_000)
        let staged = try await store.stage(key, owner: "web")
        for start in stride(from: 0, to: content.count, by: 700_000) {
            try await staged.append(Array(content[start..<min(start + 700_000, content.count)]))
        }
        try await staged.seal()
        let sizes = sent.withLock { $0.sorted() }
        #expect(sizes == [1_514_240, 5_242_880, 5_242_880])
        // Another process finds it by its token, and nobody sees it yet.
        let again = try #require(try await bench.bucketStore().resume(key, token: staged.token))
        #expect(again.token == staged.token)
        #expect(try await again.matches(bytes: UInt64(content.count), sha256: ContentHash(of: content)))
        #expect(try await !again.matches(bytes: UInt64(content.count) - 1, sha256: ContentHash(of: content)))
        #expect(try await store.open(key) == nil)
        try await again.publish()
        let there = try #require(try await store.digest(of: key))
        #expect(there.bytes == UInt64(content.count) && there.sha256 == ContentHash(of: content))
        #expect(try await store.staged("").isEmpty)
    }

    @Test("X4 A completion whose answer is lost is found out by content", arguments: StoreBench.Kind.allCases)
    func lostCompletion(kind: StoreBench.Kind) async throws {
        let once = Armed()
        once.isOn = true
        let store = try StoreBench(kind).bucketStore(faults: { step in
            guard step == .rename, once.isOn else { return nil }
            once.isOn = false
            return .after(5)
        })
        let staged = try await store.stage(key, owner: "web")
        try await staged.append([1, 2, 3])
        try await staged.seal()
        try await staged.publish()
        #expect(try await store.get(key)?.bytes == [1, 2, 3])
    }

    @Test(
        "X5 An upload that was left is listed with its owner, and the next of its key takes its place", arguments: StoreBench.Kind.allCases)
    func leftovers(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let left = try await bench.bucketStore().stage(key, owner: "web")
        let foreign = try ObjectKey("raw/foreign")
        _ = try await bench.bucketStore().stage(foreign, owner: "other")
        #expect(try await bench.bucketStore().staged("raw/").count == 2)
        let notices = Mutex<[S3Store.Notice]>([])
        let store = bench.bucketStore(observe: { notice in notices.withLock { $0.append(notice) } })
        let next = try await store.stage(key, owner: "web")
        #expect(notices.withLock { $0 } == [.abortedUploads(key: key, count: 1)])
        #expect(left.token != next.token)
        await next.discard()
        #expect(try await store.staged("").map(\.key) == [foreign])
    }

    @Test("X8 What the probe finds is what the server does", arguments: StoreBench.Kind.allCases)
    func probe(kind: StoreBench.Kind) async throws {
        let notices = Mutex<[S3Store.Notice]>([])
        let store = try StoreBench(kind).bucketStore(observe: { notice in notices.withLock { $0.append(notice) } })
        for number in 1...2 as ClosedRange<UInt8> {
            _ = try await store.put(ObjectKey("manifests/web/\(number).json"), [number], if: .absent)
        }
        #expect(notices.withLock { $0 } == [.conditionalWrites(honoured: kind == .moto)])
        #expect(try await store.list("").count == 2)
    }

    @Test("Keys with signs and letters of any kind", arguments: StoreBench.Kind.allCases)
    func keys(kind: StoreBench.Kind) async throws {
        let store = try StoreBench(kind).bucketStore()
        let names = ["a b", "a+b", "a%20b", "a=b", "a&b", "é漢🚀", "100%", "a;b", "a'(b)", "~x*"]
        for (number, name) in names.enumerated() { _ = try await store.put(ObjectKey("raw/\(name)"), [UInt8(number)], if: .none) }
        for (number, name) in names.enumerated() {
            #expect(try await store.get(ObjectKey("raw/\(name)"))?.bytes == [UInt8(number)], "\(name)")
        }
        #expect(Set(try await store.list("raw/").map(\.key.name)) == Set(names))
        let staged = try await store.stage(ObjectKey("raw/a +%=é"), owner: "web")
        try await staged.append([9])
        try await staged.seal()
        #expect(try await store.staged("raw/").map(\.key.name) == ["a +%=é"])
        try await staged.publish()
        #expect(try await store.get(ObjectKey("raw/a +%=é"))?.bytes == [9])
    }

    @Test("An empty object is read as one", arguments: StoreBench.Kind.allCases)
    func empty(kind: StoreBench.Kind) async throws {
        let store = try StoreBench(kind).bucketStore()
        _ = try await store.put(key, [], if: .none)
        #expect(try await store.get(key)?.bytes == [])
    }

    @Test("A large object that is replaced while it is read ends in an error, not in a mixture", arguments: StoreBench.Kind.allCases)
    func replaced(kind: StoreBench.Kind) async throws {
        let store = try StoreBench(kind).bucketStore()
        _ = try await store.put(key, Self.content(200_000), if: .none)
        let reader = try #require(try await store.open(key))
        _ = try await reader.read(upTo: 1000)
        // Another size, so that a server without ETag and with a clock of seconds shows it too.
        _ = try await store.put(key, [UInt8](repeating: 1, count: 300_000), if: .none)
        await expectError(.preconditionFailed) { while try await !reader.read(upTo: 1 << 20).isEmpty {} }
    }
}
