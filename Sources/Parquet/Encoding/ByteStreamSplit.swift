/// The byte planes of fixed-width values: all first bytes, then all second bytes, and so on, so that a codec finds the few signs and
/// exponents next to each other.
///
/// Source: Apache Parquet format, `Encodings.md`, "Byte Stream Split".
package enum ByteStreamSplit {
    /// Appends the planes of `values`, lowest byte first.
    ///
    /// - Complexity: O(n), eight values at a time.
    package static func append(_ values: UnsafeBufferPointer<UInt64>, to buffer: inout ByteBuffer) {
        let count = values.count
        buffer.append(count: count * 8) { room in
            for plane in 0..<8 {
                let target = room + plane * count
                let shift = UInt64(plane * 8)
                for index in 0..<count { target[index] = UInt8(truncatingIfNeeded: values[index] &>> shift) }
            }
        }
    }

    /// Appends the planes of `values`, lowest byte first.
    package static func append(_ values: UnsafeBufferPointer<UInt32>, to buffer: inout ByteBuffer) {
        let count = values.count
        buffer.append(count: count * 4) { room in
            for plane in 0..<4 {
                let target = room + plane * count
                let shift = UInt32(plane * 8)
                for index in 0..<count { target[index] = UInt8(truncatingIfNeeded: values[index] &>> shift) }
            }
        }
    }
}
