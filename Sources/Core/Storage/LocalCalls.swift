import CLinux
import Glibc

/// The system calls of `LocalStore`: each retries EINTR, asks the fault hook first, and throws an error that names its path.
struct LocalCalls: Sendable {
    let hook: FaultHook?

    func openForReading(_ path: String) throws(StoreError) -> FileHandle {
        // O_NONBLOCK: a pipe in the place of a file must not stop the run.
        FileHandle(try call(.open, "open", path) { Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) })
    }

    /// A new file of mode 0666 without the umask's bits, never an existing one.
    func create(_ path: String) throws(StoreError) -> FileHandle {
        FileHandle(try call(.create, "create", path) { Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666) })
    }

    /// A new folder of mode 0777 without the umask's bits.
    /// - Returns: False where it exists already.
    func makeFolder(_ path: String) throws(StoreError) -> Bool {
        try call(.makeFolder, "create the folder", path, tolerating: EEXIST) { mkdir(path, 0o777) } >= 0
    }

    /// - Returns: False where the folder stays, because it holds something or is a mount or a link; one that is not there is gone as well.
    func removeFolder(_ path: String) throws(StoreError) -> Bool {
        let result = try call(.removeFolder, "remove the folder", path, tolerating: ENOTEMPTY, EEXIST, ENOENT, ENOTDIR, EBUSY) {
            rmdir(path)
        }
        return result >= 0 || result == -ENOENT
    }

    func write(_ bytes: [UInt8], to file: borrowing FileHandle, _ path: String) throws(StoreError) {
        var done = 0
        while done < bytes.count {
            let descriptor = file.descriptor
            done += Int(
                try call(.write, "write", path) {
                    bytes.withUnsafeBytes { Int32(Glibc.write(descriptor, $0.baseAddress! + done, min($0.count - done, 1 << 30))) }
                })
        }
    }

    func append(_ bytes: [UInt8], to file: borrowing DirectFile, _ path: String) throws(StoreError) {
        try wrote(bytes.withUnsafeBytes { file.append($0) }, errno, path)
    }

    /// Writes what a direct file still holds back.
    func finish(_ file: borrowing DirectFile, _ path: String) throws(StoreError) { try wrote(file.finish(), errno, path) }

    /// Takes over the outcome of a write past the page cache: no closure may hold the file itself.
    private func wrote(_ result: Int32, _ code: Int32, _ path: String) throws(StoreError) {
        _ = try call(.write, "write", path) {
            errno = code
            return result
        }
    }

    func read(_ maximum: Int, from file: borrowing FileHandle, at offset: UInt64, _ path: String) throws(StoreError) -> [UInt8] {
        let descriptor = file.descriptor
        var failure: StoreError?
        let bytes = [UInt8](unsafeUninitializedCapacity: maximum) { buffer, count in
            let start = buffer.baseAddress
            do throws(StoreError) {
                count = Int(try call(.read, "read", path) { Int32(pread(descriptor, start, min(maximum, 1 << 30), Int(offset))) })
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// fsync(2). For a folder this makes the names in it durable.
    /// - Parameter settled: False where the change to make durable is visible already, so that its fate is unknown after an error.
    func sync(_ file: borrowing FileHandle, _ path: String, settled: Bool = true) throws(StoreError) {
        let descriptor = file.descriptor
        _ = try call(.sync, "make durable", path, settled: settled) { fsync(descriptor) }
    }

    /// close(2), checked: on network file systems it is where a write's failure shows.
    func close(_ file: consuming FileHandle, _ path: String) throws(StoreError) {
        let descriptor = file.take()
        // Linux frees the descriptor even on EINTR: never close twice.
        var closed = false
        _ = try call(.close, "finish writing", path, tolerating: EINTR) {
            defer { closed = true }
            return closed ? 0 : Glibc.close(descriptor)
        }
    }

    /// - Returns: False where `from` does not exist.
    func rename(_ from: String, to: String) throws(StoreError) -> Bool {
        try call(.rename, "rename a finished file to", to, tolerating: ENOENT) { Glibc.rename(from, to) } >= 0
    }

    /// Renames unless the target exists.
    /// - Returns: False where it exists.
    func renameNew(_ from: String, to: String) throws(StoreError) -> Bool {
        let result = try call(.rename, "rename a finished file to", to, tolerating: EEXIST, EINVAL) { fleetsynth_rename_new(from, to) }
        guard result == -EINVAL else { return result >= 0 }
        // A file system without RENAME_NOREPLACE (old NFS, some FUSE): link refuses an existing name just as well.
        guard try call(.rename, "link a finished file to", to, tolerating: EEXIST, body: { link(from, to) }) >= 0 else { return false }
        _ = try remove(from)
        return true
    }

    /// - Returns: False where there was nothing.
    func remove(_ path: String) throws(StoreError) -> Bool {
        try call(.remove, "remove", path, tolerating: ENOENT) { unlink(path) } >= 0
    }

    func status(of file: borrowing FileHandle, _ path: String) throws(StoreError) -> stat {
        let descriptor = file.descriptor
        var result = stat()
        _ = try call(.inspect, "inspect", path) { fstat(descriptor, &result) }
        return result
    }

    /// The status of a path itself, not of what a link points to; nil where there is nothing.
    func status(ofPath path: String) throws(StoreError) -> stat? {
        var result = stat()
        return try call(.inspect, "inspect", path, tolerating: ENOENT, ENOTDIR) { lstat(path, &result) } >= 0 ? result : nil
    }

    /// The names in a folder, without `.` and `..`, and their types (`DT_REG`...), in no order. Names that are not UTF-8 are left out.
    func names(in path: String) throws(StoreError) -> [(name: String, type: UInt8)] {
        let descriptor = try openForReading(path).take()
        guard let folder = fdopendir(descriptor) else {
            let code = errno
            _ = Glibc.close(descriptor)
            throw StoreError(errno: code, action: "list", path: path)
        }
        defer { closedir(folder) }
        var result: [(name: String, type: UInt8)] = []
        while true {
            var entry: UnsafeMutablePointer<dirent>?
            _ = try call(.list, "list", path) {
                errno = 0
                entry = readdir(folder)
                return entry == nil && errno != 0 ? -1 : 0
            }
            guard let entry else { return result }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
            }
            if let name, name != ".", name != ".." { result.append((name, entry.pointee.d_type)) }
        }
    }

    /// One step.
    /// - Returns: The call's result, or the negated error number where it is one of `tolerated`.
    private func call(
        _ step: StoreStep, _ action: String, _ path: String, settled: Bool = true, tolerating tolerated: Int32..., body: () -> Int32
    ) throws(StoreError) -> Int32 {
        let fault = hook?(step)
        if case .before(let code) = fault { throw StoreError(errno: code, action: action, path: path, settled: settled) }
        var result = body()
        while result < 0 {
            let code = errno
            if tolerated.contains(code) { return -code }
            guard code == EINTR else { throw StoreError(errno: code, action: action, path: path, settled: settled) }
            result = body()
        }
        if case .after(let code) = fault { throw StoreError(errno: code, action: action, path: path, settled: false) }
        return result
    }
}

/// An open file descriptor, closed with its owner.
struct FileHandle: ~Copyable {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// The descriptor, which the caller now closes.
    consuming func take() -> Int32 {
        let descriptor = descriptor
        discard self
        return descriptor
    }

    deinit { _ = Glibc.close(descriptor) }
}
