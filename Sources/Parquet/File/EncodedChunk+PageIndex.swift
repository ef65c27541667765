extension EncodedChunk {
    /// `ColumnIndex`: bounds and null counts of every page. nil where a page has values but no bounds (all NaN): the format then wants none.
    ///
    /// Source: Apache Parquet format, `PageIndex.md`, and `parquet.thrift`, `ColumnIndex`.
    func columnIndex() -> [UInt8]? {
        guard pages.allSatisfy({ $0.bounds != nil || $0.nulls == $0.rows }) else { return nil }
        var writer = CompactWriter()
        writer.element { index in
            index.field(1, listOf: .yes, count: pages.count) { list in
                for page in pages { list.element(page.bounds == nil) }
            }
            index.field(2, listOf: .binary, count: pages.count) { list in
                for page in pages { list.element(page.bounds?.low ?? []) }
            }
            index.field(3, listOf: .binary, count: pages.count) { list in
                for page in pages { list.element(page.bounds?.high ?? []) }
            }
            index.field(4, boundaryOrder.rawValue)
            index.field(5, listOf: .int64, count: pages.count) { list in
                for page in pages { list.element(Int64(page.nulls)) }
            }
        }
        return writer.bytes
    }

    /// `OffsetIndex`: where every page lies in the file, if the chunk starts at `start`.
    func offsetIndex(at start: Int64) -> [UInt8] {
        var writer = CompactWriter()
        writer.element { index in
            index.field(1, listOf: .structure, count: pages.count) { list in
                for page in pages {
                    list.element { location in
                        location.field(1, start + Int64(page.offset))
                        location.field(2, Int32(page.size))
                        location.field(3, Int64(page.firstRow))
                    }
                }
            }
        }
        return writer.bytes
    }

    /// Whether the bounds of successive pages, those without any left out, only rise or only fall.
    private var boundaryOrder: BoundaryOrder {
        let known = pages.compactMap(\.bounds)
        let neighbours = zip(known, known.dropFirst())
        if neighbours.allSatisfy({ $0.lowKey <= $1.lowKey && $0.highKey <= $1.highKey }) { return .ascending }
        if neighbours.allSatisfy({ $0.lowKey >= $1.lowKey && $0.highKey >= $1.highKey }) { return .descending }
        return .unordered
    }
}
