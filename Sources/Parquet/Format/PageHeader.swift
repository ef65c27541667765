/// The header that precedes every page.
///
/// Source: Apache Parquet format, `parquet.thrift`, `PageHeader`.
struct PageHeader {
    enum Kind {
        /// `rows` counts nulls too.
        case data(rows: Int, encoding: Encoding)
        /// The entries ascend.
        case dictionary(entries: Int)
    }

    let kind: Kind
    let uncompressedSize: Int
    let storedSize: Int
    /// Of the body as stored.
    let checksum: UInt32?

    var encoded: [UInt8] {
        var writer = CompactWriter()
        writer.element { header in
            let type: PageType = if case .data = kind { .data } else { .dictionary }
            header.field(1, type.rawValue)
            header.field(2, Int32(uncompressedSize))
            header.field(3, Int32(storedSize))
            if let checksum { header.field(4, Int32(bitPattern: checksum)) }
            switch kind {
            case .data(let rows, let encoding):
                header.field(5) { page in
                    page.field(1, Int32(rows))
                    page.field(2, encoding.rawValue)
                    page.field(3, Encoding.rle.rawValue)
                    page.field(4, Encoding.rle.rawValue)
                }
            case .dictionary(let entries):
                header.field(7) { page in
                    page.field(1, Int32(entries))
                    page.field(2, Encoding.plain.rawValue)
                    page.field(3, true)
                }
            }
        }
        return writer.bytes
    }
}
