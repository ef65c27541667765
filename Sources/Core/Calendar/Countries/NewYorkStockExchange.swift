extension HolidayRule {
    /// Full days on which the New York Stock Exchange does not trade, since 1970.
    ///
    /// - NYSE Rule 7.2: a holiday on a Saturday closes the Friday before unless an accounting period ends then, so New Year's Day, which
    ///   would close 31 December, is never moved there.
    /// - Martin Luther King, Jr. Day since 1998, Juneteenth since 2022; Election Day in presidential years through 1980.
    /// - Single closings: the exchange's own list of its closings since 1885.
    ///
    /// Early closings are business days.
    static let nyse: [HolidayRule] = [
        HolidayRule("New Year's Day", .fixed(month: 1, day: 1), substitute: .instead(saturday: nil, sunday: 1)),
        HolidayRule("Martin Luther King Jr. Day", .nth(3, weekday: 1, month: 1), from: 1998),
        HolidayRule("Washington's Birthday", .fixed(month: 2, day: 22), through: 1970, substitute: moved),
        HolidayRule("Washington's Birthday", .nth(3, weekday: 1, month: 2), from: 1971),
        HolidayRule("Good Friday", .easter(-2)),
        HolidayRule("Memorial Day", .fixed(month: 5, day: 30), through: 1970, substitute: moved),
        HolidayRule("Memorial Day", .last(weekday: 1, month: 5), from: 1971),
        HolidayRule("Juneteenth National Independence Day", .fixed(month: 6, day: 19), from: 2022, substitute: moved),
        HolidayRule("Independence Day", .fixed(month: 7, day: 4), substitute: moved),
        HolidayRule("Labor Day", .nth(1, weekday: 1, month: 9)),
        HolidayRule("Election Day", .days([1972_11_07, 1976_11_02, 1980_11_04])),
        HolidayRule("Thanksgiving Day", .nth(4, weekday: 4, month: 11)),
        HolidayRule("Christmas Day", .fixed(month: 12, day: 25), substitute: moved),
        HolidayRule("Funeral of former President Harry S. Truman", .days([1972_12_28])),
        HolidayRule("Funeral of former President Lyndon B. Johnson", .days([1973_01_25])),
        HolidayRule("Blackout in New York City", .days([1977_07_14])),
        HolidayRule("Hurricane Gloria", .days([1985_09_27])),
        HolidayRule("Funeral of former President Richard M. Nixon", .days([1994_04_27])),
        HolidayRule(
            "Closed following Attacks on the World Trade Center", .days([2001_09_11, 2001_09_12, 2001_09_13, 2001_09_14])),
        HolidayRule("National Day of Mourning for former President Ronald Reagan", .days([2004_06_11])),
        HolidayRule("National Day of Mourning for former President Gerald R. Ford", .days([2007_01_02])),
        HolidayRule("Hurricane Sandy", .days([2012_10_29, 2012_10_30])),
        HolidayRule("National Day of Mourning for former President George H. W. Bush", .days([2018_12_05])),
        HolidayRule("National Day of Mourning for former President Jimmy Carter", .days([2025_01_09])),
    ]

    private static let moved = Substitute.instead(saturday: -1, sunday: 1)
}
