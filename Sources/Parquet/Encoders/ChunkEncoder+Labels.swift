extension ChunkEncoder {
    /// Encodes a column of labels that stay the same over runs of rows: a dictionary page of the labels that occur, sorted by their bytes,
    /// then runs of indices.
    ///
    /// - Parameters:
    ///   - runs: The labels, as positions in `dictionary`, and how many rows each run has (at least one), in row order.
    ///   - dictionary: All labels; those that do not occur in `runs` are left out.
    ///   - column: Of type utf8.
    ///   - layout: Pages.
    /// - Complexity: O(runs + dictionary + labels that occur * log), and O(rows) in pages whose runs are short.
    public static func labels(
        runs: [(label: Int, rows: Int)], dictionary: [String], column: Column, layout: PageLayout
    ) -> EncodedChunk {
        let rows = runs.reduce(0) { $0 + $1.rows }
        check(values: rows, nulls: 0, rows: rows, column: column, types: .utf8)
        let labels = SortedLabels(runs.map(\.label), of: dictionary)
        let width = BitPacker.width(forLargest: labels.entries.count - 1)
        let dictionarySize = labels.entries.reduce(0) { $0 + 4 + $1.count }
        var builder = ChunkBuilder(
            column: column, layout: layout, encoding: .rleDictionary, expectedSize: dictionarySize + runs.count * 4 + 4096)
        builder.appendDictionary(entries: labels.entries.count) { body in
            body.reserve(dictionarySize)
            for label in labels.entries {
                body.append(littleEndian: UInt32(label.count))
                label.withUnsafeBytes { body.append($0) }
            }
        }
        var cursor = RunCursor(runs: runs, ranks: labels.ranks)
        let noNulls = UnsafeBufferPointer<Int32>(start: nil, count: 0)
        for slice in PageSlices(rows: rows, nullRows: noNulls, rowsPerPage: layout.rowsPerPage) {
            let page = cursor.next(slice.rows.count)
            builder.appendPage(slice, nullRows: noNulls, bounds: bounds(page, labels.entries)) { body in
                append(page, rows: slice.rows.count, width: width, to: &body)
            }
        }
        return builder.finish(rows: rows, distinctCount: labels.entries.count)
    }

    private static func append(_ page: [RunCursor.Run], rows: Int, width: Int, to body: inout ByteBuffer) {
        body.append(UInt8(width))
        let repeated = page.reduce(0) { $0 + HybridRuns.repeatedSize(count: $1.rows, width: width) }
        if repeated <= HybridRuns.packedSize(count: rows, width: width) {
            for run in page { HybridRuns.appendRepeated(run.rank, count: run.rows, width: width, to: &body) }
        } else {
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows) { indices in
                var row = 0
                for run in page {
                    for _ in 0..<run.rows {
                        indices.initializeElement(at: row, to: run.rank)
                        row += 1
                    }
                }
                guard let start = indices.baseAddress else { return }
                HybridRuns.appendPacked(start, count: rows, base: 0, width: width, to: &body)
            }
        }
    }

    private static func bounds(_ page: [RunCursor.Run], _ entries: [[UInt8]]) -> ValueBounds? {
        guard let low = page.map(\.rank).min(), let high = page.map(\.rank).max() else { return nil }
        return ValueBounds(lowKey: Int64(low), highKey: Int64(high), low: entries[Int(low)], high: entries[Int(high)])
    }
}

/// The labels that occur, in ascending order of their UTF-8 bytes (which is not the order of Swift strings), each once.
private struct SortedLabels {
    let entries: [[UInt8]]
    /// Index into `entries` by position in the caller's dictionary; -1 where the label does not occur.
    let ranks: [Int32]

    init(_ used: [Int], of dictionary: [String]) {
        var occurs = [Bool](repeating: false, count: dictionary.count)
        for label in used { occurs[label] = true }
        let present = dictionary.indices.filter { occurs[$0] }.map { (position: $0, bytes: Array(dictionary[$0].utf8)) }
            .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        var entries: [[UInt8]] = []
        var ranks = [Int32](repeating: -1, count: dictionary.count)
        for label in present {
            if entries.last != label.bytes { entries.append(label.bytes) }
            ranks[label.position] = Int32(entries.count - 1)
        }
        self.entries = entries
        self.ranks = ranks
    }
}

/// Hands out the runs page by page, cut at page borders and with equal neighbours joined.
private struct RunCursor {
    struct Run {
        let rank: Int32
        var rows: Int
    }

    private let runs: [(label: Int, rows: Int)]
    private let ranks: [Int32]
    private var index = 0
    private var used = 0

    init(runs: [(label: Int, rows: Int)], ranks: [Int32]) {
        precondition(runs.allSatisfy { $0.rows > 0 }, "a run has at least one row")
        self.runs = runs
        self.ranks = ranks
    }

    /// The runs of the next `rows` rows.
    mutating func next(_ rows: Int) -> [Run] {
        var page: [Run] = []
        var missing = rows
        while missing > 0 {
            let run = runs[index]
            let taken = min(missing, run.rows - used)
            if let last = page.last, last.rank == ranks[run.label] {
                page[page.count - 1].rows += taken
            } else {
                page.append(Run(rank: ranks[run.label], rows: taken))
            }
            missing -= taken
            used += taken
            if used == run.rows {
                index += 1
                used = 0
            }
        }
        return page
    }
}
