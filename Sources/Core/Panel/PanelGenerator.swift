import Dispatch
package import Parquet
import Synchronization

/// Makes column chunks of a panel: any chunk, in any order, on any thread, always the same bytes.
///
/// ```
/// row group g = servers [g * n, (g + 1) * n), n so that a group has about 1 Mi rows; one chunk for each (group, column)
/// ```
public final class PanelGenerator: Sendable {
    /// What is made.
    public let plan: PanelPlan
    /// The columns, in file order.
    public let schema: PanelSchema
    /// Ids and labels of the servers.
    public let directory: ServerDirectory
    /// The metrics' signals over the plan's days.
    public let signals: [MetricSignal]
    /// Servers per row group; the last group may have fewer.
    public let serversPerGroup: Int
    /// Row groups of the panel.
    public let groups: Int

    private let calendar: BusinessCalendar
    private let layout: PageLayout
    private let scratch = ScratchPool()
    private let dictionaries = DictionaryCache()
    // Columns that depend on the day alone are the same chunk in every row group of the same size.
    private let dayChunks = Mutex<[DayChunkKey: EncodedChunk]>([:])

    private struct DayChunkKey: Hashable {
        let column: Int
        let servers: Int
    }

    /// Rows a row group aims at.
    public static let rowsPerGroup = 1 << 20

    /// - Parameter rowsPerGroup: Rows a row group aims at; it always holds whole servers. Any value gives the same table.
    public init(_ plan: PanelPlan, rowsPerGroup: Int = PanelGenerator.rowsPerGroup) {
        self.plan = plan
        schema = PanelSchema(plan.spec)
        directory = ServerDirectory(plan.spec.data)
        let calendar = BusinessCalendar(plan.spec.data.holidayCalendar, covering: plan.days)
        self.calendar = calendar
        signals = Self.inParallel(plan.spec.data.metrics) {
            MetricSignal(metric: $0, data: plan.spec.data, days: plan.days, calendar: calendar)
        }
        serversPerGroup = max(1, min(plan.servers.count, rowsPerGroup / plan.days.count))
        groups = (plan.servers.count + serversPerGroup - 1) / serversPerGroup
        let compression: Compression =
            switch plan.spec.output.compression {
            case .zstd: .zstd
            case .snappy: .snappy
            case .none: .none
            }
        // BYTE_STREAM_SPLIT would make full-precision columns a ninth smaller, but fastparquet cannot read it (2026.9).
        layout = PageLayout(compression: compression, splitsBytes: false)
    }

    private static func inParallel<Element: Sendable, Result: Sendable>(
        _ elements: [Element], _ make: @Sendable (Element) -> Result
    ) -> [Result] {
        let made = Mutex([Result?](repeating: nil, count: elements.count))
        DispatchQueue.concurrentPerform(iterations: elements.count) { index in
            let result = make(elements[index])
            made.withLock { $0[index] = result }
        }
        return made.withLock { $0 }.compactMap { $0 }
    }

    /// The servers of a row group.
    public func servers(ofGroup group: Int) -> Range<Int> {
        let first = plan.servers.lowerBound + group * serversPerGroup
        return first..<min(first + serversPerGroup, plan.servers.upperBound)
    }

    /// One column of one row group, and its tally where it is a metric.
    package func chunk(column: Int, group: Int) -> (chunk: EncodedChunk, tally: MetricTally?) {
        let servers = servers(ofGroup: group)
        let days = plan.days.count
        switch schema.contents[column] {
        case .metric(let index):
            let maker = MetricColumn(signal: signals[index], column: schema.columns[column], dictionaries: dictionaries)
            let made = scratch.withScratch { maker.chunk(servers: servers, layout: layout, scratch: $0) }
            return (made.chunk, made.tally)
        case .serverID:
            let runs = servers.indices.map { (label: $0 - servers.lowerBound, rows: days) }
            return (
                ChunkEncoder.labels(runs: runs, dictionary: servers.map(directory.id), column: schema.columns[column], layout: layout), nil
            )
        case .label(let label):
            let runs = servers.map { (label: directory.index(of: label, server: $0), rows: days) }
            return (
                ChunkEncoder.labels(runs: runs, dictionary: directory.labels(label), column: schema.columns[column], layout: layout), nil
            )
        case .time, .flag:
            return (dayChunk(column: column, servers: servers.count), nil)
        }
    }

    private func dayChunk(column: Int, servers: Int) -> EncodedChunk {
        let key = DayChunkKey(column: column, servers: servers)
        if let chunk = dayChunks.withLock({ $0[key] }) { return chunk }
        let chunk = makeDayChunk(column: column, servers: servers)
        dayChunks.withLock { $0[key] = chunk }
        return chunk
    }

    private func makeDayChunk(column: Int, servers: Int) -> EncodedChunk {
        let description = schema.columns[column]
        if case .flag(let flag) = schema.contents[column] {
            let day = plan.days.map { value(of: flag, on: $0) }
            let rows = (0..<servers).flatMap { _ in day }
            return ChunkEncoder.booleans(rows.span, nullRows: [Int32]().span, rows: rows.count, column: description, layout: layout)
        }
        let indices = (0..<servers).flatMap { _ in (0..<plan.days.count).map { Int32($0) } }
        let unit = description.type == .date32 ? 1 : 86_400_000_000
        return ChunkEncoder.integers(
            indices.span, dictionary: plan.days.map { Int64($0.number * unit) }, nullRows: [Int32]().span, rows: indices.count,
            column: description, layout: layout)
    }

    /// The value of a calendar flag.
    public func value(of flag: PanelSchema.CalendarFlag, on day: Day) -> Bool {
        switch flag {
        case .weekend: day.isWeekend
        case .holiday: calendar.isHoliday(day)
        case .quarterEndWindow:
            calendar.isInQuarterEndWindow(
                day, businessDays: plan.spec.data.endOfQuarterWindow, months: Set(plan.spec.data.metrics.flatMap(\.endOfQuarterMonths)))
        }
    }

    /// One server's values of one metric, nil where missing: the same cells as in the chunks, for samples and pictures.
    public func values(metric: Int, server: Int) -> [Double?] {
        let signal = signals[metric]
        let cells = MetricCells(signal)
        let days = signal.days.count
        return scratch.withScratch { scratch in
            var values: [Double?]
            if let narrow = signal.narrow {
                scratch.reserveNarrow(row: cells.rowCount, cells: 0, counts: signal.grid.bins)
                let deviate = signal.bias.deviate(server: UInt32(server))
                let row = cells.fillNarrow(narrow, server: UInt32(server), deviate: deviate, scratch: scratch)
                let lowest = Int32(signal.grid.range.lowerBound)
                values = (0..<days).map { Double(lowest + Int32(row[$0])) / signal.grid.scale }
                for day in scratch.missing { values[Int(day)] = nil }
                return values
            }
            scratch.reserve(noise: cells.noiseCount, whole: days, real: days, counts: 0)
            if signal.metric.decimals == nil {
                cells.fillReal(scratch.real.baseAddress.unsafelyUnwrapped, server: UInt32(server), scratch: scratch)
                values = scratch.real.prefix(days).map { $0 }
            } else {
                cells.fillWhole(scratch.whole.baseAddress.unsafelyUnwrapped, server: UInt32(server), scratch: scratch)
                values = scratch.whole.prefix(days).map { Double($0) / signal.grid.scale }
            }
            for day in scratch.missing { values[Int(day)] = nil }
            return values
        }
    }
}
