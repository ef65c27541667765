/// Bank holidays of the United Kingdom since 1970: the Banking and Financial Dealings Act 1971 with its Schedule 1, royal proclamations under
/// its section 1 (New Year's Day from 1975, the May holiday from 1978, single days and the moves of 1995, 2002, 2012, 2020 and 2022), and the
/// St Andrew's Day Bank Holiday (Scotland) Act 2007. Published at gov.uk/bank-holidays.
extension HolidayRule {
    /// England and Wales.
    static let englandAndWales = wholeKingdom + southern

    /// Northern Ireland.
    static let northernIreland =
        wholeKingdom + southern + [
            HolidayRule("Saint Patrick's Day", .fixed(month: 3, day: 17), substitute: .monday),
            HolidayRule("Battle of the Boyne", .fixed(month: 7, day: 12), substitute: .monday),
        ]

    /// Scotland: 2 January is a holiday too, Easter Monday is none, and the summer holiday begins August.
    static let scotland =
        wholeKingdom + [
            HolidayRule("New Year's Day", .fixed(month: 1, day: 1), substitute: .monday),
            // On a Monday it makes room for New Year's Day, a Sunday then.
            HolidayRule("New Year Holiday", .fixed(month: 1, day: 2), substitute: .also(saturday: 2, sunday: 2, monday: 1)),
            HolidayRule("Summer Bank Holiday", .nth(1, weekday: 1, month: 8)),
            HolidayRule("Saint Andrew's Day", .fixed(month: 11, day: 30), from: 2006, substitute: .monday),
            HolidayRule("Christmas Day", .fixed(month: 12, day: 25), through: 1973, substitute: .monday),
            HolidayRule("Christmas Day", .fixed(month: 12, day: 25), from: 1974, substitute: .twoLater),
            HolidayRule("Boxing Day", .fixed(month: 12, day: 26), from: 1974, substitute: .twoLater),
            HolidayRule("Scotland's participation in the FIFA World Cup final", .days([2026_06_15])),
        ]

    /// What England, Wales and Northern Ireland share beyond the whole kingdom's days.
    private static let southern: [HolidayRule] = [
        HolidayRule("New Year's Day", .fixed(month: 1, day: 1), from: 1975, substitute: .monday),
        HolidayRule("Easter Monday", .easter(1)),
        HolidayRule("Pentecost Monday", .easter(50), through: 1970),
        HolidayRule("Late Summer Bank Holiday", .last(weekday: 1, month: 8), from: 1971),
        HolidayRule("Christmas Day", .fixed(month: 12, day: 25), substitute: .twoLater),
        HolidayRule("Boxing Day", .fixed(month: 12, day: 26), substitute: .twoLater),
    ]

    private static let wholeKingdom: [HolidayRule] = [
        HolidayRule("Good Friday", .easter(-2)),
        HolidayRule("May Day", .nth(1, weekday: 1, month: 5), from: 1978, except: [1995, 2020]),
        HolidayRule("May Day", .days([1995_05_08, 2020_05_08])),
        HolidayRule("Spring Bank Holiday", .last(weekday: 1, month: 5), from: 1971, except: [2002, 2012, 2022]),
        HolidayRule("Spring Bank Holiday", .days([2002_06_04, 2012_06_04, 2022_06_02])),
        HolidayRule("Silver Jubilee of Elizabeth II", .days([1977_06_07])),
        HolidayRule("Wedding of Charles and Diana", .days([1981_07_29])),
        HolidayRule("Millennium Celebrations", .days([1999_12_31])),
        HolidayRule("Golden Jubilee of Elizabeth II", .days([2002_06_03])),
        HolidayRule("Wedding of William and Catherine", .days([2011_04_29])),
        HolidayRule("Diamond Jubilee of Elizabeth II", .days([2012_06_05])),
        HolidayRule("Platinum Jubilee of Elizabeth II", .days([2022_06_03])),
        HolidayRule("State Funeral of Queen Elizabeth II", .days([2022_09_19])),
        HolidayRule("Coronation of Charles III", .days([2023_05_08])),
    ]
}
