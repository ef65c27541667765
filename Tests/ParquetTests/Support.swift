import Parquet

/// A small generator, the same everywhere.
struct Noise: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}

/// Reads Thrift's compact protocol: fields by id.
struct ThriftReader {
    indirect enum Value: Equatable {
        case boolean(Bool)
        case integer(Int64)
        case binary([UInt8])
        case list([Value])
        case structure([Int: Value])

        subscript(_ field: Int) -> Value? {
            if case .structure(let fields) = self { fields[field] } else { nil }
        }

        var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
        var list: [Value] { if case .list(let values) = self { values } else { [] } }
    }

    let bytes: [UInt8]
    private(set) var offset: Int

    init(_ bytes: [UInt8], at offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    mutating func structure() -> Value {
        var fields: [Int: Value] = [:]
        var id = 0
        while true {
            let header = byte()
            if header == 0 { return .structure(fields) }
            id += Int(header >> 4)
            fields[id] = header & 15 <= 2 ? .boolean(header & 15 == 1) : value(header & 15)
        }
    }

    private mutating func value(_ type: UInt8) -> Value {
        switch type {
        case 1, 2: return .boolean(byte() == 1)
        case 8:
            let size = Int(varint())
            offset += size
            return .binary(Array(bytes[offset - size..<offset]))
        case 9:
            let header = byte()
            let count = header >> 4 == 15 ? Int(varint()) : Int(header >> 4)
            var values: [Value] = []
            for _ in 0..<count { values.append(value(header & 15)) }
            return .list(values)
        case 12: return structure()
        default:
            let number = varint()
            return .integer(Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1))
        }
    }

    private mutating func byte() -> UInt8 {
        offset += 1
        return bytes[offset - 1]
    }

    private mutating func varint() -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = byte()
            value |= UInt64(next & 0x7F) << shift
            shift += 7
            if next < 0x80 { return value }
        }
    }
}
