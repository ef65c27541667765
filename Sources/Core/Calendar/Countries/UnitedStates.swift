extension HolidayRule {
    /// Government offices of the United States.
    static let usFederal = usLaw.map { $0.with(.nearestWeekday) }
    /// The Federal Reserve Banks, which keep the same holidays and are open on the Friday before one on a Saturday.
    static let federalReserve = usLaw.map { $0.with(.also(sunday: 1)) }

    /// The legal public holidays of the United States, 5 U.S.C. 6103(a), with their history since 1970.
    ///
    /// - Uniform Monday Holiday Act (Public Law 90-363, 82 Stat. 250), in force from 1 January 1971: Washington's Birthday, Memorial Day and
    ///   Veterans Day move to Mondays, and Columbus Day becomes a federal holiday; before, 12 October was one of some states only.
    /// - Public Law 94-97: Veterans Day is 11 November again from 1978.
    /// - Public Law 98-144: Birthday of Martin Luther King, Jr., from 1986.
    /// - Public Law 117-17: Juneteenth, signed on 17 June 2021 and observed for the first time on the next day.
    ///
    /// Not in the table: Inauguration Day (Washington, D.C. only) and single days that a President closed the offices for by executive order.
    private static let usLaw: [HolidayRule] = [
        HolidayRule("New Year's Day", .fixed(month: 1, day: 1)),
        HolidayRule("Birthday of Martin Luther King, Jr.", .nth(3, weekday: 1, month: 1), from: 1986),
        HolidayRule("Washington's Birthday", .fixed(month: 2, day: 22), through: 1970),
        HolidayRule("Washington's Birthday", .nth(3, weekday: 1, month: 2), from: 1971),
        HolidayRule("Memorial Day", .fixed(month: 5, day: 30), through: 1970),
        HolidayRule("Memorial Day", .last(weekday: 1, month: 5), from: 1971),
        HolidayRule("Juneteenth National Independence Day", .fixed(month: 6, day: 19), from: 2021),
        HolidayRule("Independence Day", .fixed(month: 7, day: 4)),
        HolidayRule("Labor Day", .nth(1, weekday: 1, month: 9)),
        HolidayRule("Columbus Day", .nth(2, weekday: 1, month: 10), from: 1971),
        HolidayRule("Veterans Day", .fixed(month: 11, day: 11), through: 1970),
        HolidayRule("Veterans Day", .nth(4, weekday: 1, month: 10), from: 1971, through: 1977),
        HolidayRule("Veterans Day", .fixed(month: 11, day: 11), from: 1978),
        HolidayRule("Thanksgiving Day", .nth(4, weekday: 4, month: 11)),
        HolidayRule("Christmas Day", .fixed(month: 12, day: 25)),
    ]
}
