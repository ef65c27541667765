/// The two kinds of run of the RLE / bit-packing hybrid, appended to a buffer.
///
/// ```
/// repeated run:    varint(count << 1)         value in ceil(width / 8) bytes, little-endian
/// bit-packed run:  varint(groups << 1 | 1)    groups * width bytes
/// ```
/// Source: Apache Parquet format, `Encodings.md`, "RLE / Bit-Packing Hybrid".
package enum HybridRuns {
    /// The bytes of a repeated run.
    package static func repeatedSize(count: Int, width: Int) -> Int {
        varintSize(UInt64(count) << 1) + (width + 7) / 8
    }

    /// The bytes of one bit-packed run of all `count` values.
    package static func packedSize(count: Int, width: Int) -> Int {
        varintSize(UInt64((count + 7) / 8) << 1 | 1) + BitPacker.packedSize(count: count, width: width)
    }

    /// Appends a repeated run.
    package static func appendRepeated(_ value: Int32, count: Int, width: Int, to buffer: inout ByteBuffer) {
        buffer.appendVarint(UInt64(count) << 1)
        for shift in stride(from: 0, to: width, by: 8) {
            buffer.append(UInt8(truncatingIfNeeded: value >> Int32(shift)))
        }
    }

    /// Appends one bit-packed run of `values[i] - base`.
    package static func appendPacked(
        _ values: UnsafePointer<Int32>, count: Int, base: Int32, width: Int, to buffer: inout ByteBuffer
    ) {
        buffer.appendVarint(UInt64((count + 7) / 8) << 1 | 1)
        buffer.append(count: BitPacker.packedSize(count: count, width: width), slack: BitPacker.slack) { room in
            BitPacker.pack(values, count: count, base: base, width: width, into: room)
        }
    }
}
