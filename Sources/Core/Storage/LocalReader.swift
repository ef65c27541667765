import Glibc
import Synchronization

/// An open regular file, read from front to back.
final class LocalReader: ObjectReader {
    let size: UInt64
    private let path: String
    private let calls: LocalCalls
    private let file: FileHandle
    private let offset = Mutex<UInt64>(0)

    /// Nil where there is no such file.
    init?(_ path: String, calls: LocalCalls) throws(StoreError) {
        let file: FileHandle
        do throws(StoreError) {
            file = try calls.openForReading(path)
        } catch {
            if error.systemError == ENOENT || error.systemError == ENOTDIR { return nil }
            throw error
        }
        let status = try calls.status(of: file, path)
        guard status.st_mode & S_IFMT == S_IFREG else { throw StoreError(errno: EISDIR, action: "read", path: path) }
        size = UInt64(status.st_size)
        self.path = path
        self.calls = calls
        self.file = file
    }

    func read(upTo maximum: Int) throws(StoreError) -> [UInt8] {
        try offset.withLock { (offset) throws(StoreError) in
            // One byte more than what is left, so that a file that grows is noticed, and a small one needs no large buffer.
            let left = size > offset ? size - offset : 0
            let bytes = try calls.read(Int(min(UInt64(maximum), left + 1)), from: file, at: offset, path)
            offset += UInt64(bytes.count)
            return bytes
        }
    }

    func version() throws(StoreError) -> ObjectVersion {
        var hasher = ContentHasher()
        while true {
            let left = size > hasher.count ? size - hasher.count : 0
            let bytes = try calls.read(Int(min(1 << 20, left + 1)), from: file, at: hasher.count, path)
            if bytes.isEmpty { return LocalStore.version(hasher.finish()) }
            hasher.update(bytes)
        }
    }
}
