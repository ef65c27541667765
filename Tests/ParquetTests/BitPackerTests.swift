import Parquet
import Testing

@Suite("Bit packing")
struct BitPackerTests {
    @Test("Packing equals bit-by-bit packing for every tail length", arguments: 1...32)
    func equalsTheTwin(width: Int) {
        for count in Array(0...41) + [1000, 4093] {
            for base in [Int32(0), -1000, 17] {
                let values = noise(count: count, width: width)
                let packed = pack(values, base: base, width: width)
                #expect(packed == twin(values, width: width), "\(count) values from \(base)")
            }
        }
    }

    @Test("The largest value of a width keeps all its bits and touches no neighbour", arguments: 1...32)
    func largestValues(width: Int) {
        let largest = UInt32.max >> UInt32(32 - width)
        for position in 0..<17 {
            var values = [UInt32](repeating: 0, count: 17)
            values[position] = largest
            #expect(pack(values, base: 0, width: width) == twin(values, width: width))
        }
    }

    @Test("The example of the format's documentation")
    func knownAnswer() {
        #expect(pack([0, 1, 2, 3, 4, 5, 6, 7], base: 0, width: 3) == [0b1000_1000, 0b1100_0110, 0b1111_1010])
    }

    @Test(
        "The width is the fewest bits that hold the largest index, but at least one",
        arguments: [(0, 1), (1, 1), (2, 2), (3, 2), (4, 3), (255, 8), (256, 9), (9800, 14), (16_383, 14), (16_384, 15)])
    func widths(largest: Int, width: Int) {
        #expect(BitPacker.width(forLargest: largest) == width)
    }

    @Test("A run of the hybrid announces its length", arguments: [(1, 1), (8, 1), (9, 2), (513, 65)])
    func runHeaders(count: Int, groups: Int) {
        var buffer = ByteBuffer()
        let values = [Int32](repeating: 1, count: count)
        values.withUnsafeBufferPointer { values in
            guard let start = values.baseAddress else { return }
            HybridRuns.appendPacked(start, count: count, base: 0, width: 3, to: &buffer)
        }
        var header: [UInt8] = []
        header.appendVarint(UInt64(groups * 2 + 1))
        #expect(Array(buffer.bytes.prefix(header.count)) == header)
        #expect(buffer.count == HybridRuns.packedSize(count: count, width: 3))
        buffer.removeAll()
        HybridRuns.appendRepeated(0x01_02_03, count: count, width: 17, to: &buffer)
        #expect(Array(buffer.bytes.suffix(3)) == [3, 2, 1])
        #expect(buffer.count == HybridRuns.repeatedSize(count: count, width: 17))
    }

    /// Packs, and checks that nothing is written past the announced slack.
    private func pack(_ values: [UInt32], base: Int32, width: Int) -> [UInt8] {
        let size = BitPacker.packedSize(count: values.count, width: width)
        var output = [UInt8](repeating: 0xA5, count: size + BitPacker.slack + 8)
        let shifted = values.map { Int32(bitPattern: $0) &+ base }
        shifted.withUnsafeBufferPointer { shifted in
            output.withUnsafeMutableBufferPointer { output in
                guard let source = shifted.baseAddress, let target = output.baseAddress else { return }
                BitPacker.pack(source, count: values.count, base: base, width: width, into: target)
            }
        }
        #expect(output.suffix(8).allSatisfy { $0 == 0xA5 })
        return Array(output.prefix(size))
    }

    /// One bit after the other.
    private func twin(_ values: [UInt32], width: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (values.count + 7) / 8 * width)
        for (index, value) in values.enumerated() {
            for bit in 0..<width where value >> UInt32(bit) & 1 == 1 {
                bytes[(index * width + bit) / 8] |= 1 << UInt8((index * width + bit) % 8)
            }
        }
        return bytes
    }

    private func noise(count: Int, width: Int) -> [UInt32] {
        var noise = Noise(seed: UInt64(count * 40 + width))
        return (0..<count).map { _ in UInt32(truncatingIfNeeded: noise.next()) >> UInt32(32 - width) }
    }
}
