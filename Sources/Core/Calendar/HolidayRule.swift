/// One line of a holiday calendar: a name, the years it is in force, the way to its days, and what happens on a weekend.
struct HolidayRule: Hashable, Sendable {
    /// The day off for a holiday that falls on a day that is off anyway.
    enum Substitute: Hashable, Sendable {
        case none
        /// A further day off, so many days later or, below 0, earlier; 0 for none.
        case also(saturday: Int = 0, sunday: Int = 0, monday: Int = 0)
        /// The day off moves away from its date by so many days; nil: there is none then.
        case instead(saturday: Int?, sunday: Int?)
        /// A holiday on a Sunday gives the next day that is neither a holiday nor a weekend day, from this year on.
        case nextFreeAfterSunday(since: Int)

        /// Saturday to Friday, Sunday to Monday.
        static let nearestWeekday = also(saturday: -1, sunday: 1)
        /// Saturday and Sunday to Monday.
        static let monday = also(saturday: 2, sunday: 1)
        /// Saturday to Monday and Sunday to Tuesday: of two holidays in a row each gets a day of its own.
        static let twoLater = also(saturday: 2, sunday: 2)
    }

    let name: String
    let pattern: DayPattern
    let years: ClosedRange<Int>
    let exceptions: [Int]
    var substitute: Substitute
    /// Whether the authority has not fixed the days yet, or nobody has looked up which days it fixed.
    let isEstimated: Bool

    init(
        _ name: String, _ pattern: DayPattern, from first: Int = .min, through last: Int = .max, except exceptions: [Int] = [],
        substitute: Substitute = .none, isEstimated: Bool = false
    ) {
        self.name = name
        self.pattern = pattern
        self.years = first...last
        self.exceptions = exceptions
        self.substitute = substitute
        self.isEstimated = isEstimated
    }

    /// The days of the holiday itself in a year, not those it is observed on; none where the rule is not in force.
    func days(in year: Int) -> [Day] { years.contains(year) && !exceptions.contains(year) ? pattern.days(in: year) : [] }

    /// The same holiday with another way to treat weekends.
    func with(_ substitute: Substitute) -> HolidayRule {
        var copy = self
        copy.substitute = substitute
        return copy
    }
}
