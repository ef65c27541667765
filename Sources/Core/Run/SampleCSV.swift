/// The first rows of a panel as CSV (RFC 4180), for a look without a Parquet reader.
struct SampleCSV {
    private let generator: PanelGenerator

    init(_ generator: PanelGenerator) { self.generator = generator }

    /// - Parameter rows: Rows wanted; fewer where the panel has fewer.
    /// - Returns: A header line and one line per row; missing values are empty, numbers have the shortest text that reads back equal.
    func bytes(rows: Int) -> [UInt8] {
        let schema = generator.schema
        let steps = generator.plan.rowSteps
        var text = schema.names.map(Self.quoted).joined(separator: ",") + "\n"
        var left = min(rows, generator.plan.rows)
        for server in generator.plan.servers {
            guard left > 0 else { break }
            let spans = RowSpans(generator.rows, servers: server..<server + 1)
            guard spans.rows > 0 else { continue }
            let metrics = generator.signals.indices.map { generator.values(metric: $0, server: server) }
            let flags = PanelSchema.CalendarFlag.allCases.map {
                schema.contents.contains(.flag($0)) ? generator.values(of: $0, server: server) : []
            }
            spans.forEachRow(0) { index, mark in
                guard left > 0 else { return }
                left -= 1
                let fields = schema.contents.map { content -> String in
                    switch content {
                    case .serverID: Self.quoted(generator.directory.id(server))
                    case .time: steps.text(at: index)
                    case .label(let label):
                        Self.quoted(generator.directory.labels(label)[generator.directory.index(of: label, server: server)])
                    case .metric(let metric): Self.number(metrics[metric][index], generator.plan.spec.output.floatType)
                    case .arrival: TimestampText.full(Int64(steps.absolute.lowerBound + index + 1) * steps.seconds + Int64(mark.delay))
                    case .flag(let flag): flags[PanelSchema.CalendarFlag.allCases.firstIndex(of: flag) ?? 0][index] ? "True" : "False"
                    }
                }
                text += fields.joined(separator: ",") + "\n"
            }
        }
        return Array(text.utf8)
    }

    private static func number(_ value: Double?, _ type: OutputSpec.FloatType) -> String {
        guard let value else { return "" }
        return type == .float ? "\(Float(value))" : "\(value)"
    }

    private static func quoted(_ text: String) -> String {
        text.utf8.contains { [UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r")].contains($0) }
            ? "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"" : text
    }
}
