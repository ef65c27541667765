/// Appends whole numbers in as few bytes as they need: seven bits to a byte, the low ones first.
struct TallyWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ value: UInt64) {
        var rest = value
        while rest > 127 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func put(_ value: Int) {
        precondition(value >= 0, "a count")
        put(UInt64(value))
    }

    /// Small magnitudes in few bytes, whatever their sign: 0, -1, 1, -2, ...
    mutating func put(signed value: Int64) { put(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    mutating func put(signed value: Int128) {
        let folded = UInt128(bitPattern: value << 1 ^ value >> 127)
        put(UInt64(truncatingIfNeeded: folded))
        put(UInt64(truncatingIfNeeded: folded >> 64))
    }

    mutating func put(_ value: Double?) {
        bytes.append(value == nil ? 0 : 1)
        guard let value else { return }
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(shift))) }
    }

    /// Runs of zeros as their length, what is between as its length and the values: most entries of a part are often 0.
    mutating func put(_ values: [Int64]) {
        put(values.count)
        var index = 0
        while index < values.count {
            let zeros = values[index...].prefix { $0 == 0 }.count
            // One zero between values is shorter as a value.
            var end = index + zeros
            while end < values.count, values[end] != 0 || (end + 1 < values.count && values[end + 1] != 0) { end += 1 }
            put(zeros)
            put(end - index - zeros)
            for value in values[index + zeros..<end] { put(signed: value) }
            index = end
        }
    }
}

/// Reads what `TallyWriter` wrote. The bytes may come from anywhere: every length is checked before it is believed.
struct TallyReader {
    /// Something no writer writes.
    struct Damage: Error, Hashable { let problem: String }

    private let bytes: ArraySlice<UInt8>
    private var place: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        place = bytes.startIndex
    }

    var isAtEnd: Bool { place == bytes.endIndex }

    mutating func byte() throws(Damage) -> UInt8 {
        guard place < bytes.endIndex else { throw Damage(problem: "it ends early") }
        defer { place += 1 }
        return bytes[place]
    }

    mutating func unsigned() throws(Damage) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 70, by: 7) {
            let next = try byte()
            if shift == 63, next > 1 { break }
            value |= UInt64(next & 127) << UInt64(shift)
            if next < 128 { return value }
        }
        throw Damage(problem: "a number is too large")
    }

    mutating func count() throws(Damage) -> Int {
        guard let value = Int(exactly: try unsigned()) else { throw Damage(problem: "a count is too large") }
        return value
    }

    mutating func signed() throws(Damage) -> Int64 {
        let folded = try unsigned()
        return Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
    }

    mutating func signed128() throws(Damage) -> Int128 {
        let folded = UInt128(try unsigned()) | UInt128(try unsigned()) << 64
        return Int128(bitPattern: folded >> 1) ^ -Int128(bitPattern: folded & 1)
    }

    mutating func double() throws(Damage) -> Double? {
        guard try byte() == 1 else { return nil }
        var bits: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 8) { bits |= UInt64(try byte()) << UInt64(shift) }
        return Double(bitPattern: bits)
    }

    /// Adds a count to one that is held.
    mutating func add(to held: inout Int) throws(Damage) { held = try Self.sum(held, try count()) }

    mutating func add(to held: inout Int64) throws(Damage) { held = try Self.sum(held, try signed()) }

    mutating func add(to held: inout Int128) throws(Damage) { held = try Self.sum(held, try signed128()) }

    /// Adds values to as many that are held.
    mutating func add<Value: FixedWidthInteger>(to held: inout [Value]) throws(Damage) {
        guard try count() == held.count else { throw Damage(problem: "it is of another table") }
        var index = 0
        while index < held.count {
            let (zeros, values) = (try count(), try count())
            guard zeros <= held.count - index, values <= held.count - index - zeros, zeros + values > 0 else {
                throw Damage(problem: "a length is wrong")
            }
            index += zeros
            for _ in 0..<values {
                guard let value = Value(exactly: try signed()) else { throw Damage(problem: "a count is below 0") }
                held[index] = try Self.sum(held[index], value)
                index += 1
            }
        }
    }

    private static func sum<Value: FixedWidthInteger>(_ left: Value, _ right: Value) throws(Damage) -> Value {
        let (sum, overflow) = left.addingReportingOverflow(right)
        guard !overflow else { throw Damage(problem: "a sum is too large") }
        return sum
    }
}
