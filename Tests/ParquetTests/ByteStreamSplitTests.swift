import Parquet
import Testing

@Suite("Byte stream split")
struct ByteStreamSplitTests {
    @Test("The example of the format's documentation")
    func knownAnswer() {
        let values: [UInt32] = [0xDDCC_BBAA, 0x3322_1100, 0xD4C3_B2A1]
        var buffer = ByteBuffer()
        values.withUnsafeBufferPointer { ByteStreamSplit.append($0, to: &buffer) }
        #expect(Array(buffer.bytes) == [0xAA, 0x00, 0xA1, 0xBB, 0x11, 0xB2, 0xCC, 0x22, 0xC3, 0xDD, 0x33, 0xD4])
    }

    @Test("Byte k of value i lies at k * count + i", arguments: [1, 2, 7, 8, 9, 1000])
    func planes(count: Int) {
        var noise = Noise(seed: UInt64(count))
        let values = (0..<count).map { _ in noise.next() }
        var buffer = ByteBuffer(capacity: 1)
        buffer.append(7)
        values.withUnsafeBufferPointer { ByteStreamSplit.append($0, to: &buffer) }
        let planes = Array(buffer.bytes.dropFirst())
        for index in 0..<count {
            let back = (0..<8).reduce(UInt64(0)) { $0 | UInt64(planes[$1 * count + index]) << UInt64($1 * 8) }
            #expect(back == values[index])
        }
    }
}
