/// A growing run of bytes whose room is not zeroed first: `[UInt8]` would touch every page of a body twice.
///
/// ```
/// |<--- count, written --->|<--- capacity - count, undefined --->|
/// ```
package struct ByteBuffer: ~Copyable {
    /// The first byte.
    package private(set) var start: UnsafeMutablePointer<UInt8>
    /// The bytes written.
    package private(set) var count = 0
    private var capacity: Int

    /// - Parameter capacity: The room to start with, in bytes.
    package init(capacity: Int = 256) {
        self.capacity = max(capacity, 16)
        start = .allocate(capacity: self.capacity)
    }

    deinit { start.deallocate() }

    /// What has been written; valid until the buffer changes.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// Forgets all bytes, keeps the room.
    package mutating func removeAll() { count = 0 }

    /// Makes room for `more` bytes after those written.
    package mutating func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = max(count + more, capacity * 2)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.initialize(from: start, count: count)
        start.deallocate()
        start = larger
    }

    package mutating func append(_ byte: UInt8) {
        reserve(1)
        start[count] = byte
        count += 1
    }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        append(count: bytes.count) { room in
            UnsafeMutableRawPointer(room).copyMemory(from: bytes.baseAddress ?? UnsafeRawPointer(room), byteCount: bytes.count)
        }
    }

    /// Appends `count` bytes that `fill` writes; it may overwrite `slack` more.
    package mutating func append(count more: Int, slack: Int = 0, _ fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        reserve(more + slack)
        fill(start + count)
        count += more
    }

    /// Appends the little-endian bytes of an integer.
    package mutating func append<Integer: FixedWidthInteger>(littleEndian value: Integer) {
        append(count: MemoryLayout<Integer>.size) { room in
            UnsafeMutableRawPointer(room).storeBytes(of: value.littleEndian, as: Integer.self)
        }
    }

    package mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    /// Replaces four written bytes at `offset` by a little-endian number.
    package mutating func overwrite(at offset: Int, littleEndian value: UInt32) {
        precondition(offset >= 0 && offset + 4 <= count)
        UnsafeMutableRawPointer(start + offset).storeBytes(of: value.littleEndian, as: UInt32.self)
    }

    /// Keeps only the first `newCount` bytes; all of them must have been written.
    package mutating func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= count)
        count = newCount
    }
}
