import Parquet

/// Streams a table as one Parquet file: pieces of its row groups are made in parallel and handed on in order.
///
/// ```
/// (group, piece) tasks  ->  in order  ->  sink(bytes)         a piece is some columns of a row group, next to each other
/// ```
/// Memory: three pieces per thread and what the footer says of each chunk.
struct TableWriter {
    let columns: [Column]
    /// How many of the first columns the rows are sorted by.
    let sortedBy: Int
    let groups: Int
    /// Pieces of each row group.
    let pieces: Int
    let threads: Int

    /// Some columns of a row group, and what was found on the way.
    struct Piece<Found: Sendable>: Sendable {
        let chunks: [EncodedChunk]
        let found: Found
    }

    /// - Parameters:
    ///   - metadata: Key-value pairs of the footer.
    ///   - make: Makes a piece; on any thread, in any order.
    ///   - sink: Takes the file's bytes, front to back, where the caller runs.
    ///   - take: Gets what was found, piece by piece in order.
    /// - Returns: The table's rows.
    func write<Found: Sendable>(
        metadata: [(key: String, value: String)], make: @escaping @Sendable (_ group: Int, _ piece: Int) -> Piece<Found>,
        sink: ([UInt8]) async throws -> Void, take: (_ piece: Int, _ done: Double, Found) -> Void
    ) async throws -> Int {
        var file = ParquetFile(
            columns: columns, metadata: metadata, createdBy: PanelWriter.createdBy,
            sortingColumns: (0..<sortedBy).map { ParquetFile.SortingColumn(column: $0) })
        try await sink(file.header())
        var group: [EncodedChunk] = []
        let (pieces, total) = (pieces, groups * pieces)
        try await OrderedPieces.forEach(count: total, window: 3 * threads, make: { make($0 / pieces, $0 % pieces) }) { index, piece in
            for chunk in piece.chunks {
                try Task.checkCancellation()
                try await sink(chunk.bytes)
            }
            group += piece.chunks
            if index % pieces == pieces - 1 {
                file.append(group)
                group.removeAll(keepingCapacity: true)
            }
            take(index % pieces, Double(index + 1) / Double(total), piece.found)
        }
        let rows = Int(file.rows)
        try await sink(file.footer())
        return rows
    }
}

extension TableWriter {
    /// The layout of a dataset's tables.
    static func layout(_ output: OutputSpec) -> PageLayout {
        let compression: Compression =
            switch output.compression {
            case .zstd: .zstd
            case .snappy: .snappy
            case .none: .none
            }
        // BYTE_STREAM_SPLIT would make full-precision columns a ninth smaller, but fastparquet cannot read it (2026.9).
        return PageLayout(compression: compression, splitsBytes: false)
    }

    /// Texts of a column, one per row.
    static func texts(_ rows: [String], _ column: Column, _ layout: PageLayout) -> EncodedChunk {
        var places: [String: Int] = [:]
        var dictionary: [String] = []
        var runs: [(label: Int, rows: Int)] = []
        for text in rows {
            let place = places[text] ?? dictionary.count
            if place == dictionary.count {
                places[text] = place
                dictionary.append(text)
            }
            if let last = runs.last, last.label == place { runs[runs.count - 1].rows += 1 } else { runs.append((place, 1)) }
        }
        return ChunkEncoder.labels(runs: runs, dictionary: dictionary, column: column, layout: layout)
    }

    /// Times or 32-bit numbers of a column, one per row; nil is null.
    static func integers(_ rows: [Int64?], _ column: Column, _ layout: PageLayout) -> EncodedChunk {
        let present = rows.compactMap(\.self)
        let dictionary = Array(Set(present)).sorted()
        var places: [Int64: Int32] = [:]
        for (place, value) in dictionary.enumerated() { places[value] = Int32(place) }
        let indices = present.compactMap { places[$0] }
        let nulls = nullRows(rows)
        return ChunkEncoder.integers(
            indices.span, dictionary: dictionary, nullRows: nulls.span, rows: rows.count, column: column, layout: layout)
    }

    /// Numbers of a column, one per row; nil is null.
    static func numbers(_ rows: [Double?], _ column: Column, _ layout: PageLayout) -> EncodedChunk {
        let present = rows.compactMap(\.self)
        let nulls = nullRows(rows)
        return ChunkEncoder.doubles(present.span, nullRows: nulls.span, rows: rows.count, column: column, layout: layout)
    }

    /// Flags of a column, one per row.
    static func flags(_ rows: [Bool], _ column: Column, _ layout: PageLayout) -> EncodedChunk {
        ChunkEncoder.booleans(rows.span, nullRows: [Int32]().span, rows: rows.count, column: column, layout: layout)
    }

    private static func nullRows<Value>(_ rows: [Value?]) -> [Int32] {
        rows.indices.lazy.filter { rows[$0] == nil }.map(Int32.init)
    }
}
