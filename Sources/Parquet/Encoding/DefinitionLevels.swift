/// Definition levels of a flat nullable column: 1 where a row has a value, 0 where it is null.
///
/// Nulls are rare, so repeated runs usually win: about five bytes a null, against an eighth of a byte a row bit-packed.
/// Whichever is smaller for the page at hand is written, after its length in four bytes as data page V1 wants it.
///
/// Source: Apache Parquet format, `Encodings.md`, "RLE / Bit-Packing Hybrid", and `README.md`, "Data Pages".
package enum DefinitionLevels {
    /// Appends the levels of the rows `firstRow ..< firstRow + rows`.
    ///
    /// - Parameters:
    ///   - nullRows: Those rows of the page that are null, ascending.
    ///   - firstRow: The page's first row, in the numbering of `nullRows`.
    ///   - rows: The page's rows.
    package static func append(nullRows: UnsafeBufferPointer<Int32>, firstRow: Int, rows: Int, to buffer: inout ByteBuffer) {
        let lengthOffset = buffer.count
        buffer.append(littleEndian: UInt32(0))
        let limit = HybridRuns.packedSize(count: rows, width: 1)
        var written: Int?
        buffer.append(count: limit + mostBytes) { room in written = putRuns(nullRows, firstRow: firstRow, rows: rows, limit: limit, room) }
        buffer.truncate(to: lengthOffset + 4 + (written ?? 0))
        if written == nil { appendPacked(nullRows, firstRow: firstRow, rows: rows, to: &buffer) }
        buffer.overwrite(at: lengthOffset, littleEndian: UInt32(buffer.count - lengthOffset - 4))
    }

    /// More than two runs take.
    private static let mostBytes = 32

    /// Writes repeated runs.
    ///
    /// - Parameter room: For `mostBytes` more than `limit`.
    /// - Returns: How many bytes they take; nil, as soon as that is clear, where these are more than `limit`.
    private static func putRuns(
        _ nullRows: UnsafeBufferPointer<Int32>, firstRow: Int, rows: Int, limit: Int, _ room: UnsafeMutablePointer<UInt8>
    ) -> Int? {
        var (row, index, count) = (firstRow, 0, 0)
        // Byte by byte into memory that is there: nulls may be a thirtieth of all rows.
        func put(_ value: UInt8, times: Int) {
            var rest = UInt(times) << 1
            while rest >= 0x80 {
                room[count] = UInt8(truncatingIfNeeded: rest) | 0x80
                count += 1
                rest >>= 7
            }
            room[count] = UInt8(truncatingIfNeeded: rest)
            room[count + 1] = value
            count += 2
        }
        while index < nullRows.count {
            let null = Int(nullRows[index])
            var nulls = 1
            while index + nulls < nullRows.count, Int(nullRows[index + nulls]) == null + nulls { nulls += 1 }
            if null > row { put(1, times: null - row) }
            put(0, times: nulls)
            row = null + nulls
            index += nulls
            if count > limit { return nil }
        }
        if row < firstRow + rows { put(1, times: firstRow + rows - row) }
        return count <= limit ? count : nil
    }

    private static func appendPacked(
        _ nullRows: UnsafeBufferPointer<Int32>, firstRow: Int, rows: Int, to buffer: inout ByteBuffer
    ) {
        let groups = (rows + 7) / 8
        buffer.appendVarint(UInt64(groups) << 1 | 1)
        buffer.append(count: groups) { room in
            room.initialize(repeating: 0xFF, count: groups)
            if rows % 8 != 0 { room[groups - 1] = UInt8(1) << UInt8(rows % 8) &- 1 }
            for null in nullRows {
                let bit = Int(null) - firstRow
                room[bit / 8] &= ~(1 << UInt8(bit % 8))
            }
        }
    }
}
