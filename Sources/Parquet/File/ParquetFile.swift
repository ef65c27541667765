/// Puts chunks together to a file: it tracks offsets and writes what surrounds the chunks, but never holds their bytes.
///
/// ```
/// header()    "PAR1"
/// append(_:)  row group: the caller stores the bytes of each chunk, in column order
/// append(_:)  ...
/// footer()    column indexes, offset indexes, file metadata, its length, "PAR1"
/// ```
/// A chunk's bytes must be stored right after what came before them, with nothing in between.
///
/// Source: Apache Parquet format, `README.md`, "File format", and `PageIndex.md`.
public struct ParquetFile: Sendable {
    /// A column by which the rows of every row group are sorted.
    public struct SortingColumn: Sendable, Equatable {
        /// Position in the schema.
        public let column: Int
        /// Whether large values come first.
        public let descending: Bool
        /// Whether nulls come first.
        public let nullsFirst: Bool

        /// - Parameters:
        ///   - column: Position in the schema.
        ///   - descending: Whether large values come first.
        ///   - nullsFirst: Whether nulls come first.
        public init(column: Int, descending: Bool = false, nullsFirst: Bool = false) {
            self.column = column
            self.descending = descending
            self.nullsFirst = nullsFirst
        }
    }

    static let magic: [UInt8] = Array("PAR1".utf8)

    /// The schema.
    public let columns: [Column]
    /// The rows appended so far.
    public private(set) var rows: Int64 = 0
    /// The bytes so far: where the next chunk or the footer goes.
    public private(set) var size: Int64 = 0
    /// The row groups appended so far.
    public var rowGroupCount: Int { rowGroups.count }

    let metadata: [(key: String, value: String)]
    let createdBy: String
    let sortingColumns: [SortingColumn]
    private(set) var rowGroups: [RowGroup] = []
    private(set) var columnIndexes: [UInt8] = []
    private(set) var offsetIndexes: [UInt8] = []

    /// - Parameters:
    ///   - columns: The schema: at least one column, with unique names.
    ///   - metadata: Key-value pairs of the footer, in this order.
    ///   - createdBy: Program and version, in the form `name version X (build Y)` that readers parse.
    ///   - sortingColumns: How the rows of every row group are sorted, most significant first; empty for unknown.
    public init(
        columns: [Column], metadata: [(key: String, value: String)] = [], createdBy: String, sortingColumns: [SortingColumn] = []
    ) {
        precondition(!columns.isEmpty && Set(columns.map(\.name)).count == columns.count, "columns need unique names")
        precondition(sortingColumns.allSatisfy { columns.indices.contains($0.column) }, "no such column to sort by")
        self.columns = columns
        self.metadata = metadata
        self.createdBy = createdBy
        self.sortingColumns = sortingColumns
    }

    /// The file's first bytes. Call it once, before all else.
    public mutating func header() -> [UInt8] {
        precondition(size == 0, "the header comes first")
        size = Int64(Self.magic.count)
        return Self.magic
    }

    /// Adds a row group: one chunk per column, in the order of the schema, all of the same number of rows.
    ///
    /// - Complexity: O(pages); keeps a few hundred bytes per chunk.
    public mutating func append(_ chunks: [EncodedChunk]) {
        precondition(size > 0, "the header comes first")
        precondition(chunks.count == columns.count && zip(chunks, columns).allSatisfy { $0.column == $1 }, "chunks must match the columns")
        let groupRows = chunks[0].rows
        precondition(chunks.allSatisfy { $0.rows == groupRows }, "the chunks of a row group have equally many rows")
        var group = RowGroup(rows: Int64(groupRows), offset: size, chunks: [])
        for chunk in chunks {
            let columnIndex = chunk.columnIndex().map { columnIndexes.appendSection($0) }
            let offsetIndex = offsetIndexes.appendSection(chunk.offsetIndex(at: size))
            group.chunks.append(PlacedChunk(chunk, at: size, columnIndex: columnIndex, offsetIndex: offsetIndex))
            size += Int64(chunk.bytes.count)
        }
        rows += Int64(groupRows)
        rowGroups.append(group)
    }

    /// The file's last bytes.
    public consuming func footer() -> [UInt8] {
        precondition(size > 0, "the header comes first")
        let indexStart = size
        let metadata = fileMetadata(columnIndexesAt: indexStart, offsetIndexesAt: indexStart + Int64(columnIndexes.count))
        precondition(metadata.count <= Int(Int32.max), "more metadata than a footer can hold")
        return columnIndexes + offsetIndexes + metadata + littleEndianBytes(UInt32(metadata.count)) + Self.magic
    }
}

/// A row group of the file.
struct RowGroup: Sendable {
    let rows: Int64
    let offset: Int64
    var chunks: [PlacedChunk]
}

extension [UInt8] {
    /// Appends `section` and tells where it lies.
    fileprivate mutating func appendSection(_ section: [UInt8]) -> Range<Int> {
        append(contentsOf: section)
        return count - section.count..<count
    }
}
