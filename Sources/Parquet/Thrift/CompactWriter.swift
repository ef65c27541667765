/// Appends Thrift structures in the compact protocol: just the part of it that Parquet's metadata needs, write only.
///
/// A field is a header byte `(id delta << 4) | type` and a value; integers are zigzag varints; a structure ends with a zero byte.
/// Fields must be written in ascending order of their ids, at most 15 apart.
///
/// Source: Apache Thrift, `thrift-compact-protocol.md`.
package struct CompactWriter {
    /// Wire types of fields and list elements.
    package enum WireType: UInt8 {
        case yes = 1, no, byte, int16, int32, int64, double, binary, list, set, map, structure
    }

    /// What has been written.
    package private(set) var bytes: [UInt8] = []
    private var lastField = 0

    package init() {}

    // MARK: Fields of the structure being written

    package mutating func field(_ id: Int, _ value: Bool) {
        header(id, value ? .yes : .no)
    }

    package mutating func field(_ id: Int, _ value: Int16) {
        header(id, .int16)
        bytes.appendVarint(zigzag(Int64(value)))
    }

    package mutating func field(_ id: Int, _ value: Int32) {
        header(id, .int32)
        bytes.appendVarint(zigzag(Int64(value)))
    }

    package mutating func field(_ id: Int, _ value: Int64) {
        header(id, .int64)
        bytes.appendVarint(zigzag(value))
    }

    package mutating func field(_ id: Int, _ value: String) {
        header(id, .binary)
        element(value)
    }

    package mutating func field(_ id: Int, _ value: [UInt8]) {
        header(id, .binary)
        element(value)
    }

    package mutating func field(_ id: Int, _ body: (inout CompactWriter) -> Void) {
        header(id, .structure)
        element(body)
    }

    /// A list; `body` writes exactly `count` elements of `type`.
    package mutating func field(_ id: Int, listOf type: WireType, count: Int, _ body: (inout CompactWriter) -> Void) {
        header(id, .list)
        if count < 15 {
            bytes.append(UInt8(count) << 4 | type.rawValue)
        } else {
            bytes.append(0xF0 | type.rawValue)
            bytes.appendVarint(UInt64(count))
        }
        body(&self)
    }

    // MARK: Elements of a list

    /// A boolean element; the list's type is `.yes`.
    package mutating func element(_ value: Bool) {
        bytes.append((value ? WireType.yes : .no).rawValue)
    }

    package mutating func element(_ value: Int32) {
        bytes.appendVarint(zigzag(Int64(value)))
    }

    package mutating func element(_ value: Int64) {
        bytes.appendVarint(zigzag(value))
    }

    package mutating func element(_ value: String) {
        bytes.appendVarint(UInt64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    package mutating func element(_ value: [UInt8]) {
        bytes.appendVarint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// A structure: an element of a list, or the outermost one.
    package mutating func element(_ body: (inout CompactWriter) -> Void) {
        let outer = lastField
        lastField = 0
        body(&self)
        bytes.append(0)
        lastField = outer
    }

    private mutating func header(_ id: Int, _ type: WireType) {
        precondition((1...15).contains(id - lastField), "fields must ascend by at most 15")
        bytes.append(UInt8(id - lastField) << 4 | type.rawValue)
        lastField = id
    }

    private func zigzag(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: value << 1 ^ value >> 63)
    }
}
