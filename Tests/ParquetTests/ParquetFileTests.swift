import Parquet
import Testing

@Suite("File assembly")
struct ParquetFileTests {
    private let column = Column(name: "flag", type: .boolean)

    @Test("The file is header, chunks and footer, and its size is known all along")
    func sizes() {
        let chunk = chunk(rows: 1000)
        var file = ParquetFile(columns: [column], createdBy: "test version 1 (build 1)")
        #expect(file.header() == Array("PAR1".utf8))
        #expect(file.size == 4)
        file.append([chunk])
        file.append([chunk])
        #expect(file.size == Int64(4 + 2 * chunk.bytes.count))
        #expect(file.rows == 2000 && file.rowGroupCount == 2)
        let footer = file.footer()
        #expect(footer.suffix(4) == Array("PAR1".utf8))
        let metadata = metadata(of: footer)
        #expect(metadata[1]?.integer == 2)
        #expect(metadata[3]?.integer == 2000)
        #expect(metadata[4]?.list.count == 2)
        #expect(metadata[6] == .binary(Array("test version 1 (build 1)".utf8)))
        #expect(metadata[5] == nil)
    }

    @Test("Metadata and sorting columns are written in their order")
    func metadata() {
        var file = ParquetFile(
            columns: [column], metadata: [("b", "1"), ("a", "ü")], createdBy: "t",
            sortingColumns: [.init(column: 0, descending: true, nullsFirst: true)])
        _ = file.header()
        file.append([chunk(rows: 8)])
        let metadata = metadata(of: file.footer())
        let pairs = metadata[5]?.list ?? []
        #expect(pairs.map { $0[1] } == [.binary([0x62]), .binary([0x61])])
        #expect(pairs.map { $0[2] } == [.binary([0x31]), .binary(Array("ü".utf8))])
        let sorting = metadata[4]?.list.first?[4]?.list.first
        #expect(sorting == .structure([1: .integer(0), 2: .boolean(true), 3: .boolean(true)]))
    }

    @Test("One chunk serves many row groups, and offsets go beyond four gigabytes")
    func largeOffsets() throws {
        let chunk = chunk(rows: 16_000_000)
        let groups = Int(5 << 30) / chunk.bytes.count + 1
        var file = ParquetFile(columns: [column], createdBy: "t")
        _ = file.header()
        for _ in 0..<groups { file.append([chunk]) }
        #expect(file.size > 5 << 30)
        #expect(file.rows == Int64(groups) * 16_000_000)
        let last = 4 + Int64(groups - 1) * Int64(chunk.bytes.count)
        let indexStart = file.size
        let footer = file.footer()
        let metadata = metadata(of: footer)
        let group = try #require(metadata[4]?.list.last)
        #expect(group[5]?.integer == last)
        #expect(group[7]?.integer == Int64(groups - 1))
        let placed = try #require(group[1]?.list.first)
        #expect(placed[3]?[9]?.integer == last)
        let offsetIndex = try #require(placed[4]?.integer)
        var reader = ThriftReader(footer, at: Int(offsetIndex - indexStart))
        let pages = try #require(reader.structure()[1]?.list)
        #expect(pages.first?[1]?.integer == last)
        #expect(Int64(reader.offset) == offsetIndex - indexStart + (placed[5]?.integer ?? 0))
    }

    @Test("More row groups than a 16-bit ordinal can count are written without ordinals")
    func manyGroups() {
        let chunk = chunk(rows: 1)
        var file = ParquetFile(columns: [column], createdBy: "t")
        _ = file.header()
        for _ in 0..<40_000 { file.append([chunk]) }
        let groups = metadata(of: file.footer())[4]?.list ?? []
        #expect(groups.count == 40_000)
        #expect(groups.allSatisfy { $0[7] == nil })
    }

    private func chunk(rows: Int) -> EncodedChunk {
        var noise = Noise(seed: 4)
        let values = (0..<rows).map { _ in noise.next() & 1 == 1 }
        return ChunkEncoder.booleans(
            values.span, nullRows: Span(), rows: rows, column: column, layout: PageLayout(compression: .none))
    }

    private func metadata(of footer: [UInt8]) -> ThriftReader.Value {
        let length = footer.dropLast(4).suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        var reader = ThriftReader(footer, at: footer.count - 8 - length)
        let value = reader.structure()
        #expect(reader.offset == footer.count - 8)
        return value
    }
}
