extension ChunkEncoder {
    /// Encodes a column of flags, one bit each (PLAIN: the only encoding of booleans that every reader knows in data page V1).
    ///
    /// - Parameters:
    ///   - values: The flags of the non-null rows, in row order.
    ///   - nullRows: The sorted numbers of the null rows.
    ///   - rows: All rows.
    ///   - column: Of type boolean.
    ///   - layout: Pages.
    /// - Complexity: O(rows); allocates per page.
    public static func booleans(
        _ values: Span<Bool>, nullRows: Span<Int32>, rows: Int, column: Column, layout: PageLayout
    ) -> EncodedChunk {
        values.withUnsafeBufferPointer { values in
            nullRows.withUnsafeBufferPointer { nullRows in
                check(values: values.count, nulls: nullRows.count, rows: rows, column: column, types: .boolean)
                if values.isEmpty { return allNull(nullRows, rows: rows, column: column, layout: layout) }
                var builder = ChunkBuilder(column: column, layout: layout, encoding: .plain, expectedSize: rows / 8 + 4096)
                var seen: Set<Bool> = []
                for slice in PageSlices(rows: rows, nullRows: nullRows, rowsPerPage: layout.rowsPerPage) {
                    let page = UnsafeBufferPointer(rebasing: values[slice.values])
                    let present = [false, true].filter { page.contains($0) }
                    seen.formUnion(present)
                    builder.appendPage(slice, nullRows: nullRows, bounds: bounds(present)) { body in
                        body.append(count: (page.count + 7) / 8) { room in appendBits(page, room) }
                    }
                }
                return builder.finish(rows: rows, distinctCount: seen.count)
            }
        }
    }

    private static func appendBits(_ page: UnsafeBufferPointer<Bool>, _ room: UnsafeMutablePointer<UInt8>) {
        room.initialize(repeating: 0, count: (page.count + 7) / 8)
        for index in 0..<page.count where page[index] { room[index / 8] |= 1 << UInt8(index % 8) }
    }

    private static func bounds(_ present: [Bool]) -> ValueBounds? {
        guard let low = present.first, let high = present.last else { return nil }
        return ValueBounds(lowKey: low ? 1 : 0, highKey: high ? 1 : 0, low: [low ? 1 : 0], high: [high ? 1 : 0])
    }
}
