extension HolidayRule {
    /// Public holidays of the Republic of Ireland since 1970: the Second Schedule of the Organisation of Working Time Act 1997 and the laws and
    /// orders before it, Saint Brigid's Day by S.I. No. 50 of 2022, single days by orders of their years. Good Friday is none.
    ///
    /// A holiday on a weekend is not moved by law: the employer grants another day or pay.
    static let ireland: [HolidayRule] = [
        HolidayRule("New Year's Day", .fixed(month: 1, day: 1), from: 1975),
        // The first Monday of February, or its first day where that is a Friday.
        HolidayRule("Saint Brigid's Day", .onOrAfter(weekday: 1, month: 2, day: 1, staying: 5), from: 2023),
        HolidayRule("Saint Patrick's Day", .fixed(month: 3, day: 17)),
        HolidayRule("Easter Monday", .easter(1)),
        HolidayRule("May Bank Holiday", .nth(1, weekday: 1, month: 5), from: 1994, except: [1995]),
        HolidayRule("May Bank Holiday", .days([1995_05_08])),
        HolidayRule("Pentecost Monday", .easter(50), through: 1972),
        HolidayRule("June Bank Holiday", .nth(1, weekday: 1, month: 6), from: 1973),
        HolidayRule("August Bank Holiday", .nth(1, weekday: 1, month: 8)),
        HolidayRule("October Bank Holiday", .last(weekday: 1, month: 10), from: 1977),
        HolidayRule("Christmas Day", .fixed(month: 12, day: 25)),
        HolidayRule("Saint Stephen's Day", .fixed(month: 12, day: 26)),
        HolidayRule("Millennium Celebrations", .days([1999_12_31])),
        HolidayRule("National Day of Mourning", .days([2011_09_14])),
        HolidayRule("Day of Remembrance and Recognition", .days([2022_03_18])),
    ]
}
