// The numbers of Parquet's enumerations. Source: Apache Parquet format, `parquet.thrift`.

enum PhysicalType: Int32, Sendable {
    case boolean = 0
    case int32 = 1
    case int64 = 2
    case float = 4
    case double = 5
    case byteArray = 6
}

enum ConvertedType: Int32, Sendable {
    case utf8 = 0
    case date = 6
    case timestampMicros = 10
}

enum Encoding: Int32, Sendable {
    case plain = 0
    case rle = 3
    case rleDictionary = 8
    case byteStreamSplit = 9
}

enum PageType: Int32, Sendable {
    case data = 0
    case dictionary = 2
}

enum BoundaryOrder: Int32, Sendable {
    case unordered = 0
    case ascending = 1
    case descending = 2
}

extension Compression {
    /// The number of `CompressionCodec`.
    var code: Int32 {
        switch self {
        case .none: 0
        case .snappy: 1
        case .zstd: 6
        }
    }
}

extension ColumnType {
    var physicalType: PhysicalType {
        switch self {
        case .utf8: .byteArray
        case .timestampMicros, .instantMicros: .int64
        case .date32, .int32: .int32
        case .double: .double
        case .float: .float
        case .boolean: .boolean
        }
    }

    /// The annotation of readers older than logical types. A local timestamp has no exact twin there, but `LogicalTypes.md` says that
    /// writers must still give it TIMESTAMP_MICROS.
    var convertedType: ConvertedType? {
        switch self {
        case .utf8: .utf8
        case .timestampMicros, .instantMicros: .timestampMicros
        case .date32: .date
        case .int32, .double, .float, .boolean: nil
        }
    }
}
