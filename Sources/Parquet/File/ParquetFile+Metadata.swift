extension ParquetFile {
    /// `FileMetaData` of `parquet.thrift`.
    func fileMetadata(columnIndexesAt: Int64, offsetIndexesAt: Int64) -> [UInt8] {
        var writer = CompactWriter()
        writer.element { file in
            // Version 2: the file uses logical types and encodings that the first version did not know.
            file.field(1, Int32(2))
            file.field(2, listOf: .structure, count: columns.count + 1) { list in
                list.element { root in
                    root.field(4, "schema")
                    root.field(5, Int32(columns.count))
                }
                for column in columns { column.write(to: &list) }
            }
            file.field(3, rows)
            file.field(4, listOf: .structure, count: rowGroups.count) { list in
                for (ordinal, group) in rowGroups.enumerated() {
                    list.element {
                        write(group, ordinal, columnIndexesAt: columnIndexesAt, offsetIndexesAt: offsetIndexesAt, to: &$0)
                    }
                }
            }
            if !metadata.isEmpty {
                file.field(5, listOf: .structure, count: metadata.count) { list in
                    for (key, value) in metadata {
                        list.element { pair in
                            pair.field(1, key)
                            pair.field(2, value)
                        }
                    }
                }
            }
            file.field(6, createdBy)
            // TYPE_ORDER for every column: bounds compare as the type defines.
            file.field(7, listOf: .structure, count: columns.count) { list in
                for _ in columns { list.element { order in order.field(1) { _ in } } }
            }
        }
        return writer.bytes
    }

    /// `RowGroup` of `parquet.thrift`.
    private func write(
        _ group: RowGroup, _ ordinal: Int, columnIndexesAt: Int64, offsetIndexesAt: Int64, to writer: inout CompactWriter
    ) {
        writer.field(1, listOf: .structure, count: group.chunks.count) { list in
            for (chunk, column) in zip(group.chunks, columns) {
                chunk.write(column, columnIndexesAt: columnIndexesAt, offsetIndexesAt: offsetIndexesAt, to: &list)
            }
        }
        writer.field(2, group.chunks.reduce(0) { $0 + $1.uncompressedSize })
        writer.field(3, group.rows)
        if !sortingColumns.isEmpty {
            writer.field(4, listOf: .structure, count: sortingColumns.count) { list in
                for sorting in sortingColumns {
                    list.element { column in
                        column.field(1, Int32(sorting.column))
                        column.field(2, sorting.descending)
                        column.field(3, sorting.nullsFirst)
                    }
                }
            }
        }
        writer.field(5, group.offset)
        writer.field(6, group.chunks.reduce(0) { $0 + $1.size })
        // The ordinal is a 16-bit integer; files with more row groups leave it out, as it is optional.
        if rowGroups.count <= Int(Int16.max) { writer.field(7, Int16(ordinal)) }
    }
}
