extension [UInt8] {
    /// Appends `value` in groups of seven bits, lowest first, with the top bit of a byte set where more follow (ULEB128).
    package mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }
}

/// The bytes a varint of `value` takes: 1...10.
package func varintSize(_ value: UInt64) -> Int {
    max(1, (70 - value.leadingZeroBitCount) / 7)
}
