import CSnappy
import CZstd
import Parquet
import Testing

@Suite("Page compression")
struct PageCompressorTests {
    @Test("Every codec gives back what it got", arguments: Compression.allCases, [1, 100, 5000, 400_000])
    func roundTrips(codec: Compression, size: Int) {
        for body in [mixed(size), [UInt8](repeating: 7, count: size)] {
            var compressor = PageCompressor(codec)
            let stored = body.withUnsafeBytes { Array(compressor.compress($0)) }
            #expect(decompress(stored, codec, size: size) == body)
        }
    }

    @Test(
        "A frame with raw blocks is one valid frame, whatever the sizes of its parts",
        arguments: [0, 1, 300, 131_072, 400_000], [0, 1, 2, 131_071, 131_072, 131_073, 400_000])
    func rawBlocks(prefix: Int, noise: Int) {
        guard prefix + noise > 0 else { return }
        for start in [mixed(prefix), [UInt8](repeating: 3, count: prefix)] {
            var random = Noise(seed: 9)
            let body = start + random.bytes(noise)
            var compressor = PageCompressor(.zstd)
            let stored = body.withUnsafeBytes { Array(compressor.compress($0, noiseFrom: prefix)) }
            #expect(decompress(stored, .zstd, size: body.count) == body)
            let frameSize = stored.withUnsafeBytes { ZSTD_findFrameCompressedSize($0.baseAddress, $0.count) }
            #expect(frameSize == stored.count)
            #expect(stored.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) } == UInt64(body.count))
            #expect(stored.count < body.count + 64)
        }
    }

    @Test("The levels before the noise are compressed")
    func prefixIsCompressed() {
        let prefix = [UInt8](repeating: 1, count: 50_000)
        var random = Noise(seed: 2)
        let body = prefix + random.bytes(50_000)
        var compressor = PageCompressor(.zstd)
        let size = body.withUnsafeBytes { compressor.compress($0, noiseFrom: prefix.count).count }
        #expect(size < 50_100)
    }

    @Test("A page's stored form does not depend on the pages before it", arguments: Compression.allCases)
    func noHistory(codec: Compression) {
        var used = PageCompressor(codec)
        for size in [10, 100_000, 3000] {
            let body = mixed(size)
            var fresh = PageCompressor(codec)
            let expected = body.withUnsafeBytes { Array(fresh.compress($0)) }
            #expect(body.withUnsafeBytes { Array(used.compress($0)) } == expected)
        }
    }

    /// Bytes of which half repeat.
    private func mixed(_ size: Int) -> [UInt8] {
        var noise = Noise(seed: UInt64(size))
        return (0..<size).map { $0 / 64 % 2 == 0 ? UInt8(truncatingIfNeeded: noise.next()) : UInt8($0 % 64) }
    }

    private func decompress(_ stored: [UInt8], _ codec: Compression, size: Int) -> [UInt8] {
        var body = [UInt8](repeating: 0, count: size)
        switch codec {
        case .none: return stored
        case .zstd:
            let found = body.withUnsafeMutableBytes { ZSTD_decompress($0.baseAddress, $0.count, stored, stored.count) }
            #expect(found == size)
        case .snappy:
            var found = size
            let status = body.withUnsafeMutableBytes { body in
                stored.withUnsafeBytes { stored in
                    snappy_uncompress(
                        stored.bindMemory(to: CChar.self).baseAddress, stored.count, body.bindMemory(to: CChar.self).baseAddress, &found)
                }
            }
            #expect(status == SNAPPY_OK && found == size)
        }
        return body
    }
}
