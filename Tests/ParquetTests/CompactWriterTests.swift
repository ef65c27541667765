import Parquet
import Testing

@Suite("Thrift compact protocol")
struct CompactWriterTests {
    @Test(
        "A varint holds seven bits a byte, lowest first",
        arguments: [
            (0, [0x00]), (1, [0x01]), (127, [0x7F]), (128, [0x80, 0x01]), (300, [0xAC, 0x02]), (16_383, [0xFF, 0x7F]),
            (16_384, [0x80, 0x80, 0x01]), (UInt64.max, Array(repeating: 0xFF, count: 9) + [0x01]),
        ] as [(UInt64, [UInt8])])
    func varint(value: UInt64, expected: [UInt8]) {
        var bytes: [UInt8] = []
        bytes.appendVarint(value)
        #expect(bytes == expected)
        #expect(varintSize(value) == expected.count)
        var buffer = ByteBuffer(capacity: 1)
        buffer.appendVarint(value)
        #expect(Array(buffer.bytes) == expected)
    }

    @Test("The size of a varint changes exactly at powers of 128", arguments: 1...9)
    func varintSizes(groups: Int) {
        let limit = UInt64(1) << UInt64(7 * groups)
        #expect(varintSize(limit - 1) == groups)
        #expect(varintSize(limit) == groups + 1)
    }

    @Test("Integers are zigzag varints behind a header of id delta and type")
    func integers() {
        #expect(encoded { $0.field(1, Int32(0)) } == [0x15, 0x00, 0x00])
        #expect(encoded { $0.field(1, Int32(-1)) } == [0x15, 0x01, 0x00])
        #expect(encoded { $0.field(1, Int32(1)) } == [0x15, 0x02, 0x00])
        #expect(encoded { $0.field(3, Int64(-64)) } == [0x36, 0x7F, 0x00])
        #expect(encoded { $0.field(3, Int16(64)) } == [0x34, 0x80, 0x01, 0x00])
        #expect(encoded { $0.field(1, Int64.min) } == [0x16] + Array(repeating: 0xFF, count: 9) + [0x01, 0x00])
    }

    @Test("A boolean field is its header alone, a boolean element is a byte")
    func booleans() {
        let fields = encoded {
            $0.field(1, true)
            $0.field(3, false)
        }
        #expect(fields == [0x11, 0x22, 0x00])
        let list = encoded {
            $0.field(1, listOf: .yes, count: 2) {
                $0.element(true)
                $0.element(false)
            }
        }
        #expect(list == [0x19, 0x21, 0x01, 0x02, 0x00])
    }

    @Test("Text and bytes follow their length in bytes")
    func binaries() {
        #expect(encoded { $0.field(1, "é!") } == [0x18, 0x03, 0xC3, 0xA9, 0x21, 0x00])
        #expect(encoded { $0.field(1, [UInt8]()) } == [0x18, 0x00, 0x00])
    }

    @Test("Ids start anew in a nested structure and go on after it")
    func nesting() {
        let bytes = encoded {
            $0.field(2) { $0.field(5, Int32(3)) }
            $0.field(4, Int32(5))
        }
        #expect(bytes == [0x2C, 0x55, 0x06, 0x00, 0x25, 0x0A, 0x00])
    }

    @Test("A list of fifteen or more elements has its length in a varint")
    func longLists() {
        let short = encoded { $0.field(1, listOf: .int32, count: 14) { for _ in 0..<14 { $0.element(Int32(1)) } } }
        #expect(short == [0x19, 0xE5] + Array(repeating: 0x02, count: 14) + [0x00])
        let long = encoded { $0.field(1, listOf: .int64, count: 200) { for _ in 0..<200 { $0.element(Int64(1)) } } }
        #expect(long == [0x19, 0xF6, 0xC8, 0x01] + Array(repeating: 0x02, count: 200) + [0x00])
    }

    private func encoded(_ body: (inout CompactWriter) -> Void) -> [UInt8] {
        var writer = CompactWriter()
        writer.element(body)
        return writer.bytes
    }
}
