extension ChunkEncoder {
    /// Encodes a column of decimal numbers, given as scaled integers: a dictionary page of doubles or floats in ascending order, then
    /// bit-packed indices.
    ///
    /// A value is the correctly rounded `Double(k) / 10^decimals`, for a float column rounded once more.
    ///
    /// - Parameters:
    ///   - values: The integers of the non-null rows, in row order.
    ///   - nullRows: The sorted numbers of the null rows.
    ///   - rows: All rows.
    ///   - decimals: Digits after the point, 0...9.
    ///   - lowest: The integer that `counts[0]` counts.
    ///   - counts: How often the integer `lowest + i` occurs in `values`, exactly.
    ///   - column: Of type double or float.
    ///   - layout: Pages.
    /// - Complexity: O(rows + counts), about 1 ns a row, with zstd 1.7; allocates per page.
    public static func decimals(
        _ values: Span<Int32>, nullRows: Span<Int32>, rows: Int, decimals: Int, lowest: Int32, counts: Span<UInt32>, column: Column,
        layout: PageLayout
    ) -> EncodedChunk {
        values.withUnsafeBufferPointer { values in
            nullRows.withUnsafeBufferPointer { nullRows in
                counts.withUnsafeBufferPointer { counts in
                    check(values: values.count, nulls: nullRows.count, rows: rows, column: column, types: .double, .float)
                    precondition((0...9).contains(decimals), "decimals out of range")
                    precondition(counts.reduce(0) { $0 + Int($1) } == values.count, "the counts must add up to the values")
                    let number = DecimalNumber(decimals: decimals, type: column.type)
                    guard let plan = DictionaryPlan(lowest: lowest, counts: counts, entrySize: number.size) else {
                        return allNull(nullRows, rows: rows, column: column, layout: layout)
                    }
                    return encode(
                        values, nullRows: nullRows, rows: rows, number: number, plan: plan, lowest: lowest, counts: counts,
                        column: column, layout: layout)
                }
            }
        }
    }

    private static func encode(
        _ values: UnsafeBufferPointer<Int32>, nullRows: UnsafeBufferPointer<Int32>, rows: Int, number: DecimalNumber,
        plan: DictionaryPlan, lowest: Int32, counts: UnsafeBufferPointer<UInt32>, column: Column, layout: PageLayout
    ) -> EncodedChunk {
        let size = plan.entries * number.size + BitPacker.packedSize(count: rows, width: plan.width) + nullRows.count * 5
        var builder = ChunkBuilder(column: column, layout: layout, encoding: .rleDictionary, expectedSize: size + size / 16 + 4096)
        builder.appendDictionary(entries: plan.entries) { body in
            body.reserve(plan.entries * number.size)
            plan.forEachEntry(lowest: lowest, counts: counts) { number.append($0, to: &body) }
        }
        var indices: [Int32] = []
        for slice in PageSlices(rows: rows, nullRows: nullRows, rowsPerPage: layout.rowsPerPage) {
            let page = UnsafeBufferPointer(rebasing: values[slice.values])
            let found = extremes(page)
            if let found { precondition(found.low >= plan.first && found.high <= plan.last, "a value that the counts do not know") }
            builder.appendPage(slice, nullRows: nullRows, bounds: found.map { number.bounds(low: $0.low, high: $0.high) }) { body in
                body.append(UInt8(plan.width))
                guard let start = page.baseAddress, let found else { return }
                if found.low == found.high {
                    let index = Int(found.low) - Int(plan.first)
                    HybridRuns.appendRepeated(plan.ranks?[index] ?? Int32(index), count: page.count, width: plan.width, to: &body)
                } else if let ranks = plan.ranks {
                    indices.removeAll(keepingCapacity: true)
                    indices.append(contentsOf: page.lazy.map { ranks[Int($0) &- Int(plan.first)] })
                    indices.withUnsafeBufferPointer { indices in
                        guard let start = indices.baseAddress else { return }
                        HybridRuns.appendPacked(start, count: indices.count, base: 0, width: plan.width, to: &body)
                    }
                } else {
                    HybridRuns.appendPacked(start, count: page.count, base: plan.first, width: plan.width, to: &body)
                }
            }
        }
        return builder.finish(rows: rows, distinctCount: number.isInjective(plan.first, plan.last) ? plan.distinct : nil)
    }
}

/// Turns scaled integers into the numbers they stand for.
struct DecimalNumber {
    private let scale: Double
    private let isFloat: Bool

    init(decimals: Int, type: ColumnType) {
        scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
        isFloat = type == .float
    }

    /// Bytes of a plain value.
    var size: Int { isFloat ? 4 : 8 }

    /// Whether different integers of the range surely stand for different numbers: a float resolves 24 bits.
    func isInjective(_ first: Int32, _ last: Int32) -> Bool {
        !isFloat || max(first.magnitude, last.magnitude) < 1 << 23
    }

    /// Appends the plain encoding.
    func append(_ value: Int32, to buffer: inout ByteBuffer) {
        let number = Double(value) / scale
        if isFloat {
            buffer.append(littleEndian: Float(number).bitPattern)
        } else {
            buffer.append(littleEndian: number.bitPattern)
        }
    }

    func bounds(low: Int32, high: Int32) -> ValueBounds {
        let low = Double(low) / scale
        let high = Double(high) / scale
        return isFloat ? ValueBounds(low: Float(low), high: Float(high)) : ValueBounds(low: low, high: high)
    }
}
