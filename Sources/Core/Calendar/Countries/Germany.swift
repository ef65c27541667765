/// Public holidays of Germany since 1991: 3 October by article 2 of the Unification Treaty, everything else by the holiday laws of the states
/// (Länder), whose common part is `germany`. Days that are holidays only in some municipalities (Assumption in parts of Bavaria, Corpus Christi
/// in parts of Saxony and Thuringia, Augsburg's Peace Festival) are left out, and so are Sundays but Brandenburg's two. Nothing is moved.
extension HolidayRule {
    static let germany: [HolidayRule] = [
        rule("New Year's Day", .fixed(month: 1, day: 1)),
        rule("Good Friday", .easter(-2)),
        rule("Easter Monday", .easter(1)),
        rule("Labor Day", .fixed(month: 5, day: 1)),
        rule("Ascension Day", .easter(39)),
        rule("Pentecost Monday", .easter(50)),
        rule("German Unity Day", .fixed(month: 10, day: 3)),
        // The 500th anniversary of the Reformation.
        rule("Reformation Day", .days([2017_10_31])),
        rule("Repentance and Prayer Day", repentance, through: 1994),
        rule("Christmas Day", .fixed(month: 12, day: 25)),
        rule("Second Day of Christmas", .fixed(month: 12, day: 26)),
    ]

    /// The states' calendars, by the letters of ISO 3166-2:DE.
    static let germanStates: [HolidayCalendarName: [HolidayRule]] = [
        .germanyBadenWuerttemberg: [epiphany, corpusChristi, allSaints],
        .germanyBavaria: [epiphany, corpusChristi, allSaints],
        .germanyBerlin: [
            womensDay(from: 2019),
            rule(
                "75th anniversary of the liberation from Nazism and the end of the Second World War in Europe", .days([2020_05_08])),
            rule(
                "80th anniversary of the liberation from Nazism and the end of the Second World War in Europe", .days([2025_05_08])),
            rule("75th anniversary of the East German uprising of 1953", .days([2028_06_17])),
        ],
        .germanyBrandenburg: [
            rule("Easter Sunday", .easter(0)), rule("Pentecost", .easter(49)), reformation(),
        ],
        .germanyBremen: [reformation(from: 2018)],
        .germanyHamburg: [reformation(from: 2018)],
        .germanyHesse: [corpusChristi],
        .germanyMecklenburg: [womensDay(from: 2023), reformation()],
        .germanyLowerSaxony: [reformation(from: 2018)],
        .germanyRhineWestphalia: [corpusChristi, allSaints],
        .germanyRhinelandPalatinate: [corpusChristi, allSaints],
        .germanySaarland: [corpusChristi, rule("Assumption Day", .fixed(month: 8, day: 15)), allSaints],
        .germanySaxony: [reformation(), rule("Repentance and Prayer Day", repentance, from: 1995)],
        .germanySaxonyAnhalt: [epiphany, reformation()],
        .germanySchleswigHolstein: [reformation(from: 2018)],
        .germanyThuringia: [rule("World Children's Day", .fixed(month: 9, day: 20), from: 2019), reformation()],
    ].mapValues { germany + $0 }

    private static let epiphany = rule("Epiphany", .fixed(month: 1, day: 6))
    private static let corpusChristi = rule("Corpus Christi", .easter(60))
    private static let allSaints = rule("All Saints' Day", .fixed(month: 11, day: 1))
    /// The Wednesday before 23 November.
    private static let repentance = DayPattern.onOrAfter(weekday: 3, month: 11, day: 16)

    private static func reformation(from first: Int = 1991) -> HolidayRule {
        rule("Reformation Day", .fixed(month: 10, day: 31), from: first)
    }

    private static func womensDay(from first: Int) -> HolidayRule { rule("Women's Day", .fixed(month: 3, day: 8), from: first) }

    /// Before the states were united there was no common law.
    private static func rule(_ name: String, _ pattern: DayPattern, from first: Int = 1991, through last: Int = .max) -> HolidayRule {
        HolidayRule(name, pattern, from: first, through: last)
    }
}
