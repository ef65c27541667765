extension ValueBounds {
    /// Bounds of doubles, none of which is NaN.
    ///
    /// A zero is written as -0 below and +0 above, because the values may hold either (`parquet.thrift`, `ColumnOrder`).
    init(low: Double, high: Double) {
        let low = low == 0 ? -0.0 : low
        let high = high == 0 ? 0.0 : high
        self.init(
            lowKey: Self.key(low), highKey: Self.key(high), low: littleEndianBytes(low.bitPattern),
            high: littleEndianBytes(high.bitPattern))
    }

    /// Bounds of floats, none of which is NaN; zeros as for doubles.
    init(low: Float, high: Float) {
        let low = low == 0 ? -0.0 : low
        let high = high == 0 ? 0.0 : high
        self.init(
            lowKey: Self.key(Double(low)), highKey: Self.key(Double(high)), low: littleEndianBytes(low.bitPattern),
            high: littleEndianBytes(high.bitPattern))
    }

    /// An integer that sorts as the number does.
    private static func key(_ value: Double) -> Int64 {
        let bits = Int64(bitPattern: value.bitPattern)
        return bits < 0 ? bits ^ Int64.max : bits
    }
}

/// The bytes of `value`, lowest first.
func littleEndianBytes<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
