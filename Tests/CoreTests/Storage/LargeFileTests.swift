import Core
import FoundationEssentials
import Glibc
import Testing

/// Files that are written past the page cache. Not in memory: the disk's file system is what this is about.
@Suite("Large local files")
struct LargeFileTests {
    private static let expected: UInt64 = 16 << 20
    private let root: String
    private let key: ObjectKey

    init() throws {
        var template = Array("\(FileManager.default.temporaryDirectory.path)/large-file-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        key = try ObjectKey("raw/panel.parquet")
    }

    private func remove() { try? FileManager.default.removeItem(atPath: root) }

    private var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: root + "/raw")) ?? [] }

    /// Bytes that tell every place of a file from its neighbours.
    private func content(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) } }

    /// What the only file takes on the disk.
    private func allocated() throws -> Int {
        var status = stat()
        try #require(lstat(root + "/raw/" + (try #require(names.first)), &status) == 0)
        return Int(status.st_blocks) * 512
    }

    private func canBypassTheCache() -> Bool {
        let path = root + "/probe"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer {
            close(descriptor)
            unlink(path)
        }
        // O_DIRECT, whose value Swift's Glibc does not know on every architecture.
        let direct: Int32 = MemoryLayout<Int>.size == 8 ? 0o40000 : 0
        return descriptor >= 0 && fcntl(descriptor, F_SETFL, direct) == 0
    }

    @Test(
        "A file has exactly the bytes that were appended, whatever was expected",
        arguments: [0, 1, 4096, (2 << 20) - 1, 2 << 20, 16 << 20, (16 << 20) + 4097, (24 << 20) + 1])
    func exact(count: Int) async throws {
        defer { remove() }
        let bytes = content(count)
        let store = LocalStore(root: root)
        let staged = try await store.stage(key, owner: "web")
        await staged.expect(bytes: Self.expected)
        #expect(try allocated() >= (canBypassTheCache() ? Int(Self.expected) : 0), "the room is reserved ahead")
        for start in stride(from: 0, to: count, by: 1_000_003) {
            try await staged.append(Array(bytes[start..<min(start + 1_000_003, count)]))
        }
        try await staged.seal()
        #expect(try await staged.matches(bytes: UInt64(count), sha256: ContentHash(of: bytes)))
        try await staged.publish()
        let there = try #require(try await store.digest(of: key))
        #expect(there.bytes == UInt64(count) && there.sha256 == ContentHash(of: bytes))
        #expect(try allocated() < count + (1 << 20), "nothing of the reserve is left")
    }

    @Test("A write that fails voids the file, says so, and discarding it leaves nothing", arguments: [1, 3, 6])
    func full(number: Int) async throws {
        defer { remove() }
        let plan = FaultPlan.fail(at: number, .write, .before(ENOSPC))
        let staged = try await LocalStore(root: root, faults: plan.hook).stage(key, owner: "web")
        await staged.expect(bytes: Self.expected)
        let error = await #expect(throws: StoreError.self) {
            for _ in 0..<5 { try await staged.append(content(1 << 20)) }
            try await staged.seal()
        }
        #expect(error?.code == .noSpace)
        await #expect(throws: StoreError.self) { try await staged.append([1]) }
        await staged.discard()
        #expect(names.isEmpty)
    }

    @Test("A small file is an ordinary one")
    func small() async throws {
        defer { remove() }
        let staged = try await LocalStore(root: root).stage(key, owner: "web")
        await staged.expect(bytes: Self.expected - 1)
        #expect(try allocated() == 0)
        await staged.discard()
    }
}
