/// `data_generation.business_calendar`: the days on which the effects of the business calendar act.
public struct BusinessSpec: Equatable, Sendable {
    /// Business days of the month-end window.
    public var monthEndDays: Int
    /// Last month of the fiscal year, 1...12.
    public var fiscalYearEndMonth: Int
    /// Business days of the window at the fiscal year's end.
    public var fiscalYearEndDays: Int
    /// Days on which people are paid, at least one.
    public var payrollDays: [PayDay]
    /// Days with a patch window, at least one pattern.
    public var patchDays: [DayPattern]
    /// Days of change freezes, at least one pattern.
    public var freezeDays: [DayPattern]
    /// Business days of the ramps before and after quarter-end windows, 0 for none.
    public var quarterEndRampDays: Int
    /// Business days of the ramps before and after holidays, 0 for none.
    public var holidayRampDays: Int
}

/// What the business calendar does to one metric: factors, 1 for none.
public struct MetricLifts: Equatable, Sendable {
    /// Factor of the last business days of every month.
    public var monthEnd: Double
    /// Factor of the last business days of the fiscal year.
    public var fiscalYearEnd: Double
    /// Factor of days on which people are paid.
    public var payroll: Double
    /// Factor of days with a patch window.
    public var patch: Double
    /// Factor of change freezes.
    public var freeze: Double
    /// Factor of business days between a holiday and a weekend.
    public var bridgeDay: Double
}
