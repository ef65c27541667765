/// Collects the pages of one chunk.
struct ChunkBuilder: ~Copyable {
    /// Values whose first page shrinks by less than this share are stored without further attempts: below it readers pay more for
    /// decompression than they save in reading.
    private static let worthwhileShare = 1.0 / 32

    /// Bytes of the first page's values that are tried: all of a page of noise would take as long as making it.
    private static let sampleSize = 16 << 10

    private let column: Column
    let layout: PageLayout
    private let encoding: Encoding
    private var bytes: [UInt8] = []
    private var body = ByteBuffer()
    private var compressor: PageCompressor
    private var pages: [PageSummary] = []
    private var dictionaryPageSize = 0
    private var uncompressedSize = 0
    private var valuesCompress: Bool?

    /// - Parameters:
    ///   - encoding: The encoding of every data page.
    ///   - expectedSize: A guess at the chunk's bytes, so that they are not moved while they grow.
    init(column: Column, layout: PageLayout, encoding: Encoding, expectedSize: Int) {
        self.column = column
        self.layout = layout
        self.encoding = encoding
        compressor = PageCompressor(layout.compression)
        bytes.reserveCapacity(expectedSize)
    }

    /// Appends the dictionary page; must come before all data pages.
    ///
    /// - Parameter fill: Writes `entries` plain values in ascending order.
    mutating func appendDictionary(entries: Int, _ fill: (inout ByteBuffer) -> Void) {
        precondition(bytes.isEmpty, "the dictionary page comes first")
        body.removeAll()
        fill(&body)
        append(compressor.compress(body.bytes), as: .dictionary(entries: entries))
        dictionaryPageSize = bytes.count
    }

    /// The same with a page that `cache` may hold already.
    mutating func appendDictionary(
        entries: Int, cache: DictionaryCache?, key: DictionaryCache.Key, _ fill: (inout ByteBuffer) -> Void
    ) {
        if let page = cache?[key] {
            bytes.append(contentsOf: page.bytes)
            uncompressedSize += page.uncompressedSize
            dictionaryPageSize = bytes.count
        } else {
            appendDictionary(entries: entries, fill)
            cache?[key] = DictionaryCache.Page(bytes: bytes, uncompressedSize: uncompressedSize)
        }
    }

    /// Appends a data page.
    ///
    /// - Parameters:
    ///   - slice: The rows of the page.
    ///   - nullRows: The sorted null rows of the whole chunk.
    ///   - bounds: The smallest and the largest value of the page.
    ///   - fill: Writes the values that are not null.
    mutating func appendPage(
        _ slice: PageSlice, nullRows: UnsafeBufferPointer<Int32>, bounds: ValueBounds?, _ fill: (inout ByteBuffer) -> Void
    ) {
        body.removeAll()
        if column.nullable {
            let nulls = UnsafeBufferPointer(rebasing: nullRows[slice.nulls])
            DefinitionLevels.append(nullRows: nulls, firstRow: slice.rows.lowerBound, rows: slice.rows.count, to: &body)
        } else {
            precondition(slice.nulls.isEmpty, "a column that is not nullable has no nulls")
        }
        let valuesStart = body.count
        fill(&body)
        let offset = bytes.count
        append(stored(valuesStart: valuesStart), as: .data(rows: slice.rows.count, encoding: encoding))
        pages.append(
            PageSummary(
                offset: offset, size: bytes.count - offset, firstRow: slice.rows.lowerBound, rows: slice.rows.count,
                nulls: slice.nulls.count, bounds: bounds))
    }

    /// The chunk.
    consuming func finish(rows: Int, distinctCount: Int?) -> EncodedChunk {
        EncodedChunk(
            bytes: bytes, rows: rows, column: column, uncompressedSize: uncompressedSize, compression: layout.compression,
            dictionaryPageSize: dictionaryPageSize, encoding: encoding, pages: pages, distinctCount: distinctCount)
    }

    /// The stored form of the data page in `body`.
    ///
    /// The first page that has values tells, by a sample, whether they compress. If not, as with bit-packed noise, they are stored raw in
    /// all pages, levels too: compressing those took a twentieth of a panel's time and saved half a per cent of its bytes.
    private mutating func stored(valuesStart: Int) -> UnsafeRawBufferPointer {
        if valuesCompress == nil, body.count > valuesStart {
            let sample = UnsafeRawBufferPointer(rebasing: body.bytes[valuesStart...].prefix(Self.sampleSize))
            let saved = sample.count - compressor.compress(sample).count
            valuesCompress = Double(saved) >= Double(sample.count) * Self.worthwhileShare
        }
        return valuesCompress == true ? compressor.compress(body.bytes) : compressor.compress(body.bytes, noiseFrom: 0)
    }

    private mutating func append(_ stored: UnsafeRawBufferPointer, as kind: PageHeader.Kind) {
        let checksum = layout.checksums ? CRC32.checksum(stored) : nil
        let header = PageHeader(kind: kind, uncompressedSize: body.count, storedSize: stored.count, checksum: checksum).encoded
        bytes.append(contentsOf: header)
        bytes.append(contentsOf: stored)
        uncompressedSize += header.count + body.count
    }
}
