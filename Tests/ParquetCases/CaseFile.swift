import Parquet

/// One test file: rows as plain values, and how they are to be written.
struct CaseFile {
    /// The values of a column, one per row; nil is null.
    enum Values {
        case labels([String])
        /// Microseconds or days since 1970-01-01, or plain numbers, as the column's type says.
        case times([Int64?])
        /// Scaled integers, and how many decimals they carry.
        case decimals([Int32?], decimals: Int)
        case doubles([Double?])
        case flags([Bool?])
    }

    var name: String
    var columns: [(column: Column, values: Values)]
    var layout = PageLayout()
    /// Rows of each row group.
    var rowGroups: [Int]
    var sortingColumns: [ParquetFile.SortingColumn] = []

    /// The file's bytes.
    var bytes: [UInt8] {
        var file = ParquetFile(
            columns: columns.map(\.column), metadata: [("case", name), ("note", "Größe ≠ Länge")],
            createdBy: "parquet-cases version 1.0.0 (build test)", sortingColumns: sortingColumns)
        var bytes = file.header()
        var first = 0
        for rows in rowGroups {
            let chunks = columns.map { Self.encode($0.values, first..<first + rows, $0.column, layout) }
            file.append(chunks)
            for chunk in chunks { bytes += chunk.bytes }
            first += rows
        }
        return bytes + file.footer()
    }

    private static func encode(_ values: Values, _ rows: Range<Int>, _ column: Column, _ layout: PageLayout) -> EncodedChunk {
        switch values {
        case .labels(let labels): encode(Array(labels[rows]), column, layout)
        case .times(let times): encode(Array(times[rows]), column, layout)
        case .decimals(let integers, let decimals): encode(Array(integers[rows]), decimals, column, layout)
        case .doubles(let numbers): encode(Array(numbers[rows]), column, layout)
        case .flags(let flags): encode(Array(flags[rows]), column, layout)
        }
    }

    private static func encode(_ numbers: [Double?], _ column: Column, _ layout: PageLayout) -> EncodedChunk {
        let present = numbers.compactMap(\.self)
        let nulls = nullRows(numbers)
        return ChunkEncoder.doubles(present.span, nullRows: nulls.span, rows: numbers.count, column: column, layout: layout)
    }

    private static func encode(_ flags: [Bool?], _ column: Column, _ layout: PageLayout) -> EncodedChunk {
        let present = flags.compactMap(\.self)
        let nulls = nullRows(flags)
        return ChunkEncoder.booleans(present.span, nullRows: nulls.span, rows: flags.count, column: column, layout: layout)
    }

    private static func encode(_ labels: [String], _ column: Column, _ layout: PageLayout) -> EncodedChunk {
        // Sorting in reverse makes sure that the encoder, not the caller, orders the dictionary; one entry never occurs.
        let dictionary = Array(Set(labels + ["never used"])).sorted(by: >)
        var runs: [(label: Int, rows: Int)] = []
        for label in labels {
            let position = dictionary.firstIndex(of: label) ?? 0
            if let last = runs.last, last.label == position {
                runs[runs.count - 1].rows += 1
            } else {
                runs.append((position, 1))
            }
        }
        return ChunkEncoder.labels(runs: runs, dictionary: dictionary, column: column, layout: layout)
    }

    private static func encode(_ times: [Int64?], _ column: Column, _ layout: PageLayout) -> EncodedChunk {
        let present = times.compactMap(\.self)
        let dictionary = Array(Set(present)).sorted()
        let positions = Dictionary(uniqueKeysWithValues: dictionary.enumerated().map { ($1, Int32($0)) })
        let indices = present.compactMap { positions[$0] }
        let nulls = nullRows(times)
        return ChunkEncoder.integers(
            indices.span, dictionary: dictionary, nullRows: nulls.span, rows: times.count, column: column, layout: layout)
    }

    private static func encode(_ integers: [Int32?], _ decimals: Int, _ column: Column, _ layout: PageLayout) -> EncodedChunk {
        let present = integers.compactMap(\.self)
        let lowest = (present.min() ?? 0) - 3
        var counts = [UInt32](repeating: 0, count: Int((present.max() ?? 0) - lowest) + 5)
        for value in present { counts[Int(value - lowest)] += 1 }
        let nulls = nullRows(integers)
        return ChunkEncoder.decimals(
            present.span, nullRows: nulls.span, rows: integers.count, decimals: decimals, lowest: lowest,
            counts: counts.span, column: column, layout: layout)
    }

    private static func nullRows<Value>(_ values: [Value?]) -> [Int32] {
        values.enumerated().compactMap { $1 == nil ? Int32($0) : nil }
    }
}
