import ArgumentParser
import Core

/// `fleetsynth calendar`: the days behind `use_holidays` and `use_eoq_spikes`, one per line.
struct CalendarCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar",
        abstract: "Prints the business calendar a dataset uses.",
        discussion: """
            One line per day as comma-separated values: date, weekday, whether it is a weekend day, a holiday (with its name), a business day, \
            and whether it is in the quarter-end window: the last business days of March, June, September and December.
            """)

    @Option(
        help: ArgumentHelp("Whose holidays: \(calendarNames). (default: \(HolidayCalendarName.usFederal.rawValue))", valueName: "name"),
        transform: { text throws(ValidationError) in
            guard let name = HolidayCalendarName(rawValue: text) else {
                throw ValidationError("'\(text)' is no holiday calendar; it must be one of \(calendarNames)")
            }
            return name
        })
    var calendar: HolidayCalendarName = .usFederal

    @Option(help: ArgumentHelp("The first day.", valueName: "YYYY-MM-DD"), transform: supportedDay)
    var from: Day

    @Option(help: ArgumentHelp("The last day, included.", valueName: "YYYY-MM-DD"), transform: supportedDay)
    var to: Day

    @Option(help: ArgumentHelp("Business days of the quarter-end window, 5 to 10.", valueName: "days"))
    var window = 7

    func validate() throws {
        guard from <= to else { throw ValidationError("--from \(from) is after --to \(to); swap them") }
        guard 5...10 ~= window else { throw ValidationError("--window \(window) is outside 5 to 10") }
    }

    func run() throws {
        Console.resultText(CalendarTable.csv(calendar: HolidayCalendar(calendar), days: DayRange(start: from, end: to), window: window))
    }
}

private let calendarNames = HolidayCalendarName.allCases.map(\.rawValue).joined(separator: ", ")

/// A day of the years that datasets may use; they are the whole years of pandas' `datetime64[ns]`.
private func supportedDay(_ text: String) throws(ValidationError) -> Day {
    guard let day = Day(iso: text) else { throw ValidationError("'\(text)' is no day; write it like 2025-12-31") }
    guard 1678...2261 ~= day.year else { throw ValidationError("\(text) is outside the years 1678 to 2261") }
    return day
}
