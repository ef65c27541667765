import Dispatch
package import Parquet
import Synchronization

/// Makes column chunks of a panel: any chunk, in any order, on any thread, always the same bytes.
///
/// ```
/// row group g = servers [g * n, (g + 1) * n), n so that a group has about 1 Mi rows; one chunk for each (group, column)
/// ```
/// Where servers have different numbers of rows, groups are ranges of servers of about that many rows together.
public final class PanelGenerator: Sendable {
    /// What is made.
    public let plan: PanelPlan
    /// The columns, in file order.
    public let schema: PanelSchema
    /// Ids and labels of the servers.
    public let directory: ServerDirectory
    /// The metrics' signals over the plan's steps.
    public let signals: [MetricSignal]
    /// Which rows servers have.
    var rows: PanelRows { rowSpans.rows }
    private let rowSpans: RowSpanCache
    /// The same of the cells, which are the rows unless these are made of several.
    private let cellSpans: RowSpanCache
    /// The first server of each row group, and the end of the last.
    private let bounds: GroupBounds
    /// Row groups of the panel.
    public let groups: Int

    /// How the metrics' noise is made.
    let noise: FleetNoise
    /// What happens to cells beside signal and noise.
    let changes: [any CellChangeSource]
    let calendars: [BusinessCalendar]
    /// Keeps cells for `noiseSample`; nil where that makes them once more.
    let sampler: NoiseSampler?
    /// What the zones' clocks show at the rows.
    private let clocks: [LocalClock]
    /// How rows come from cells; nil where each row is a cell of its own.
    private let rollUp: RollUp?
    private let layout: PageLayout
    private let scratch = ScratchPool()
    private let dictionaries = DictionaryCache()
    // Columns that depend on the time alone are the same chunk in every row group of the same size.
    private let timeChunks = Mutex<[TimeChunkKey: EncodedChunk]>([:])
    // A flag's values at the steps, by kind of days.
    private let flagValues = Mutex<[PanelSchema.CalendarFlag: [[Bool]]]>([:])

    private struct TimeChunkKey: Hashable {
        let column: Int
        let servers: Int
    }

    /// Rows a row group aims at.
    public static let rowsPerGroup = 1 << 20

    /// - Parameters:
    ///   - rowsPerGroup: Rows a row group aims at; it always holds whole servers. Any value gives the same table.
    ///   - sampling: Whether the pass over the cells keeps those of `noiseSample`, which is then asked for after it.
    public convenience init(_ plan: PanelPlan, rowsPerGroup: Int = PanelGenerator.rowsPerGroup, sampling: Bool = false) {
        self.init(plan, rowsPerGroup: rowsPerGroup, changes: Self.changes(of: plan), sampling: sampling)
    }

    /// - Parameter changes: What happens to cells beside signal and noise.
    package init(
        _ plan: PanelPlan, rowsPerGroup: Int = PanelGenerator.rowsPerGroup, changes: [any CellChangeSource], sampling: Bool = false
    ) {
        self.plan = plan
        self.changes = changes
        schema = PanelSchema(plan.spec)
        directory = ServerDirectory(plan.spec.data)
        let steps = plan.steps
        let classes = directory.classes
        let calendars = classes.calendars.map { BusinessCalendar($0, covering: LocalClock.days(of: steps)) }
        self.calendars = calendars
        let clocks = classes.zones.map { LocalClock($0, steps: steps) }
        self.clocks = plan.spec.data.aggregation == nil ? clocks : classes.zones.map { LocalClock($0, steps: plan.rowSteps) }
        rollUp = RollUp(plan.spec.data)
        let noise = FleetNoise(plan.spec.data)
        self.noise = noise
        signals = Self.inParallel(plan.spec.data.metrics) {
            MetricSignal(metric: $0, data: plan.spec.data, classes: classes, clocks: clocks, calendars: calendars, noise: noise)
        }
        sampler = sampling ? Self.noiseSampler(plan, directory, signals, noise) : nil
        let rows = PanelRows(plan.spec.data, steps: plan.rowSteps, window: plan.window)
        rowSpans = RowSpanCache(rows)
        cellSpans = RowSpanCache(PanelRows(plan.spec.data, steps: steps, window: plan.window))
        bounds = GroupBounds(plan, rows, rowsPerGroup: rowsPerGroup)
        groups = bounds.groups
        layout = TableWriter.layout(plan.spec.output)
    }

    /// Runs `body` with buffers of its own.
    func withScratch<R>(_ body: (ColumnScratch) -> R) -> R { scratch.withScratch(body) }

    /// The rich path of a metric; nil where the plain signal is all there is.
    func rich(_ metric: Int) -> RichCells? { RichCells(MetricCells(signals[metric]), metric: metric, sources: changes) }

    static func inParallel<Element: Sendable, Result: Sendable>(
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
    public func servers(ofGroup group: Int) -> Range<Int> { bounds.servers(ofGroup: group) }

    /// One column of one row group, and its tally where it is a metric.
    package func chunk(column: Int, group: Int) -> (chunk: EncodedChunk, tally: MetricTally?) {
        chunk(column: column, servers: servers(ofGroup: group))
    }

    /// The same for the rows of any servers.
    func chunk(column: Int, servers: Range<Int>) -> (chunk: EncodedChunk, tally: MetricTally?) {
        let spans = rowSpans.spans(servers)
        switch schema.contents[column] {
        case .metric(let index):
            let maker = MetricColumn(
                signal: signals[index], rich: rich(index), rollUp: rollUp, directory: directory, column: schema.columns[column],
                dictionaries: dictionaries, sample: sampler.flatMap { $0.metrics.contains(index) ? ($0, index) : nil })
            let cells = rollUp == nil ? spans : cellSpans.spans(servers)
            let made = scratch.withScratch { maker.chunk(servers: servers, spans: cells, layout: layout, scratch: $0) }
            return (made.chunk, made.tally)
        case .serverID:
            let present = servers.indices.filter { spans.count($0 - servers.lowerBound) > 0 }
            let runs = present.enumerated().map { (label: $0.offset, rows: spans.count($0.element - servers.lowerBound)) }
            return (
                ChunkEncoder.labels(runs: runs, dictionary: present.map(directory.id), column: schema.columns[column], layout: layout), nil
            )
        case .label(let label):
            let runs = servers.enumerated().map { (label: directory.index(of: label, server: $0.element), rows: spans.count($0.offset)) }
            return (
                ChunkEncoder.labels(
                    runs: runs.filter { $0.rows > 0 }, dictionary: directory.labels(label), column: schema.columns[column], layout: layout),
                nil
            )
        case .flag(let flag) where spans.areRagged: return (flagChunk(flag, column: column, servers: servers, spans), nil)
        case .time where spans.areRagged: return (timeChunk(column: column, servers: servers, spans), nil)
        case .flag(let flag) where directory.classes.dayKinds > 1:
            return (flagChunk(flag, column: column, servers: servers, spans), nil)
        case .arrival:
            return (ArrivalColumn(plan.rowSteps, column: schema.columns[column]).chunk(spans, servers: servers.count, layout), nil)
        case .time, .flag:
            return (timeChunk(column: column, servers: servers), nil)
        }
    }

    /// The days or instants of servers that each have their own.
    private func timeChunk(column: Int, servers: Range<Int>, _ spans: RowSpans) -> EncodedChunk {
        let all = (0..<plan.rowSteps.count).map(Int32.init)
        let indices = spans.numbers(servers: servers.count, of: all) { $0.step }
        return ChunkEncoder.integers(
            indices.span, dictionary: times(schema.columns[column]), nullRows: [Int32]().span, rows: indices.count,
            column: schema.columns[column], layout: layout)
    }

    private func timeChunk(column: Int, servers: Range<Int>) -> EncodedChunk {
        let key = TimeChunkKey(column: column, servers: servers.count)
        if let chunk = timeChunks.withLock({ $0[key] }) { return chunk }
        let chunk = makeTimeChunk(column: column, servers: servers)
        timeChunks.withLock { $0[key] = chunk }
        return chunk
    }

    private func makeTimeChunk(column: Int, servers: Range<Int>) -> EncodedChunk {
        let description = schema.columns[column]
        if case .flag(let flag) = schema.contents[column] {
            return flagChunk(flag, column: column, servers: servers, RowSpans(rows, servers: servers))
        }
        let count = plan.rowSteps.count
        let indices = servers.flatMap { _ in (0..<count).map { Int32($0) } }
        return ChunkEncoder.integers(
            indices.span, dictionary: times(description), nullRows: [Int32]().span, rows: indices.count, column: description, layout: layout
        )
    }

    /// The time of each step as a column holds it.
    private func times(_ column: Column) -> [Int64] {
        let (steps, isDate) = (plan.rowSteps, column.type == .date32)
        return (0..<steps.count).map { isDate ? Int64((plan.days.start + $0).number) : steps.microseconds(at: $0) }
    }

    private func flagChunk(_ flag: PanelSchema.CalendarFlag, column: Int, servers: Range<Int>, _ spans: RowSpans) -> EncodedChunk {
        let kinds = values(of: flag)
        var rows: [Bool] = []
        rows.reserveCapacity(spans.rows)
        for (index, server) in servers.enumerated() {
            let kind = kinds[directory.dayKind(server: server)]
            spans.forEachRun(index) { steps in
                rows += kind[steps]
            } marked: { mark in
                for _ in 0..<mark.count { rows.append(kind[Int(mark.step)]) }
            }
        }
        return ChunkEncoder.booleans(
            rows.span, nullRows: [Int32]().span, rows: rows.count, column: schema.columns[column], layout: layout)
    }

    /// The values of a calendar flag at the steps of a server: those of its local days and its region's calendar.
    package func values(of flag: PanelSchema.CalendarFlag, server: Int) -> [Bool] {
        values(of: flag)[directory.dayKind(server: server)]
    }

    private func values(of flag: PanelSchema.CalendarFlag) -> [[Bool]] {
        flagValues.withLock { known in
            if let values = known[flag] { return values }
            let values = clocks.flatMap { clock in calendars.map { self.values(of: flag, clock, $0) } }
            known[flag] = values
            return values
        }
    }

    private func values(of flag: PanelSchema.CalendarFlag, _ clock: LocalClock, _ calendar: BusinessCalendar) -> [Bool] {
        let months = Set(plan.spec.data.metrics.flatMap(\.endOfQuarterMonths))
        let days = clock.days.map { value(of: flag, on: $0, calendar, months: months) }
        if clock.steps.granularity.isDaily { return days }
        var values = [Bool](repeating: false, count: clock.steps.count)
        clock.forEach { index, seconds in values[index] = days[clock.dayIndex(seconds)] }
        return values
    }

    /// The value of a calendar flag on a day.
    /// - Parameter months: Those that some metric has a quarter-end window in.
    private func value(of flag: PanelSchema.CalendarFlag, on day: Day, _ calendar: BusinessCalendar, months: Set<Int>) -> Bool {
        switch flag {
        case .weekend: day.isWeekend
        case .holiday: calendar.isHoliday(day)
        case .quarterEndWindow:
            calendar.isInQuarterEndWindow(day, businessDays: plan.spec.data.endOfQuarterWindow, months: months)
        }
    }

    /// One server's values of one metric, one per row time of the run, nil where missing and where there is no row: the same as in the chunks, for
    /// samples and pictures.
    public func values(metric: Int, server: Int) -> [Double?] {
        let spans = RowSpans(cellSpans.rows, servers: server..<server + 1)
        let span = spans.of(0)
        var values = allValues(metric: metric, server: server, span)
        for step in values.indices where !span.contains(step) { values[step] = nil }
        if let rollUp { return rollUp.rows(of: values, grid: signals[metric].grid) }
        for mark in spans.marks(0) where mark.count == 0 { values[Int(mark.step)] = nil }
        return values
    }

    /// The steps that a server has cells for.
    func cellSpan(server: Int) -> Range<Int> { RowSpans(cellSpans.rows, servers: server..<server + 1).of(0) }

    private func allValues(metric: Int, server: Int, _ span: Range<Int>) -> [Double?] {
        let signal = signals[metric]
        let cells = MetricCells(signal)
        let steps = signal.steps.count
        let own = directory.classIndex(server: server)
        return scratch.withScratch { scratch in
            scratch.span = span
            var values: [Double?]
            if let rich = rich(metric), !signal.grid.isNarrow {
                scratch.reserve(noise: cells.noiseCount, whole: 0, real: 0, counts: 0)
                rich.fillWide(of: own, server: UInt32(server), scratch: scratch)
                values = (0..<steps).map { rich.unit(scratch.rich.published[$0]) }
                for step in scratch.missing { values[Int(step)] = nil }
                return values
            }
            if signal.grid.isNarrow {
                scratch.reserveNarrow(row: cells.rowCount, classes: 1, cells: 0, counts: signal.grid.bins)
                let deviate = signal.bias.deviate(server: UInt32(server))
                let rich = rich(metric)
                let row =
                    rich?.fillNarrow(of: own, server: UInt32(server), deviate: deviate, scratch: scratch)
                    ?? cells.fillNarrow(of: own, server: UInt32(server), deviate: deviate, scratch: scratch)
                let lowest = Int32(signal.grid.range.lowerBound)
                let published = rich != nil && scratch.rich.isRenumbered ? scratch.rich.row : row
                values = (0..<steps).map { Double(lowest + Int32(published[$0])) / signal.grid.scale }
                for step in scratch.missing { values[Int(step)] = nil }
                return values
            }
            scratch.reserve(noise: cells.noiseCount, whole: steps, real: steps, counts: 0)
            if signal.metric.decimals == nil {
                cells.fillReal(scratch.real.baseAddress.unsafelyUnwrapped, of: own, server: UInt32(server), scratch: scratch)
                values = scratch.real.prefix(steps).map { $0 }
            } else {
                cells.fillWhole(scratch.whole.baseAddress.unsafelyUnwrapped, of: own, server: UInt32(server), scratch: scratch)
                values = scratch.whole.prefix(steps).map { Double($0) / signal.grid.scale }
            }
            for step in scratch.missing { values[Int(step)] = nil }
            return values
        }
    }
}
