import Parquet
import Testing

@Suite("Chunk encoders")
struct ChunkEncoderTests {
    @Test("Noise costs its index bits, compressed nulls and dictionary, and nothing else")
    func noiseIsStored() {
        let bits = encoded(noise(values: 200_000, nulls: 1000), .zstd)
        let floor = 200_000 * 14 / 8
        #expect(bits.bytes.count > floor)
        #expect(bits.bytes.count < floor + 20_000)
        #expect(bits.nullCount == 1000)
        // Without a codec the dictionary alone takes 78 KB.
        #expect(encoded(noise(values: 200_000, nulls: 1000), .none).bytes.count > floor + 78_000)
    }

    @Test("A repeated pattern is found and compressed", arguments: [Compression.snappy, .zstd])
    func patternsAreCompressed(codec: Compression) {
        let values = (0..<200_000).map { Int32($0 % 1461 * 6 % 5003) }
        // Thirteen bits an index without compression.
        #expect(encoded((values, []), codec).bytes.count < 200_000 * 13 / 8 / 2)
    }

    @Test("The same arguments give the same bytes", arguments: Compression.allCases)
    func deterministic(codec: Compression) {
        let input = noise(values: 100_000, nulls: 500)
        #expect(encoded(input, codec).bytes == encoded(input, codec).bytes)
    }

    @Test("Panel times shrink to almost nothing, whatever the number of servers")
    func times() {
        let dictionary = (0..<1461).map { Int64($0) * 86_400_000_000 }
        let indices = (0..<1461 * 700).map { Int32($0 % 1461) }
        let chunk = ChunkEncoder.integers(
            indices.span, dictionary: dictionary, nullRows: Span(), rows: indices.count,
            column: Column(name: "date", type: .timestampMicros), layout: PageLayout())
        #expect(chunk.rows == 1461 * 700)
        #expect(chunk.bytes.count < chunk.rows / 20)
    }

    @Test("Long runs of labels cost a few bytes each, short ones their bits")
    func labels() {
        let column = Column(name: "region", type: .utf8)
        let names = (0..<16).map { "region-\($0)" }
        let layout = PageLayout(compression: .none)
        let long = ChunkEncoder.labels(
            runs: (0..<700).map { (label: $0 % 16, rows: 1461) }, dictionary: names, column: column, layout: layout)
        #expect(long.bytes.count < 700 * 4 + 2000)
        let short = ChunkEncoder.labels(
            runs: (0..<100_000).map { (label: $0 * $0 % 16, rows: 1) }, dictionary: names, column: column, layout: layout)
        #expect(short.bytes.count < 100_000 / 2 + 1000)
    }

    @Test("Switching checksums off changes the page headers only")
    func checksums() {
        let input = noise(values: 1000, nulls: 0)
        let with = encoded(input, .none)
        let without = encoded(input, .none, checksums: false)
        // Dictionary page and data page: a field header and up to five bytes each.
        #expect((4...12).contains(with.bytes.count - without.bytes.count))
    }

    private typealias Input = (values: [Int32], nulls: [Int32])

    private func noise(values: Int, nulls: Int) -> Input {
        var noise = Noise(seed: 3)
        let values = (0..<values).map { _ in 100 + Int32(noise.next() % 9801) }
        return (values, (0..<nulls).map { Int32($0 * 100 + 7) })
    }

    private func encoded(_ input: Input, _ codec: Compression, checksums: Bool = true) -> EncodedChunk {
        var counts = [UInt32](repeating: 0, count: 10_000)
        for value in input.values { counts[Int(value)] += 1 }
        let column = Column(name: "metric", type: .double, nullable: true)
        let layout = PageLayout(compression: codec, checksums: checksums)
        return ChunkEncoder.decimals(
            input.values.span, nullRows: input.nulls.span, rows: input.values.count + input.nulls.count, decimals: 2, lowest: 0,
            counts: counts.span, column: column, layout: layout)
    }
}
