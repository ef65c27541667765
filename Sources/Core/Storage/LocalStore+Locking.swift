import CLinux
import Glibc
import Synchronization

extension LocalStore: WriterLocking, SpaceReporting {
    /// flock(2) on the scope's folder itself: no lock file is left behind, and the kernel lets go when the process ends.
    ///
    /// Creates the folder where it is missing.
    public func lock(_ scope: ObjectKey) async throws(StoreError) -> any WriterLock {
        let path = path(of: scope)
        if try calls.status(ofPath: path) == nil { try makeFolders(path) }
        let file = try calls.openForReading(path)
        if fleetsynth_try_lock(file.descriptor) == 0 { return LocalLock(file) }
        let code = errno
        guard code == EWOULDBLOCK else { throw StoreError(errno: code, action: "lock", path: path) }
        let status = try calls.status(of: file, path)
        let table = Self.lockTable(calls)
        let locked = LockTable.File(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        let holder = LockTable.holder(of: locked, in: String(decoding: table, as: UTF8.self)).map { "process \($0)" } ?? "another process"
        throw StoreError(
            .busy, .retryable,
            "\(path) is being written by \(holder). Nothing was changed; wait for it to finish, or stop it, and run again.")
    }

    /// The kernel's list of locks; its size is unknown beforehand.
    private static func lockTable(_ calls: LocalCalls) -> [UInt8] {
        var table: [UInt8] = []
        guard let file = try? calls.openForReading("/proc/locks") else { return [] }
        while let chunk = try? calls.read(1 << 16, from: file, at: UInt64(table.count), "/proc/locks"), !chunk.isEmpty { table += chunk }
        return table
    }

    /// What statvfs(3) has for users without privileges, at the root or the nearest folder above it that exists.
    public func freeSpace() async throws(StoreError) -> UInt64? {
        var path = root
        var result = statvfs()
        while statvfs(path, &result) != 0 {
            let code = errno
            guard code == ENOENT || code == EINTR else { throw StoreError(errno: code, action: "measure the free space at", path: path) }
            if code == EINTR { continue }
            guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
                if path == "." { return nil }
                path = "."
                continue
            }
            if path == "/" { return nil }
            path = slash == path.startIndex ? "/" : String(path[..<slash])
        }
        return UInt64(result.f_bavail) * UInt64(result.f_frsize)
    }
}

/// A locked folder.
private final class LocalLock: WriterLock {
    private let file: Mutex<FileHandle?>

    init(_ file: consuming FileHandle) { self.file = Mutex(file) }

    deinit { release() }

    /// A process that another thread is starting at this moment has a copy of the descriptor, so closing it would not do.
    func release() {
        file.withLock { file in
            if let held = file.take() { _ = fleetsynth_unlock(held.descriptor) }
        }
    }
}

/// The text of `/proc/locks` (proc_locks(5)).
package enum LockTable {
    /// A file as the table names it.
    package struct File: Equatable {
        let major: UInt64
        let minor: UInt64
        let inode: UInt64

        /// - Parameter device: `st_dev`, packed as makedev(3) does.
        package init(device: UInt64, inode: UInt64) {
            major = (device >> 8) & 0xFFF | (device >> 32) & ~0xFFF
            minor = device & 0xFF | (device >> 12) & ~0xFF
            self.inode = inode
        }
    }

    /// The process that holds a `FLOCK` on `file`.
    ///
    /// ```
    /// 1: FLOCK  ADVISORY  WRITE 4242 08:01:131090 0 EOF
    /// ```
    /// Some file systems (btrfs, overlay) report another device in the table than in stat(2); then a single entry of the same inode counts.
    package static func holder(of file: File, in table: String) -> Int32? {
        var sameInode: [Int32] = []
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ")
            // A waiter's line has an arrow after the number.
            guard words.count >= 6, words[1] == "FLOCK", let process = Int32(words[4]), process > 0 else { continue }
            let place = words[5].split(separator: ":")
            guard place.count == 3, UInt64(place[2]) == file.inode else { continue }
            if UInt64(place[0], radix: 16) == file.major, UInt64(place[1], radix: 16) == file.minor { return process }
            sameInode.append(process)
        }
        return sameInode.count == 1 ? sameInode[0] : nil
    }
}
