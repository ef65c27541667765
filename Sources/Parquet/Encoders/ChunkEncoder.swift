/// Encodes one column of one row group into a chunk.
///
/// All functions are pure: the chunk depends on the arguments alone, so any thread may encode any chunk in any order. They allocate per
/// page, never per value.
///
/// Common parameters:
/// - `nullRows`: the row numbers, 0 ..< `rows`, that are null, ascending, each once. Values are given for the other rows only.
/// - `rows`: the chunk's rows, nulls included, 1 ..< 2^31.
/// - `column`: must be nullable if there are nulls.
/// - `layout`: page size, codec and checksums.
public enum ChunkEncoder {
    /// Checks what all encoders ask of their callers.
    static func check(values: Int, nulls: Int, rows: Int, column: Column, types: ColumnType...) {
        precondition(rows > 0 && rows <= Int(Int32.max), "a chunk has 1 ..< 2^31 rows")
        precondition(values + nulls == rows, "values and nulls must add up to the rows")
        precondition(types.contains(column.type), "the column's type does not fit the encoder")
    }

    /// A chunk in which every row is null: levels only, and no dictionary, since some readers stumble over an empty one.
    static func allNull(_ nullRows: UnsafeBufferPointer<Int32>, rows: Int, column: Column, layout: PageLayout) -> EncodedChunk {
        var builder = ChunkBuilder(column: column, layout: layout, encoding: .plain, expectedSize: 1024)
        for slice in PageSlices(rows: rows, nullRows: nullRows, rowsPerPage: layout.rowsPerPage) {
            builder.appendPage(slice, nullRows: nullRows, bounds: nil) { _ in }
        }
        return builder.finish(rows: rows, distinctCount: 0)
    }
}
