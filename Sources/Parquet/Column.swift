/// How page bodies are compressed, for every column of a chunk.
///
/// Source: Apache Parquet format, `CompressionCodec`. The levels and rules of use are in `PageCompressor`.
public enum Compression: Sendable, Equatable, CaseIterable {
    case none, snappy, zstd
}

/// What a column holds, as readers see it.
///
/// Source: Apache Parquet format, `LogicalTypes.md`.
public enum ColumnType: Sendable, Equatable, CaseIterable {
    /// BYTE_ARRAY, STRING.
    case utf8
    /// INT64, microseconds since 1970-01-01T00:00:00 of a local clock (no time zone).
    case timestampMicros
    /// INT64, microseconds since 1970-01-01T00:00:00Z.
    case instantMicros
    /// INT32, days since 1970-01-01.
    case date32
    /// INT32, a plain signed number.
    case int32
    case double, float, boolean
}

/// One column of the schema. Schemas are flat.
public struct Column: Sendable, Equatable {
    /// The name, unique within the file.
    public let name: String
    /// What its values are.
    public let type: ColumnType
    /// Whether values may be missing. A column that is not nullable carries no definition levels.
    public let nullable: Bool

    /// - Parameters:
    ///   - name: The name, unique within the file.
    ///   - type: What its values are.
    ///   - nullable: Whether values may be missing.
    public init(name: String, type: ColumnType, nullable: Bool = false) {
        self.name = name
        self.type = type
        self.nullable = nullable
    }
}
