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
        if !appendRuns(nullRows, firstRow: firstRow, rows: rows, limit: limit, to: &buffer) {
            buffer.truncate(to: lengthOffset + 4)
            appendPacked(nullRows, firstRow: firstRow, rows: rows, to: &buffer)
        }
        buffer.overwrite(at: lengthOffset, littleEndian: UInt32(buffer.count - lengthOffset - 4))
    }

    /// Appends repeated runs; gives up, and says so, as soon as they take more than `limit` bytes.
    private static func appendRuns(
        _ nullRows: UnsafeBufferPointer<Int32>, firstRow: Int, rows: Int, limit: Int, to buffer: inout ByteBuffer
    ) -> Bool {
        let start = buffer.count
        var row = firstRow
        var index = 0
        while index < nullRows.count {
            let null = Int(nullRows[index])
            var nulls = 1
            while index + nulls < nullRows.count, Int(nullRows[index + nulls]) == null + nulls { nulls += 1 }
            if null > row { HybridRuns.appendRepeated(1, count: null - row, width: 1, to: &buffer) }
            HybridRuns.appendRepeated(0, count: nulls, width: 1, to: &buffer)
            row = null + nulls
            index += nulls
            if buffer.count - start > limit { return false }
        }
        if row < firstRow + rows { HybridRuns.appendRepeated(1, count: firstRow + rows - row, width: 1, to: &buffer) }
        return buffer.count - start <= limit
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
