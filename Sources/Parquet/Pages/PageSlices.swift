/// One data page's share of a chunk.
struct PageSlice {
    /// The rows, counted from the chunk's first.
    let rows: Range<Int>
    /// Which elements of the chunk's sorted null rows lie in the page.
    let nulls: Range<Int>
    /// Which elements of the chunk's non-null values lie in the page.
    let values: Range<Int>
}

/// Cuts a chunk into pages of equal row counts; the last may be shorter.
struct PageSlices: Sequence, IteratorProtocol {
    private let nullRows: UnsafeBufferPointer<Int32>
    private let rows: Int
    private let rowsPerPage: Int
    private var row = 0
    private var null = 0

    init(rows: Int, nullRows: UnsafeBufferPointer<Int32>, rowsPerPage: Int) {
        self.rows = rows
        self.nullRows = nullRows
        self.rowsPerPage = rowsPerPage
    }

    mutating func next() -> PageSlice? {
        guard row < rows else { return nil }
        let end = Swift.min(row + rowsPerPage, rows)
        var nextNull = null
        while nextNull < nullRows.count, Int(nullRows[nextNull]) < end {
            precondition(Int(nullRows[nextNull]) >= (nextNull == null ? row : Int(nullRows[nextNull - 1]) + 1), "null rows must ascend")
            nextNull += 1
        }
        defer {
            row = end
            null = nextNull
        }
        return PageSlice(rows: row..<end, nulls: null..<nextNull, values: row - null..<end - nextNull)
    }
}
