import Kernels

/// An integer type in which scaled decimals arrive: what a page of them needs to know.
protocol GridInteger: FixedWidthInteger, Sendable {
    /// Smallest and largest; nil of none. Complexity: O(n), vectorised.
    static func extremes(of values: UnsafeBufferPointer<Self>) -> (low: Self, high: Self)?

    /// Appends one bit-packed run of `values[i] - base`.
    static func appendPacked(_ values: UnsafePointer<Self>, count: Int, base: Self, width: Int, to buffer: inout ByteBuffer)

    /// Appends one bit-packed run of `ranks[values[i] - base]`.
    static func appendPacked(
        _ values: UnsafeBufferPointer<Self>, ranks: [Int32], base: Self, width: Int, to buffer: inout ByteBuffer)
}

extension Int32: GridInteger {
    static func extremes(of values: UnsafeBufferPointer<Int32>) -> (low: Int32, high: Int32)? {
        guard var low = values.first else { return nil }
        var high = low
        for index in 0..<values.count {
            low = Swift.min(low, values[index])
            high = Swift.max(high, values[index])
        }
        return (low, high)
    }

    static func appendPacked(_ values: UnsafePointer<Int32>, count: Int, base: Int32, width: Int, to buffer: inout ByteBuffer) {
        HybridRuns.appendPacked(values, count: count, base: base, width: width, to: &buffer)
    }

    static func appendPacked(
        _ values: UnsafeBufferPointer<Int32>, ranks: [Int32], base: Int32, width: Int, to buffer: inout ByteBuffer
    ) {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: values.count) { indices in
            for index in 0..<values.count { indices.initializeElement(at: index, to: ranks[Int(values[index]) - Int(base)]) }
            guard let start = indices.baseAddress else { return }
            HybridRuns.appendPacked(start, count: values.count, base: 0, width: width, to: &buffer)
        }
    }
}

extension UInt16: GridInteger {
    static func extremes(of values: UnsafeBufferPointer<UInt16>) -> (low: UInt16, high: UInt16)? {
        guard let start = values.baseAddress, !values.isEmpty else { return nil }
        var (low, high) = (UInt16(0), UInt16(0))
        fleetsynth_extremes(start, Int32(values.count), &low, &high)
        return (low, high)
    }

    static func appendPacked(_ values: UnsafePointer<UInt16>, count: Int, base: UInt16, width: Int, to buffer: inout ByteBuffer) {
        precondition((1...16).contains(width), "16-bit numbers take 1 to 16 bits")
        buffer.appendVarint(UInt64((count + 7) / 8) << 1 | 1)
        buffer.append(count: BitPacker.packedSize(count: count, width: width), slack: BitPacker.slack) { room in
            fleetsynth_pack(values, Int32(count), base, Int32(width), room)
        }
    }

    static func appendPacked(
        _ values: UnsafeBufferPointer<UInt16>, ranks: [Int32], base: UInt16, width: Int, to buffer: inout ByteBuffer
    ) {
        let lead = [UInt16](repeating: 0, count: Int(base))
        let table = lead + ranks.map { UInt16($0) }
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: values.count) { indices in
            guard let start = indices.baseAddress, let source = values.baseAddress else { return }
            fleetsynth_look_up(source, Int32(values.count), table, start)
            appendPacked(start, count: values.count, base: 0, width: width, to: &buffer)
        }
    }
}
