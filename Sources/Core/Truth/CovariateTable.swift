import Parquet

/// The table of what a forecaster may know in advance: a row for each step of the window and of the days after it, in local time.
///
/// Where regions differ in that there is a block of rows for each, regions in the order of their names, steps within them.
struct CovariateTable {
    private static let rowsPerGroup = 1 << 18

    /// What local time is for some rows.
    private struct Block {
        /// Nil where there is one block.
        let region: String?
        let zone: PosixTimeZone?
        let calendar: BusinessCalendar
    }

    private let spec: DatasetSpec
    private let window: DayRange
    /// The window and the days after it.
    private let days: DayRange
    private let blocks: [Block]
    private let daysPerGroup: Int
    private let columns: [Column]
    private let layout: PageLayout

    init(_ plan: PanelPlan, time: Column, horizon: Int) {
        spec = plan.spec
        window = plan.days
        days = DayRange(start: plan.days.start, end: plan.days.end + horizon)
        let data = plan.spec.data
        let covered = LocalClock.days(of: StepRange(days, data.rowGranularity))
        let regions = data.regions.labels.enumerated().map { index, region in
            (
                region: region, zone: data.rowGranularity.isDaily ? nil : TimeZoneTable.zone(data.regionZones[index].zone),
                holidays: data.calendar(of: region)
            )
        }
        let isAlike = regions.allSatisfy { $0.zone == regions[0].zone && $0.holidays == regions[0].holidays }
        blocks = (isAlike ? Array(regions.prefix(1)) : regions).map {
            Block(region: isAlike ? nil : $0.region, zone: $0.zone, calendar: BusinessCalendar($0.holidays, covering: covered))
        }
        daysPerGroup = max(1, Self.rowsPerGroup / data.rowGranularity.stepsPerDay)
        columns =
            (isAlike ? [] : [Column(name: "region", type: .utf8)]) + [time]
            + Self.known.filter { $0.name != "hour" || !data.rowGranularity.isDaily }
        layout = TableWriter.layout(plan.spec.output)
    }

    /// What is known of each step, in order; days have no hour.
    private static let known: [Column] =
        [
            Column(name: "is_future", type: .boolean), Column(name: "day_of_week", type: .int32), Column(name: "hour", type: .int32),
            Column(name: "annual_phase", type: .double), Column(name: "business_days_to_month_end", type: .int32),
            Column(name: "holiday", type: .utf8),
        ] + Mark.allCases.map { Column(name: $0.rawValue, type: .boolean) } + Ramp.allCases.map { Column(name: $0.rawValue, type: .double) }

    /// The names that the time column must not have.
    static var columnsBesideTime: Set<String> { Set(known.map(\.name) + ["region"]) }

    /// Groups of each block.
    private var groupsPerBlock: Int { (days.count + daysPerGroup - 1) / daysPerGroup }

    func writer(threads: Int) -> TableWriter {
        TableWriter(
            columns: columns, sortedBy: blocks.count > 1 ? 2 : 1, groups: groupsPerBlock * blocks.count, pieces: 1, threads: threads)
    }

    func piece(group: Int, piece: Int) -> TableWriter.Piece<Void> {
        let (block, part) = (blocks[group / groupsPerBlock], group % groupsPerBlock)
        let start = days.start + part * daysPerGroup
        let steps = StepRange(DayRange(start: start, end: min(start + (daysPerGroup - 1), days.end)), spec.data.rowGranularity)
        return TableWriter.Piece(chunks: chunks(block, LocalClock(block.zone, steps: steps)), found: ())
    }

    private func chunks(_ block: Block, _ clock: LocalClock) -> [EncodedChunk] {
        let (steps, isDaily) = (clock.steps, clock.steps.granularity.isDaily)
        var dayOf = [Int](repeating: 0, count: steps.count)
        var hours = [Int64](repeating: 0, count: steps.count)
        if isDaily {
            dayOf = Array(0..<steps.count)
        } else {
            clock.forEach { index, seconds in
                dayOf[index] = clock.dayIndex(seconds)
                hours[index] = Int64(floorDivide(Int(seconds), 3600)) - 24 * Int64(floorDivide(Int(seconds), 86_400))
            }
        }
        let (local, calendar) = (clock.days, block.calendar)
        var next = columns[...]
        func integers(_ values: [Int64]) -> EncodedChunk { TableWriter.integers(values, next.removeFirst(), layout) }
        func numbers(_ days: [Double]) -> EncodedChunk { TableWriter.numbers(dayOf.map { days[$0] }, next.removeFirst(), layout) }
        func flags(_ days: [Bool]) -> EncodedChunk { TableWriter.flags(dayOf.map { days[$0] }, next.removeFirst(), layout) }

        var chunks: [EncodedChunk] = []
        if let region = block.region {
            chunks.append(TableWriter.texts([String](repeating: region, count: steps.count), next.removeFirst(), layout))
        }
        let isDate = next.first?.type == .date32
        chunks.append(integers((0..<steps.count).map { isDate ? Int64(steps.days.start.number + $0) : steps.microseconds(at: $0) }))
        let end = (window.end.number + 1) * steps.granularity.stepsPerDay
        let first = steps.absolute.lowerBound
        chunks.append(TableWriter.flags((0..<steps.count).map { first + $0 >= end }, next.removeFirst(), layout))
        chunks.append(integers(dayOf.map { Int64(local[$0].isoWeekday - 1) }))
        if !isDaily { chunks.append(integers(hours)) }
        chunks.append(numbers(local.map { AnnualEffect.phase(of: $0) }))
        let left = local.map { Int64(calendar.businessDaysToMonthEnd($0)) }
        chunks.append(integers(dayOf.map { left[$0] }))
        let names = local.map { calendar.name(of: $0) ?? "" }
        chunks.append(TableWriter.texts(dayOf.map { names[$0] }, next.removeFirst(), layout))
        for mark in Mark.allCases { chunks.append(flags(mark.values(on: local, calendar, spec.data))) }
        for ramp in Ramp.allCases { chunks.append(numbers(ramp.lift(spec.data).weights(on: local, calendar: calendar))) }
        return chunks
    }
}

extension CovariateTable {
    /// Facts of the day; the raw value is the column's name.
    private enum Mark: String, CaseIterable {
        case weekend = "is_weekend"
        case holiday = "is_holiday"
        case businessDay = "is_business_day"
        case quarterEndWindow = "is_eoq_window"
        case monthEnd = "is_month_end"
        case fiscalYearEnd = "is_fiscal_year_end"
        case payday = "is_payday"
        case patchDay = "is_patch_day"
        case freeze = "is_freeze"
        case bridgeDay = "is_bridge_day"

        func values(on days: DayRange, _ calendar: BusinessCalendar, _ data: DataSpec) -> [Bool] {
            let business = data.business
            func marked(_ lift: any CalendarLift) -> [Bool] { lift.weights(on: days, calendar: calendar).map { $0 == 1 } }
            return switch self {
            case .weekend: days.map(\.isWeekend)
            case .holiday: days.map(calendar.isHoliday)
            case .businessDay: days.map(calendar.isBusinessDay)
            case .quarterEndWindow:
                days.map { calendar.isInQuarterEndWindow($0, businessDays: data.endOfQuarterWindow, months: data.quarterEndMonths) }
            case .monthEnd: marked(MonthEndEffect(multiplier: 1, businessDays: business.monthEndDays))
            case .fiscalYearEnd:
                marked(
                    FiscalYearEndEffect(multiplier: 1, month: business.fiscalYearEndMonth, businessDays: business.fiscalYearEndDays))
            case .payday: marked(PayrollEffect(multiplier: 1, days: business.payrollDays))
            case .patchDay: marked(PatchEffect(multiplier: 1, days: business.patchDays))
            case .freeze: marked(FreezeEffect(multiplier: 1, days: business.freezeDays))
            case .bridgeDay: marked(BridgeDayEffect(multiplier: 1))
            }
        }
    }

    /// How far a ramp has risen, 0...1; the raw value is the column's name.
    private enum Ramp: String, CaseIterable {
        case quarterEnd = "eoq_ramp"
        case holiday = "holiday_ramp"

        func lift(_ data: DataSpec) -> any CalendarLift {
            switch self {
            case .quarterEnd:
                QuarterEndRampEffect(
                    multiplier: 1, months: data.quarterEndMonths, businessDays: data.endOfQuarterWindow,
                    length: data.business.quarterEndRampDays)
            case .holiday: HolidayRampEffect(multiplier: 1, length: data.business.holidayRampDays)
            }
        }
    }
}

extension DataSpec {
    /// The months that some metric has a quarter-end window in.
    fileprivate var quarterEndMonths: Set<Int> { Set(metrics.flatMap(\.endOfQuarterMonths)) }
}
