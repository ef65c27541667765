extension Column {
    /// Writes `SchemaElement` of `parquet.thrift`.
    func write(to list: inout CompactWriter) {
        list.element { element in
            element.field(1, type.physicalType.rawValue)
            element.field(3, Int32(nullable ? 1 : 0))
            element.field(4, name)
            if let converted = type.convertedType { element.field(6, converted.rawValue) }
            switch type {
            case .utf8: element.field(10) { $0.field(1) { _ in } }
            case .date32: element.field(10) { $0.field(6) { _ in } }
            case .timestampMicros, .instantMicros:
                element.field(10) { logical in
                    logical.field(8) { timestamp in
                        timestamp.field(1, type == .instantMicros)
                        timestamp.field(2) { unit in unit.field(2) { _ in } }
                    }
                }
            case .int32, .double, .float, .boolean: break
            }
        }
    }
}
