import Parquet
import Testing

@Suite("Definition levels")
struct DefinitionLevelsTests {
    @Test("Every pattern of nulls in eleven rows comes back")
    func allPatterns() {
        for pattern in 0..<(1 << 11) {
            let nulls = (0..<11).filter { pattern >> $0 & 1 == 1 }.map(Int32.init)
            #expect(decode(levels(nulls, rows: 11), rows: 11) == (0..<11).map { pattern >> $0 & 1 == 0 })
        }
    }

    @Test("Long pages come back at any share of nulls", arguments: [0, 1, 5, 100, 500, 900, 1000])
    func longPages(perMille: UInt64) {
        var noise = Noise(seed: perMille)
        let present = (0..<70_001).map { _ in noise.next() % 1000 >= perMille }
        let nulls = present.indices.filter { !present[$0] }.map(Int32.init)
        #expect(decode(levels(nulls, rows: present.count), rows: present.count) == present)
    }

    @Test("A page's first row is subtracted")
    func laterPage() {
        let shifted = levels([1003, 1009], rows: 10, firstRow: 1000)
        #expect(shifted == levels([3, 9], rows: 10))
    }

    @Test("Without nulls, and with nulls only, one run says all")
    func oneRun() {
        #expect(levels([], rows: 100) == [3, 0, 0, 0, 0xC8, 0x01, 1])
        #expect(levels((0..<100).map(Int32.init), rows: 100) == [3, 0, 0, 0, 0xC8, 0x01, 0])
    }

    @Test("The smaller of runs and bits is written")
    func smaller() {
        let rare = levels(stride(from: 50, to: 8000, by: 400).map(Int32.init), rows: 8000)
        #expect(rare.count < 5 * 21 + 4)
        let alternating = levels(stride(from: 0, to: 8000, by: 2).map(Int32.init), rows: 8000)
        #expect(alternating.count == 4 + 2 + 1000)
    }

    private func levels(_ nulls: [Int32], rows: Int, firstRow: Int = 0) -> [UInt8] {
        var buffer = ByteBuffer()
        nulls.withUnsafeBufferPointer { DefinitionLevels.append(nullRows: $0, firstRow: firstRow, rows: rows, to: &buffer) }
        return Array(buffer.bytes)
    }

    /// A plain decoder of the hybrid at width 1.
    private func decode(_ bytes: [UInt8], rows: Int) -> [Bool] {
        let length = Int(bytes[0]) | Int(bytes[1]) << 8 | Int(bytes[2]) << 16 | Int(bytes[3]) << 24
        #expect(length == bytes.count - 4)
        var levels: [Bool] = []
        var offset = 4
        while offset < bytes.count {
            var header = 0
            var shift = 0
            repeat {
                header |= Int(bytes[offset] & 0x7F) << shift
                shift += 7
                offset += 1
            } while bytes[offset - 1] >= 0x80
            if header & 1 == 0 {
                levels += [Bool](repeating: bytes[offset] == 1, count: header >> 1)
                offset += 1
            } else {
                for bit in 0..<(header >> 1) * 8 { levels.append(bytes[offset + bit / 8] >> UInt8(bit % 8) & 1 == 1) }
                offset += header >> 1
            }
        }
        #expect(levels.count >= rows && levels.count < rows + 8)
        return Array(levels.prefix(rows))
    }
}
