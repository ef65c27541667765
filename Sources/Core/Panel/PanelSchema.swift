package import Parquet

/// The panel's columns, in file order.
public struct PanelSchema: Sendable {
    /// What a column holds.
    public enum Content: Sendable, Equatable {
        case serverID
        case time
        case label(ServerDirectory.Label)
        case metric(Int)
        case flag(CalendarFlag)
        /// When the row arrived.
        case arrival
    }

    /// Facts of the day that can be added as columns.
    public enum CalendarFlag: String, CaseIterable, Sendable {
        case weekend = "is_weekend"
        case holiday = "is_holiday"
        case quarterEndWindow = "is_eoq_window"
    }

    /// Content of each column.
    public let contents: [Content]
    /// Name of each column.
    public let names: [String]
    /// Parquet column of each column.
    package let columns: [Column]

    /// The columns that a dataset's metrics and output settings give.
    public init(_ spec: DatasetSpec) {
        // A day is the same everywhere, a step of a day is an instant.
        let day: ColumnType = spec.output.timeType == .date32 ? .date32 : .timestampMicros
        var entries: [(Content, Column)] = [
            (.serverID, Column(name: "server_id", type: .utf8)),
            (.time, Column(name: spec.output.timeColumn, type: spec.data.rowGranularity.isDaily ? day : .instantMicros)),
        ]
        for label in ServerDirectory.Label.columns(spec.data) { entries.append((.label(label), Column(name: label.rawValue, type: .utf8))) }
        for (index, metric) in spec.data.metrics.enumerated() {
            entries.append(
                (.metric(index), Column(name: metric.name, type: spec.output.floatType == .float ? .float : .double, nullable: true)))
        }
        if spec.output.calendarFlags {
            for flag in CalendarFlag.allCases { entries.append((.flag(flag), Column(name: flag.rawValue, type: .boolean))) }
        }
        if let arrival = spec.data.mess.rows.arrivalColumn {
            // Never days: a row is late by hours, too.
            entries.append((.arrival, Column(name: arrival, type: spec.data.rowGranularity.isDaily ? .timestampMicros : .instantMicros)))
        }
        contents = entries.map(\.0)
        columns = entries.map(\.1)
        names = columns.map(\.name)
    }
}
