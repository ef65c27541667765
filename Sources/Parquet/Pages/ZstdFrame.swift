/// Adds raw blocks to a finished zstd frame.
///
/// ```
/// magic  descriptor  content size   block ... block   raw block ... raw block
/// 4      1           4              as compressed      3-byte header, then the bytes as they are
/// ```
/// Source: RFC 8878, "Zstandard Compression and the application/zstd Media Type", sections 3.1.1.1 and 3.1.1.2.
enum ZstdFrame {
    /// The most that any block may hold.
    private static let blockLimit = 1 << 17

    /// Replaces `frame`, a whole frame without checksum and dictionary, by one that also yields `tail` after its own content.
    ///
    /// - Parameter content: The bytes of both together, less than 2^32.
    static func extend(_ frame: inout ByteBuffer, by tail: UnsafeRawBufferPointer, content: Int) {
        guard !tail.isEmpty else { return }
        let blocks = headerSize(descriptor: frame.bytes[4])
        unmarkLastBlock(of: &frame, from: blocks)
        var longer = ByteBuffer(capacity: frame.count + tail.count + 3 * (tail.count / blockLimit + 2) + 16)
        appendHeader(content: content, to: &longer)
        longer.append(UnsafeRawBufferPointer(rebasing: frame.bytes[blocks...]))
        appendRawBlocks(tail, content: content, to: &longer)
        swap(&frame, &longer)
    }

    /// Appends a whole frame of raw blocks, for contents that do not compress.
    static func appendRaw(_ content: UnsafeRawBufferPointer, to frame: inout ByteBuffer) {
        frame.reserve(content.count + 3 * (content.count / blockLimit + 2) + 16)
        appendHeader(content: content.count, to: &frame)
        appendRawBlocks(content, content: content.count, to: &frame)
    }

    private static func appendHeader(content: Int, to frame: inout ByteBuffer) {
        frame.append(littleEndian: UInt32(0xFD2F_B528))
        // One segment (the window is the whole content), content size in four bytes, no checksum, no dictionary.
        frame.append(0b1010_0000)
        frame.append(littleEndian: UInt32(content))
    }

    /// The last of the blocks ends the frame.
    private static func appendRawBlocks(_ tail: UnsafeRawBufferPointer, content: Int, to longer: inout ByteBuffer) {
        // A block may not exceed the window either.
        let limit = min(blockLimit, content)
        for start in stride(from: 0, to: tail.count, by: limit) {
            let block = UnsafeRawBufferPointer(rebasing: tail[start..<min(start + limit, tail.count)])
            let last: UInt32 = start + limit >= tail.count ? 1 : 0
            appendBlockHeader(UInt32(block.count) << 3 | last, to: &longer)
            longer.append(block)
        }
    }

    private static func headerSize(descriptor: UInt8) -> Int {
        precondition(descriptor & 0b0000_0111 == 0, "a checksum or a dictionary was not asked for")
        let isSingleSegment = descriptor & 0b0010_0000 != 0
        let contentSize =
            switch descriptor >> 6 {
            case 0: isSingleSegment ? 1 : 0
            case 1: 2
            case 2: 4
            default: 8
            }
        return 5 + (isSingleSegment ? 0 : 1) + contentSize
    }

    /// Walks the blocks to the last one and clears its mark.
    private static func unmarkLastBlock(of frame: inout ByteBuffer, from first: Int) {
        var offset = first
        while true {
            let header = UInt32(frame.bytes[offset]) | UInt32(frame.bytes[offset + 1]) << 8 | UInt32(frame.bytes[offset + 2]) << 16
            if header & 1 == 1 { break }
            // A block of type 1 repeats one byte; its size is that of the content.
            offset += 3 + (header >> 1 & 3 == 1 ? 1 : Int(header >> 3))
        }
        frame.start[offset] &= ~1
    }

    private static func appendBlockHeader(_ header: UInt32, to buffer: inout ByteBuffer) {
        buffer.append(UInt8(truncatingIfNeeded: header))
        buffer.append(UInt8(truncatingIfNeeded: header >> 8))
        buffer.append(UInt8(truncatingIfNeeded: header >> 16))
    }
}
