extension ChunkEncoder {
    /// Encodes a column of times or small numbers, given as indices into a table of all of them: a dictionary page of those that occur, then
    /// their indices.
    ///
    /// Panels repeat the same times for each server. Where a codec follows, indices therefore take whole bytes instead of the fewest bits:
    /// the codec then finds the repetition from one server to the next, and a panel's times shrink to almost nothing.
    ///
    /// - Parameters:
    ///   - indices: Positions in `dictionary` for the non-null rows, in row order.
    ///   - dictionary: Microseconds or days since 1970-01-01, or the numbers themselves, strictly ascending.
    ///   - nullRows: The sorted numbers of the null rows.
    ///   - rows: All rows.
    ///   - column: Of type `timestampMicros`, `instantMicros`, `date32` or `int32`.
    ///   - layout: Pages.
    /// - Complexity: O(rows + dictionary); allocates per page.
    public static func integers(
        _ indices: Span<Int32>, dictionary: [Int64], nullRows: Span<Int32>, rows: Int, column: Column, layout: PageLayout
    ) -> EncodedChunk {
        indices.withUnsafeBufferPointer { indices in
            nullRows.withUnsafeBufferPointer { nullRows in
                check(
                    values: indices.count, nulls: nullRows.count, rows: rows, column: column, types: .timestampMicros, .instantMicros,
                    .date32, .int32)
                precondition(zip(dictionary, dictionary.dropFirst()).allSatisfy(<), "the dictionary must ascend")
                if indices.isEmpty { return allNull(nullRows, rows: rows, column: column, layout: layout) }
                let present = dictionary.indices(occurringIn: indices)
                if present.count == dictionary.count {
                    return encode(indices, dictionary, nullRows: nullRows, rows: rows, column: column, layout: layout)
                }
                var rankOf = [Int32](repeating: 0, count: dictionary.count)
                for (rank, index) in present.enumerated() { rankOf[index] = Int32(rank) }
                return indices.map { rankOf[Int($0)] }.withUnsafeBufferPointer { ranks in
                    encode(ranks, present.map { dictionary[$0] }, nullRows: nullRows, rows: rows, column: column, layout: layout)
                }
            }
        }
    }

    private static func encode(
        _ ranks: UnsafeBufferPointer<Int32>, _ present: [Int64], nullRows: UnsafeBufferPointer<Int32>, rows: Int, column: Column,
        layout: PageLayout
    ) -> EncodedChunk {
        let least = BitPacker.width(forLargest: present.count - 1)
        let width = layout.compression == .none ? least : (least + 7) / 8 * 8
        var builder = ChunkBuilder(
            column: column, layout: layout, encoding: .rleDictionary, expectedSize: present.count * 8 + rows / 4 + 4096)
        builder.appendDictionary(entries: present.count) { body in
            for value in present { body.appendTime(value, column.type) }
        }
        for slice in PageSlices(rows: rows, nullRows: nullRows, rowsPerPage: layout.rowsPerPage) {
            let page = UnsafeBufferPointer(rebasing: ranks[slice.values])
            let found = Int32.extremes(of: page)
            let bounds = found.map { ValueBounds(low: present[Int($0.low)], high: present[Int($0.high)], column.type) }
            builder.appendPage(slice, nullRows: nullRows, bounds: bounds) { body in
                body.append(UInt8(width))
                guard let start = page.baseAddress, let found else { return }
                if found.low == found.high {
                    HybridRuns.appendRepeated(found.low, count: page.count, width: width, to: &body)
                } else {
                    HybridRuns.appendPacked(start, count: page.count, base: 0, width: width, to: &body)
                }
            }
        }
        return builder.finish(rows: rows, distinctCount: present.count)
    }
}

extension [Int64] {
    /// The positions that occur in `indices`, ascending.
    fileprivate func indices(occurringIn indices: UnsafeBufferPointer<Int32>) -> [Int] {
        var occurs = [Bool](repeating: false, count: count)
        occurs.withUnsafeMutableBufferPointer { occurs in
            // Servers repeat the same times: the first few have them all.
            var (start, firstMissing) = (0, 0)
            while start < indices.count, firstMissing < occurs.count {
                let end = Swift.min(start + 16_384, indices.count)
                for index in indices[start..<end] {
                    precondition(index >= 0 && Int(index) < occurs.count, "no such time in the dictionary")
                    occurs[Int(index)] = true
                }
                while firstMissing < occurs.count, occurs[firstMissing] { firstMissing += 1 }
                start = end
            }
            if start < indices.count, let found = Int32.extremes(of: UnsafeBufferPointer(rebasing: indices[start...])) {
                precondition(found.low >= 0 && Int(found.high) < occurs.count, "no such time in the dictionary")
            }
        }
        return self.indices.filter { occurs[$0] }
    }
}

extension ByteBuffer {
    /// Appends the plain encoding of a time.
    fileprivate mutating func appendTime(_ value: Int64, _ type: ColumnType) {
        if type.physicalType == .int32 {
            append(littleEndian: Int32(value))
        } else {
            append(littleEndian: value)
        }
    }
}

extension ValueBounds {
    /// Bounds of times.
    fileprivate init(low: Int64, high: Int64, _ type: ColumnType) {
        if type.physicalType == .int32 {
            self.init(lowKey: low, highKey: high, low: littleEndianBytes(Int32(low)), high: littleEndianBytes(Int32(high)))
        } else {
            self.init(lowKey: low, highKey: high, low: littleEndianBytes(low), high: littleEndianBytes(high))
        }
    }
}
