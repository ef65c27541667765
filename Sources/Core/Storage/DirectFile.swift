import CLinux

/// A large new file that is written past the page cache; see `fleetsynth_direct_begin`.
///
/// The descriptor stays its owner's and must outlive this.
struct DirectFile: ~Copyable {
    /// Files below this gain nothing.
    static let leastSize: UInt64 = 16 << 20

    private let file: OpaquePointer

    /// Returns nil, the file as it was, where file system or kernel cannot do it.
    init?(_ handle: borrowing FileHandle, expecting bytes: UInt64) {
        guard bytes >= Self.leastSize, bytes < 1 << 50, let file = fleetsynth_direct_begin(handle.descriptor, Int64(bytes)) else {
            return nil
        }
        self.file = file
    }

    deinit { fleetsynth_direct_abandon(file) }

    /// Returns 0, or -1 with errno.
    func append(_ bytes: UnsafeRawBufferPointer) -> Int32 { fleetsynth_direct_append(file, bytes.baseAddress, Int64(bytes.count)) }

    /// Returns 0, or -1 with errno.
    func finish() -> Int32 { fleetsynth_direct_finish(file) }
}
