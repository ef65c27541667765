/// One encoded column chunk: its bytes, and what a file's footer says about them relative to the chunk's first byte.
///
/// A chunk does not know where it will lie, so the same chunk may be appended to any number of row groups: copies share the bytes.
public struct EncodedChunk: Sendable {
    /// Dictionary page, if any, then data pages, each with its header. To be stored as they are.
    public let bytes: [UInt8]
    /// The rows, nulls included.
    public let rows: Int
    /// The column the chunk was made for.
    public let column: Column
    /// The rows that are null.
    public var nullCount: Int { pages.reduce(0) { $0 + $1.nulls } }
    /// Size of all headers and of all page bodies before compression, in bytes.
    public let uncompressedSize: Int

    let compression: Compression
    /// The dictionary page's size with header, 0 without one: the first data page starts there.
    let dictionaryPageSize: Int
    /// The encoding of every data page's values.
    let encoding: Encoding
    let pages: [PageSummary]
    /// The number of distinct values, where it is known exactly.
    let distinctCount: Int?
}

/// One data page inside its chunk.
struct PageSummary: Sendable {
    /// Offset of the header from the chunk's first byte.
    let offset: Int
    /// Size in bytes, header included.
    let size: Int
    /// The page's first row, counted from the chunk's first.
    let firstRow: Int
    let rows: Int
    let nulls: Int
    /// The smallest and the largest value; nil where no value can be compared (all null or NaN).
    let bounds: ValueBounds?
}

/// The smallest and the largest of some values, plain-encoded for statistics, with keys that sort as the values do.
struct ValueBounds: Sendable {
    let lowKey: Int64
    let highKey: Int64
    let low: [UInt8]
    let high: [UInt8]
}

extension EncodedChunk {
    /// The bounds of the whole chunk; nil where no value can be compared.
    var bounds: ValueBounds? {
        let known = pages.compactMap(\.bounds)
        guard let low = known.min(by: { $0.lowKey < $1.lowKey }), let high = known.max(by: { $0.highKey < $1.highKey }) else { return nil }
        return ValueBounds(lowKey: low.lowKey, highKey: high.highKey, low: low.low, high: high.high)
    }
}
