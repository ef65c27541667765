extension ChunkEncoder {
    /// Encodes a column of numbers at full precision: BYTE_STREAM_SPLIT where a codec follows and the layout
    /// allows it, else PLAIN.
    ///
    /// - Parameters:
    ///   - values: The numbers of the non-null rows, in row order; for a float column they are rounded to float.
    ///   - nullRows: The sorted numbers of the null rows.
    ///   - rows: All rows.
    ///   - column: Of type double or float.
    ///   - layout: Pages.
    /// - Complexity: O(rows) and the codec's time; allocates per page.
    public static func doubles(
        _ values: Span<Double>, nullRows: Span<Int32>, rows: Int, column: Column, layout: PageLayout
    ) -> EncodedChunk {
        values.withUnsafeBufferPointer { values in
            nullRows.withUnsafeBufferPointer { nullRows in
                check(values: values.count, nulls: nullRows.count, rows: rows, column: column, types: .double, .float)
                if values.isEmpty { return allNull(nullRows, rows: rows, column: column, layout: layout) }
                return encode(values, nullRows: nullRows, rows: rows, column: column, layout: layout)
            }
        }
    }

    private static func encode(
        _ values: UnsafeBufferPointer<Double>, nullRows: UnsafeBufferPointer<Int32>, rows: Int, column: Column, layout: PageLayout
    ) -> EncodedChunk {
        let isFloat = column.type == .float
        let encoding: Encoding = layout.compression == .none || !layout.splitsBytes ? .plain : .byteStreamSplit
        var builder = ChunkBuilder(
            column: column, layout: layout, encoding: encoding, expectedSize: values.count * (isFloat ? 4 : 8) + nullRows.count * 5 + 4096)
        for slice in PageSlices(rows: rows, nullRows: nullRows, rowsPerPage: layout.rowsPerPage) {
            let page = UnsafeBufferPointer(rebasing: values[slice.values])
            builder.appendPage(slice, nullRows: nullRows, bounds: bounds(page, isFloat: isFloat)) { body in
                if isFloat {
                    appendFloats(page, encoding, to: &body)
                } else if encoding == .byteStreamSplit {
                    page.withMemoryRebound(to: UInt64.self) { ByteStreamSplit.append($0, to: &body) }
                } else {
                    body.append(UnsafeRawBufferPointer(page))
                }
            }
        }
        return builder.finish(rows: rows, distinctCount: nil)
    }

    private static func appendFloats(_ page: UnsafeBufferPointer<Double>, _ encoding: Encoding, to body: inout ByteBuffer) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: page.count) { floats in
            for index in 0..<page.count { floats.initializeElement(at: index, to: Float(page[index]).bitPattern) }
            if encoding == .byteStreamSplit {
                ByteStreamSplit.append(UnsafeBufferPointer(floats), to: &body)
            } else {
                body.append(UnsafeRawBufferPointer(floats))
            }
        }
    }

    /// The bounds of the values that are not NaN.
    private static func bounds(_ page: UnsafeBufferPointer<Double>, isFloat: Bool) -> ValueBounds? {
        var lows = SIMD8<Double>(repeating: .infinity)
        var highs = SIMD8<Double>(repeating: -.infinity)
        let whole = page.count / 8 * 8
        for index in stride(from: 0, to: whole, by: 8) {
            let values = UnsafeRawBufferPointer(page).loadUnaligned(fromByteOffset: index * 8, as: SIMD8<Double>.self)
            // A comparison with NaN is false, so NaN never enters.
            lows.replace(with: values, where: values .< lows)
            highs.replace(with: values, where: values .> highs)
        }
        var low = lows.min()
        var high = highs.max()
        for value in page[whole...] {
            if value < low { low = value }
            if value > high { high = value }
        }
        guard low <= high else { return nil }
        return isFloat ? ValueBounds(low: Float(low), high: Float(high)) : ValueBounds(low: low, high: high)
    }
}
