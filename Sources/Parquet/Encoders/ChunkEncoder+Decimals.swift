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
        self.decimals(
            of: values, origin: 0, nullRows: nullRows, rows: rows, decimals: decimals, lowest: lowest, counts: counts, column: column,
            layout: layout, cache: nil)
    }

    /// The same for integers given as 16-bit numbers above `lowest`.
    ///
    /// - Parameter cache: Remembers dictionary pages between chunks.
    /// - Complexity: As above, about 0.2 ns a row.
    public static func decimals(
        narrow values: Span<UInt16>, nullRows: Span<Int32>, rows: Int, decimals: Int, lowest: Int32, counts: Span<UInt32>, column: Column,
        layout: PageLayout, cache: DictionaryCache? = nil
    ) -> EncodedChunk {
        self.decimals(
            of: values, origin: lowest, nullRows: nullRows, rows: rows, decimals: decimals, lowest: lowest, counts: counts, column: column,
            layout: layout, cache: cache)
    }

    private static func decimals<Value: GridInteger>(
        of values: Span<Value>, origin: Int32, nullRows: Span<Int32>, rows: Int, decimals: Int, lowest: Int32, counts: Span<UInt32>,
        column: Column, layout: PageLayout, cache: DictionaryCache?
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
                    var builder = decimalBuilder(number, plan, rows: rows, nulls: nullRows.count, column: column, layout: layout)
                    let key = DictionaryCache.Key(
                        first: plan.first, last: plan.last, decimals: decimals, type: column.type, compression: layout.compression)
                    builder.appendDictionary(entries: plan.entries, cache: plan.ranks == nil ? cache : nil, key: key) { body in
                        body.reserve(plan.entries * number.size)
                        plan.forEachEntry(lowest: lowest, counts: counts) { number.append($0, to: &body) }
                    }
                    appendPages(values, origin: origin, nullRows: nullRows, rows: rows, number: number, plan: plan, to: &builder)
                    return builder.finish(rows: rows, distinctCount: number.isInjective(plan.first, plan.last) ? plan.distinct : nil)
                }
            }
        }
    }

    private static func decimalBuilder(
        _ number: DecimalNumber, _ plan: DictionaryPlan, rows: Int, nulls: Int, column: Column, layout: PageLayout
    ) -> ChunkBuilder {
        let size = plan.entries * number.size + BitPacker.packedSize(count: rows, width: plan.width) + nulls * 5
        return ChunkBuilder(column: column, layout: layout, encoding: .rleDictionary, expectedSize: size + size / 64 + 4096)
    }

    private static func appendPages<Value: GridInteger>(
        _ values: UnsafeBufferPointer<Value>, origin: Int32, nullRows: UnsafeBufferPointer<Int32>, rows: Int, number: DecimalNumber,
        plan: DictionaryPlan, to builder: inout ChunkBuilder
    ) {
        let base = Value(truncatingIfNeeded: plan.first - origin)
        for slice in PageSlices(rows: rows, nullRows: nullRows, rowsPerPage: builder.layout.rowsPerPage) {
            let page = UnsafeBufferPointer(rebasing: values[slice.values])
            let found = Value.extremes(of: page).map { (low: origin + Int32($0.low), high: origin + Int32($0.high)) }
            if let found { precondition(found.low >= plan.first && found.high <= plan.last, "a value that the counts do not know") }
            builder.appendPage(slice, nullRows: nullRows, bounds: found.map { number.bounds(low: $0.low, high: $0.high) }) { body in
                body.append(UInt8(plan.width))
                guard let start = page.baseAddress, let found else { return }
                if found.low == found.high {
                    let index = Int(found.low) - Int(plan.first)
                    HybridRuns.appendRepeated(plan.ranks?[index] ?? Int32(index), count: page.count, width: plan.width, to: &body)
                } else if let ranks = plan.ranks {
                    Value.appendPacked(page, ranks: ranks, base: base, width: plan.width, to: &body)
                } else {
                    Value.appendPacked(start, count: page.count, base: base, width: plan.width, to: &body)
                }
            }
        }
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
