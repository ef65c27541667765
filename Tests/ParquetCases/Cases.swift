import Parquet

/// The table of test files.
enum Cases {
    static var all: [CaseFile] {
        panels + numbers + labels + corners
    }

    // MARK: Whole panels

    private static var panels: [CaseFile] {
        let codecs = Compression.allCases.map { codec in
            panel("codec_\(codec)", servers: 7, days: 300, layout: PageLayout(rowsPerPage: 512, compression: codec))
        }
        return codecs + [
            panel("one_row", servers: 1, days: 1),
            panel("one_row_forty_metrics", servers: 1, days: 1, metrics: 40),
            panel("forty_metrics", servers: 3, days: 40, metrics: 40),
            panel("one_server", servers: 1, days: 1461),
            panel("one_day", servers: 500, days: 1, layout: PageLayout(rowsPerPage: 100)),
            panel("no_nulls", servers: 4, days: 100, missing: 0, nullable: true),
            panel("not_nullable", servers: 4, days: 100, missing: 0, nullable: false),
            panel("many_nulls", servers: 4, days: 100, missing: 0.5),
            panel("several_row_groups", servers: 9, days: 100, layout: PageLayout(rowsPerPage: 128), rowGroups: [300, 300, 100, 200]),
            panel("full_pages", servers: 100, days: 1461, layout: PageLayout()),
            panel("full_pages_snappy", servers: 100, days: 1461, layout: PageLayout(compression: .snappy)),
            panel("date32", servers: 5, days: 200, time: .date32, layout: PageLayout(rowsPerPage: 256)),
            panel("float", servers: 5, days: 200, number: .float, layout: PageLayout(rowsPerPage: 256)),
            panel("no_checksums", servers: 5, days: 20, layout: PageLayout(checksums: false)),
            panel("no_rows", servers: 0, days: 0, rowGroups: []),
        ]
    }

    /// Servers by days, as fleets are written.
    private static func panel(
        _ name: String, servers: Int, days: Int, metrics: Int = 2, missing: Double = 0.02, nullable: Bool = true,
        time: ColumnType = .timestampMicros, number: ColumnType = .double, layout: PageLayout = PageLayout(), rowGroups: [Int]? = nil
    ) -> CaseFile {
        var random = SplitMix(state: UInt64(servers * 1000 + days))
        let rows = servers * days
        let regions = ["us-east-1", "eu-west-1", "ap-southeast-1"]
        let unit: Int64 = time == .date32 ? 1 : 86_400_000_000
        var columns: [(column: Column, values: CaseFile.Values)] = [
            (Column(name: "server_id", type: .utf8), .labels((0..<rows).map { "SRV-\(String($0 / days + 10001).dropFirst())" })),
            (Column(name: "date", type: time), .times((0..<rows).map { Int64(18_993 + $0 % days) * unit })),
            (Column(name: "region", type: .utf8), .labels((0..<rows).map { regions[$0 / days * 7 % 3] })),
            (Column(name: "is_weekend", type: .boolean), .flags((0..<rows).map { ($0 % days + 5) % 7 < 2 })),
        ]
        for metric in 0..<metrics {
            let values: [Int32?] = (0..<rows).map { _ in
                let value = 4500 + Int32(1200 * random.normal())
                return random.uniform() < missing ? nil : min(9900, max(100, value))
            }
            columns.append((Column(name: "metric_\(metric)", type: number, nullable: nullable), .decimals(values, decimals: 2)))
        }
        return CaseFile(
            name: name, columns: columns, layout: layout, rowGroups: rowGroups ?? [rows],
            sortingColumns: [.init(column: 0), .init(column: 1)])
    }

    // MARK: Numbers

    private static var numbers: [CaseFile] {
        var random = SplitMix(state: 5)
        let noise: [Double?] = (0..<3000).map { _ in random.uniform() < 0.01 ? nil : 45 + 12 * random.normal() }
        let full = Compression.allCases.flatMap { codec in
            [ColumnType.double, .float].map { type in
                numbers("full_precision_\(type)_\(codec)", .doubles(noise), type, PageLayout(rowsPerPage: 1000, compression: codec))
            }
        }
        let small = PageLayout(rowsPerPage: 100)
        let plain = PageLayout(rowsPerPage: 1000, splitsBytes: false)
        let special: [Double?] = [.infinity, -.infinity, 0, -0.0, nil, .leastNonzeroMagnitude, 1e300, -1e-300]
        let gap: [Double?] = (0..<300).map { (100..<200).contains($0) ? nil : Double($0) / 7 }
        return full + [
            numbers("full_precision_plain_zstd", .doubles(noise), .double, plain),
            numbers("special_doubles", .doubles(special), .double, small),
            numbers("not_a_number", .doubles((0..<300).map { (100..<200).contains($0) ? .nan : Double($0) }), .double, small),
            numbers("only_not_a_number", .doubles([.nan, .nan, nil]), .double, small),
            numbers("full_precision_null_page", .doubles(gap), .double, small),
            numbers("only_nulls_double", .doubles(Array(repeating: nil, count: 250)), .double, small),
            decimals("only_nulls_decimal", Array(repeating: nil, count: 250), small),
            decimals("only_nulls_one_row", [nil], small),
            decimals("null_page", (0..<300).map { (100..<200).contains($0) ? nil : Int32($0 % 13) }, small),
            decimals("first_page_null", (0..<300).map { $0 < 100 ? nil : Int32($0 % 13) }, small),
            decimals("constant", Array(repeating: 4200, count: 250), small),
            decimals("constant_with_nulls", (0..<250).map { $0 % 10 == 3 ? nil : 4200 }, small),
            decimals("two_values", (0..<250).map { $0 % 3 == 0 ? 1 : 2 }, small),
            decimals("around_zero", (0..<250).map { Int32($0) - 125 }, small),
            decimals("ascending", (0..<250).map { Int32($0 / 2) }, small),
            decimals("descending", (0..<250).map { 1000 - Int32($0) }, small),
            decimals("few_of_many", (0..<2000).map { Int32($0 * $0 % 17) * 100_003 }, small),
            decimals("wide_indices", (0..<70_000).map { Int32($0 * 7919 % 70_001 * 3) }, PageLayout(rowsPerPage: 30_000)),
            decimals("huge_and_whole", [2_000_000, -2_000_000, 0, nil], small, decimals: 0),
            decimals("nine_decimals", [1, 999_999, -1_000_000, nil], small, decimals: 9),
            decimals("huge_floats", [16_777_216, 16_777_217, 16_777_218], small, decimals: 0, type: .float),
        ]
    }

    private static func numbers(_ name: String, _ values: CaseFile.Values, _ type: ColumnType, _ layout: PageLayout) -> CaseFile {
        let rows =
            switch values {
            case .doubles(let numbers): numbers.count
            case .decimals(let integers, _): integers.count
            default: 0
            }
        let column = (column: Column(name: "value", type: type, nullable: true), values: values)
        return CaseFile(name: name, columns: [column], layout: layout, rowGroups: [rows])
    }

    private static func decimals(
        _ name: String, _ values: [Int32?], _ layout: PageLayout, decimals: Int = 2, type: ColumnType = .double
    ) -> CaseFile {
        numbers(name, .decimals(values, decimals: decimals), type, layout)
    }

    // MARK: Labels, flags, times

    private static var labels: [CaseFile] {
        let words = ["Zürich", "東京", "São Paulo", "🚀 Raumfahrt", "a\"b\\c", "", "ascii", "é", "z"]
        let column = Column(name: "größe 🙂", type: .utf8)
        let short = (0..<500).map { words[$0 * $0 % words.count] }
        let long = (0..<500).map { words[$0 / 60] }
        let many = (0..<20_000).map { "host-\($0 / 2)" }
        let layout = PageLayout(rowsPerPage: 200)
        return [
            CaseFile(name: "non_ascii_short_runs", columns: [(column, .labels(short))], layout: layout, rowGroups: [500]),
            CaseFile(name: "non_ascii_long_runs", columns: [(column, .labels(long))], layout: layout, rowGroups: [250, 250]),
            CaseFile(name: "many_labels", columns: [(column, .labels(many))], rowGroups: [20_000]),
            CaseFile(name: "nullable_labels", columns: [(Column(name: "l", type: .utf8, nullable: true), .labels(long))], rowGroups: [500]),
        ]
    }

    private static var corners: [CaseFile] {
        let flags: [Bool?] = (0..<1000).map { $0 % 11 == 0 ? nil : $0 % 3 == 0 }
        let times: [Int64?] = (0..<500).map { row in
            let year = Int64(row * 7919 % 60 - 30)
            return row % 50 == 7 ? nil : year * 365 * 86_400_000_000 + 1
        }
        let days: [Int64?] = (0..<500).map { row in
            let day = Int64(row * 7919 % 6000 - 3000)
            return row % 50 == 7 ? nil : day
        }
        let flag = Column(name: "flag", type: .boolean, nullable: true)
        let small = PageLayout(rowsPerPage: 99)
        let uncompressed = PageLayout(compression: .none)
        return [
            CaseFile(name: "booleans", columns: [(flag, .flags(flags))], layout: small, rowGroups: [600, 400]),
            CaseFile(name: "booleans_uncompressed", columns: [(flag, .flags(flags))], layout: uncompressed, rowGroups: [1000]),
            CaseFile(name: "booleans_null", columns: [(flag, .flags([nil, nil]))], layout: small, rowGroups: [2]),
            CaseFile(name: "booleans_true", columns: [(flag, .flags([true, true]))], layout: small, rowGroups: [2]),
            CaseFile(
                name: "times_around_1970",
                columns: [
                    (Column(name: "at", type: .timestampMicros, nullable: true), .times(times)),
                    (Column(name: "on", type: .date32, nullable: true), .times(days)),
                ], layout: small, rowGroups: [500]),
            CaseFile(
                name: "numbers_of_32_bits",
                columns: [
                    (Column(name: "bits", type: .int32), .times((0..<500).map { $0 % 50 == 7 ? 257 : $0 % 90 == 3 ? 4096 : 0 })),
                    (Column(name: "one", type: .int32), .times([Int64?](repeating: 0, count: 500))),
                    (Column(name: "all", type: .int32, nullable: true), .times(days.map { $0 == 0 ? Int64(Int32.min) : $0 })),
                ], layout: small, rowGroups: [300, 200]),
        ]
    }
}

/// A small generator, so that the files are the same everywhere.
private struct SplitMix {
    var state: UInt64

    mutating func uniform() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return Double((mixed ^ mixed >> 31) >> 11) * 0x1p-53
    }

    /// A sum of twelve uniforms: near enough to normal here.
    mutating func normal() -> Double {
        (0..<12).reduce(-6.0) { sum, _ in sum + uniform() }
    }
}
