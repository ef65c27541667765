import Kernels
import Parquet
import Testing

@Suite("Packing of 16-bit numbers", .serialized)
struct NarrowPackingTests {
    @Test("every path packs as the packer of 32-bit numbers does, for every width and tail", arguments: 0..<Int(fleetsynth_paths()), 1...16)
    func equalsTheTwin(path: Int, width: Int) {
        fleetsynth_use_path(Int32(path))
        defer { fleetsynth_use_path(fleetsynth_paths() - 1) }
        for count in Array(1...41) + [1000, 4093] {
            for base in [0, 17, 65_536 - (1 << width)] {
                let values = (0..<count).map { index -> UInt16 in
                    let noise = UInt32(truncatingIfNeeded: index &* 2_654_435_761) >> UInt32(32 - width)
                    return UInt16(min(Int(index % 5 == 0 ? (1 << width) - 1 : Int(noise)), 65_535 - base) + base)
                }
                let size = BitPacker.packedSize(count: count, width: width)
                var packed = [UInt8](repeating: 0xA5, count: size + BitPacker.slack)
                fleetsynth_pack(values, Int32(count), UInt16(base), Int32(width), &packed)
                #expect(packed.suffix(8).allSatisfy { $0 == 0xA5 })
                var expected = [UInt8](repeating: 0, count: size + BitPacker.slack)
                let wide = values.map { Int32($0) }
                BitPacker.pack(wide, count: count, base: Int32(base), width: width, into: &expected)
                #expect(packed.prefix(size) == expected.prefix(size), "\(count) values from \(base)")
            }
        }
    }

    @Test("chunks of 16-bit and of 32-bit numbers are the same bytes", arguments: [Compression.none, .snappy, .zstd])
    func chunks(compression: Compression) {
        let layout = PageLayout(rowsPerPage: 700, compression: compression)
        let cache = DictionaryCache()
        for (bins, lowest) in [(9801, 100), (65_536, -300), (40, 7), (1, 5)] as [(Int, Int32)] {
            let narrow = (0..<5000).map { UInt16(truncatingIfNeeded: ($0 &* 40_503 &+ $0 / 7) % bins) }
            var counts = [UInt32](repeating: 0, count: bins)
            for value in narrow { counts[Int(value)] += 1 }
            let column = Column(name: "m", type: .double, nullable: true)
            let nulls = (0..<50).map { Int32($0 * 97) }
            let wide = narrow.map { lowest + Int32($0) }
            let expected = ChunkEncoder.decimals(
                wide.span, nullRows: nulls.span, rows: 5050, decimals: 2, lowest: lowest, counts: counts.span, column: column,
                layout: layout)
            // The second time the dictionary comes from the cache.
            for _ in 0..<2 {
                let chunk = ChunkEncoder.decimals(
                    narrow: narrow.span, nullRows: nulls.span, rows: 5050, decimals: 2, lowest: lowest, counts: counts.span, column: column,
                    layout: layout, cache: cache)
                #expect(chunk.bytes == expected.bytes)
            }
        }
    }
}
