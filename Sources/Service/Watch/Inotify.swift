import Glibc

/// What tells the watcher that something happened: inotify, or a script in tests. Events are hints, nothing more.
public protocol ChangeSource: ~Copyable {
    /// Becomes readable when there are events.
    var descriptor: Int32 { get }
    /// Watches a directory, or adds to what it is watched for.
    /// - Returns: The watch descriptor; the same one for the same directory.
    mutating func watch(_ directory: String, for mask: InotifyEvent.Mask) throws(WatchFailure) -> Int32
    /// Ends a watch; events that are queued still come, and then one that says `ignored`.
    mutating func unwatch(_ watch: Int32)
    /// The events so far, oldest first, without waiting.
    mutating func drain() throws(WatchFailure) -> [InotifyEvent]
}

/// An inotify instance, closed with its owner.
public struct Inotify: ~Copyable, ChangeSource {
    /// Enough for 16 of the longest records; the queue is read until it is empty.
    private static let bufferSize = 16 * 1024
    /// Reads per drain: with endless traffic the caller must get its turn.
    private static let readLimit = 64

    /// Readable when there are events.
    public let descriptor: Int32

    /// A new instance, non-blocking and close-on-exec.
    /// - Throws: EMFILE at `fs.inotify.max_user_instances` or the limit of open files, ENFILE, ENOMEM.
    public init() throws(WatchFailure) {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard descriptor >= 0 else { throw WatchFailure(code: errno, action: "use inotify") }
        self.descriptor = descriptor
    }

    deinit { _ = close(descriptor) }

    /// - Throws: ENOSPC at `fs.inotify.max_user_watches`; ENOENT, ENOTDIR, EACCES.
    public mutating func watch(_ directory: String, for mask: InotifyEvent.Mask) throws(WatchFailure) -> Int32 {
        // IN_ONLYDIR: a file that took the directory's place is not watched in its stead.
        let flags = mask.rawValue | UInt32(IN_ONLYDIR) | UInt32(IN_MASK_ADD)
        let watch = inotify_add_watch(descriptor, directory, flags)
        guard watch >= 0 else { throw WatchFailure(code: errno, action: "watch \(directory)") }
        return watch
    }

    /// inotify_rm_watch(2).
    public mutating func unwatch(_ watch: Int32) {
        // EINVAL: the kernel was faster.
        _ = inotify_rm_watch(descriptor, watch)
    }

    /// read(2) until there is nothing more, or the caller's turn has come.
    public mutating func drain() throws(WatchFailure) -> [InotifyEvent] {
        var events: [InotifyEvent] = []
        var buffer = [UInt8](repeating: 0, count: Self.bufferSize)
        for _ in 0..<Self.readLimit {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                events += InotifyEvent.parse(buffer.span.bytes.extracting(first: count))
            } else if count == 0 || errno == EAGAIN {
                return events
            } else if errno != EINTR {
                throw WatchFailure(code: errno, action: "read events of inotify")
            }
        }
        return events
    }
}
