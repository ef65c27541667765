/// What the footer says of one chunk: everything but its bytes and pages.
struct PlacedChunk: Sendable {
    let offset: Int64
    let size: Int64
    let uncompressedSize: Int64
    let rows: Int64
    let nulls: Int64
    let pages: Int32
    let dictionaryPageSize: Int64
    let encoding: Encoding
    let compression: Compression
    let distinctCount: Int64?
    let low: [UInt8]?
    let high: [UInt8]?
    /// Where the indexes lie, counted from the first column index and the first offset index of the file.
    let columnIndex: Range<Int>?
    let offsetIndex: Range<Int>

    init(_ chunk: EncodedChunk, at offset: Int64, columnIndex: Range<Int>?, offsetIndex: Range<Int>) {
        let bounds = chunk.bounds
        self.offset = offset
        size = Int64(chunk.bytes.count)
        uncompressedSize = Int64(chunk.uncompressedSize)
        rows = Int64(chunk.rows)
        nulls = Int64(chunk.nullCount)
        pages = Int32(chunk.pages.count)
        dictionaryPageSize = Int64(chunk.dictionaryPageSize)
        encoding = chunk.encoding
        compression = chunk.compression
        distinctCount = chunk.distinctCount.map(Int64.init)
        low = bounds?.low
        high = bounds?.high
        self.columnIndex = columnIndex
        self.offsetIndex = offsetIndex
    }

    /// Writes `ColumnChunk` of `parquet.thrift`.
    func write(_ column: Column, columnIndexesAt: Int64, offsetIndexesAt: Int64, to writer: inout CompactWriter) {
        writer.element { chunk in
            // Field 2, an offset to a second copy of the metadata, is deprecated and 0 where there is none.
            chunk.field(2, Int64(0))
            chunk.field(3) { writeMetadata(column, to: &$0) }
            chunk.field(4, offsetIndexesAt + Int64(offsetIndex.lowerBound))
            chunk.field(5, Int32(offsetIndex.count))
            if let columnIndex {
                chunk.field(6, columnIndexesAt + Int64(columnIndex.lowerBound))
                chunk.field(7, Int32(columnIndex.count))
            }
        }
    }

    private func writeMetadata(_ column: Column, to metadata: inout CompactWriter) {
        let encodings: [Encoding] = encoding == .rleDictionary ? [.plain, .rle, .rleDictionary] : [encoding, .rle]
        metadata.field(1, column.type.physicalType.rawValue)
        metadata.field(2, listOf: .int32, count: encodings.count) { list in
            for encoding in encodings { list.element(encoding.rawValue) }
        }
        metadata.field(3, listOf: .binary, count: 1) { $0.element(column.name) }
        metadata.field(4, compression.code)
        metadata.field(5, rows)
        metadata.field(6, uncompressedSize)
        metadata.field(7, size)
        metadata.field(9, offset + dictionaryPageSize)
        if dictionaryPageSize > 0 { metadata.field(11, offset) }
        metadata.field(12) { writeStatistics(to: &$0) }
        metadata.field(13, listOf: .structure, count: dictionaryPageSize > 0 ? 2 : 1) { list in
            if dictionaryPageSize > 0 { writePageCount(.dictionary, .plain, 1, to: &list) }
            writePageCount(.data, encoding, pages, to: &list)
        }
    }

    private func writeStatistics(to statistics: inout CompactWriter) {
        // Fields 1 and 2 are the deprecated bounds of an undefined order.
        statistics.field(3, nulls)
        if let distinctCount { statistics.field(4, distinctCount) }
        guard let low, let high else { return }
        statistics.field(5, high)
        statistics.field(6, low)
        statistics.field(7, true)
        statistics.field(8, true)
    }

    private func writePageCount(_ type: PageType, _ encoding: Encoding, _ count: Int32, to list: inout CompactWriter) {
        list.element { pages in
            pages.field(1, type.rawValue)
            pages.field(2, encoding.rawValue)
            pages.field(3, count)
        }
    }
}
