import Core
import Testing

@Suite("Every object store", .storesReady)
struct ObjectStoreContractTests {
    private let key: ObjectKey

    init() throws { key = try ObjectKey("raw/panel.parquet") }

    @Test("A put is read back, byte for byte, by another process", arguments: StoreBench.Kind.allCases)
    func putGet(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let version = try await bench.store().put(key, [1, 2, 3], if: .none)
        let object = try #require(try await bench.store().get(key))
        #expect(object.bytes == [1, 2, 3])
        #expect(object.version == version)
        #expect(try await bench.store().get(ObjectKey("raw/other")) == nil)
    }

    @Test("A precondition that does not hold changes nothing", arguments: StoreBench.Kind.allCases)
    func preconditions(kind: StoreBench.Kind) async throws {
        let store = try StoreBench(kind).store()
        let first = try await store.put(key, [1], if: .absent)
        await expectError(.preconditionFailed) { _ = try await store.put(key, [2], if: .absent) }
        let second = try await store.put(key, [2], if: .matches(first))
        #expect(first != second)
        await expectError(.preconditionFailed) { _ = try await store.put(key, [3], if: .matches(first)) }
        #expect(try await store.get(key)?.bytes == [2])
        await expectError(.preconditionFailed) { _ = try await store.put(ObjectKey("none"), [3], if: .matches(first)) }
        #expect(try await store.list("").map(\.key) == [key])
    }

    @Test("A staged object is invisible until it is published, and then whole", arguments: StoreBench.Kind.allCases)
    func staging(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let store = bench.store()
        _ = try await store.put(key, [0], if: .none)
        let staged = try await store.stage(key, owner: "web")
        try await staged.append([1, 2])
        try await staged.append([3])
        try await staged.seal()
        #expect(try await store.get(key)?.bytes == [0])
        let hash = ContentHash(of: [1, 2, 3])
        #expect(try await staged.matches(bytes: 3, sha256: hash))
        #expect(try await !staged.matches(bytes: 3, sha256: ContentHash(of: [1, 2, 4])))
        #expect(try await !staged.matches(bytes: 2, sha256: hash))
        try await staged.publish()
        #expect(try await store.get(key)?.bytes == [1, 2, 3])
        #expect(try await store.list("").map(\.kind) == [.object])
    }

    @Test("A sealed object is found again by key and token, before and after it has its final name", arguments: StoreBench.Kind.allCases)
    func resuming(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let staged = try await bench.store().stage(key, owner: "web")
        try await staged.append([7])
        try await staged.seal()
        for _ in 1...2 {
            let again = try #require(try await bench.store().resume(key, token: staged.token))
            #expect(try await again.matches(bytes: 1, sha256: ContentHash(of: [7])))
            try await again.publish()
            #expect(try await bench.store().get(key)?.bytes == [7])
        }
        // Discarding what is published already takes nothing away.
        await (try bench.store().resume(key, token: staged.token))?.discard()
        #expect(try await bench.store().get(key)?.bytes == [7])
        #expect(try await bench.store().resume(ObjectKey("raw/none"), token: staged.token) == nil)
    }

    @Test("A listing shows objects and staged ones by prefix, sorted", arguments: StoreBench.Kind.allCases)
    func listing(kind: StoreBench.Kind) async throws {
        let store = try StoreBench(kind).store()
        for name in ["raw/b", "raw/a/x", "rawer", "manifests/web/1.json"] { _ = try await store.put(ObjectKey(name), [1], if: .none) }
        let staged = try await store.stage(ObjectKey("raw/a/y"), owner: "web")
        let expected = ListedObject(key: try ObjectKey("raw/a/y"), kind: .staged(token: staged.token, owner: "web"))
        #expect(try await store.list("raw/").map(\.key.path) == ["raw/a/x", "raw/a/y", "raw/b"])
        #expect(try await store.list("raw/a/")[1] == expected)
        #expect(try await store.list("raw").map(\.key.path) == ["raw/a/x", "raw/a/y", "raw/b", "rawer"])
        #expect(try await store.list("raw/a/x").map(\.key.path) == ["raw/a/x"])
        #expect(try await store.list("").count == 5)
        #expect(try await store.list("none/").isEmpty)
        await staged.discard()
        #expect(try await store.list("raw/a/").map(\.key.path) == ["raw/a/x"])
    }

    @Test("A deleted object is gone, and deleting it again is fine", arguments: StoreBench.Kind.allCases)
    func deleting(kind: StoreBench.Kind) async throws {
        let store = try StoreBench(kind).store()
        _ = try await store.put(key, [1], if: .none)
        try await store.delete(key)
        try await store.delete(key)
        #expect(try await store.open(key) == nil)
        try await store.delete(ObjectKey("no/such/folder"))
    }

    @Test("D4 A reader goes on reading the object it opened while that is replaced and deleted", arguments: StoreBench.Kind.allCases)
    func steadyReader(kind: StoreBench.Kind) async throws {
        let store = try StoreBench(kind).store()
        let old = [UInt8](repeating: 1, count: 5000)
        _ = try await store.put(key, old, if: .none)
        let reader = try #require(try await store.open(key))
        var bytes = try await reader.read(upTo: 1000)
        _ = try await store.put(key, [UInt8](repeating: 2, count: 6000), if: .none)
        try await store.delete(key)
        while case let chunk = try await reader.read(upTo: 1000), !chunk.isEmpty { bytes += chunk }
        #expect(bytes == old)
        #expect(reader.size == 5000)
    }

    @Test("An object beyond the limit is refused, not loaded", arguments: StoreBench.Kind.allCases)
    func limit(kind: StoreBench.Kind) async throws {
        let store = try StoreBench(kind).store()
        _ = try await store.put(key, [1, 2, 3], if: .none)
        await expectError(.damaged) { _ = try await store.get(key, limit: 2) }
        #expect(try await store.get(key, limit: 3)?.bytes.count == 3)
        #expect(try await store.digest(of: key)?.sha256 == ContentHash(of: [1, 2, 3]))
    }

    @Test(
        "D6 An object with a failed write or seal is void and leaves nothing", arguments: StoreBench.Kind.allCases,
        [StoreStep.write, .sync])
    func voided(kind: StoreBench.Kind, step: StoreStep) async throws {
        let bench = try StoreBench(kind)
        // The first sync is a new folder's where there are folders, so the folder is made before.
        _ = try await bench.store().put(ObjectKey("raw/first"), [1], if: .none)
        let armed = Armed()
        let store = bench.store(faults: { armed.isOn && $0 == step ? .before(5) : nil })
        let staged = try await store.stage(key, owner: "web")
        armed.isOn = true
        await expectError(kind.deviceFailure) {
            try await staged.append([1])
            try await staged.seal()
        }
        armed.isOn = false
        if kind.isVoidAfterFailedSeal || step == .write { await expectError(.inputOutput) { try await staged.seal() } }
        await staged.discard()
        #expect(try await store.list("").map(\.key.path) == ["raw/first"])
    }

    @Test("D15 A second writer is told to wait, until the first lets go or disappears", arguments: StoreBench.Kind.allCases)
    func locking(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let scope = try ObjectKey("manifests/web")
        let lock = try await bench.store().lock(scope)
        let error = await expectError(.busy) { _ = try await bench.store().lock(scope) }
        #expect(error?.exitCode == 75)
        #expect(error?.outcome == .retryable)
        _ = try await bench.store().lock(ObjectKey("manifests/other"))
        await lock.release()
        await lock.release()
        do { _ = try await bench.store().lock(scope) }
        _ = try await bench.store().lock(scope)
    }

    @Test("Of many puts that want to be first, one is", arguments: StoreBench.Kind.allCases)
    func oneWins(kind: StoreBench.Kind) async throws {
        let bench = try StoreBench(kind)
        let winners = await withTaskGroup(of: UInt8?.self) { group in
            for number in 0..<8 as Range<UInt8> {
                group.addTask { [key] in (try? await bench.store().put(key, [number], if: .absent)).map { _ in number } }
            }
            return await group.compactMap { $0 }.reduce(into: []) { $0.append($1) }
        }
        #expect(winners.count == 1)
        #expect(try await bench.store().get(key)?.bytes == winners)
        #expect(try await bench.store().list("").count == 1)
    }
}
