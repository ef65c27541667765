import ArgumentParser
import Core
import Glibc

/// `fleetsynth calendar`: the days behind `use_holidays` and `use_eoq_spikes`, one per line.
struct CalendarCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar",
        abstract: "Prints the business calendar a dataset uses.",
        discussion: """
            One line per day as comma-separated values: date, weekday, whether it is a weekend day, a holiday (with its name), a business day, \
            and whether it is in the quarter-end window: the last business days of March, June, September and December, or of the months that \
            the metrics of --config name.

            With --ics it prints the whole-day events of an iCalendar file instead, as a calendar to paste into a config.
            """)

    @Option(
        help: ArgumentHelp(
            "Whose holidays: \(calendarNames), or with --config one of its own calendars. (default: us_federal, or the config's)",
            valueName: "name"))
    var calendar: String?

    @Option(help: ArgumentHelp("Take the calendar of this dataset's YAML file.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("With --config, the calendar of this region.", valueName: "region"))
    var region: String?

    @Option(help: ArgumentHelp("The first day.", valueName: "YYYY-MM-DD"), transform: supportedDay)
    var from: Day?

    @Option(help: ArgumentHelp("The last day, included.", valueName: "YYYY-MM-DD"), transform: supportedDay)
    var to: Day?

    @Option(help: ArgumentHelp("Business days of the quarter-end window, 5 to 10. (default: 7, or the config's)", valueName: "days"))
    var window: Int?

    @Option(help: ArgumentHelp("An iCalendar file to turn into a calendar of a config.", valueName: "file"))
    var ics: String?

    func validate() throws {
        if ics != nil {
            guard from == nil, to == nil, config == nil, calendar == nil, region == nil, window == nil else {
                throw ValidationError("--ics stands alone; leave out --calendar, --config, --region, --from, --to and --window")
            }
            return
        }
        guard let from else { throw ValidationError("--from is missing; write for example --from 2025-01-01") }
        guard let to else { throw ValidationError("--to is missing; write for example --to 2025-12-31") }
        guard from <= to else { throw ValidationError("--from \(from) is after --to \(to); swap them") }
        if let window, !(5...10 ~= window) { throw ValidationError("--window \(window) is outside 5 to 10") }
        if region != nil, config == nil || calendar != nil { throw ValidationError("--region goes with --config and without --calendar") }
        if config == nil, let calendar, HolidayCalendarName(rawValue: calendar) == nil {
            throw ValidationError("'\(calendar)' is no holiday calendar; it must be one of \(calendarNames)")
        }
    }

    func run() throws {
        if let ics { return try convert(ics) }
        guard let from, let to else { return }
        let days = DayRange(start: from, end: to)
        guard let config else {
            let holidays = HolidayCalendar(calendar.flatMap(HolidayCalendarName.init(rawValue:)) ?? .usFederal)
            return Console.resultText(CalendarTable.csv(calendar: holidays, days: days, window: window ?? 7))
        }
        let flags = calendar.map { [(path: "data_generation.holiday_calendar", value: $0)] } ?? []
        let data = try ConfigOptions.load(file: config, flags: flags, today: WallClock.today).spec.data
        if let region, !data.regions.labels.contains(region) {
            Console.note("'\(region)' is no region of \(config); it must be one of \(data.regions.labels.joined(separator: ", "))")
            throw ExitCode(64)
        }
        let holidays = region.map(data.calendar(of:)) ?? data.holidayCalendar
        let months = Set(data.metrics.flatMap(\.endOfQuarterMonths))
        Console.resultText(
            CalendarTable.csv(calendar: holidays, days: days, window: window ?? data.endOfQuarterWindow, months: months))
    }

    /// A config refers to no other file, so its text alone decides its data; the events become text.
    private func convert(_ path: String) throws {
        let bytes: [UInt8]
        do {
            bytes = try ConfigFile.read(path: path)
        } catch {
            Console.note(error.description)
            throw ExitCode(ConfigOptions.exitCode(error.code))
        }
        do {
            let found = try ICalendarDays(bytes)
            // A calendar without days would make data without holidays, and nobody would know why.
            guard !found.days.isEmpty else {
                Console.note("\(path): there are no whole-day events in it that are not cancelled\n    remedy: give a file of holidays")
                throw ExitCode(78)
            }
            Console.result("data_generation:\n  holiday_calendar: own\n  calendars:\n    own:\n      extends: null\n      add:")
            for day in found.days { Console.result("        \(day.pattern): \(ConfigJSON.text(day.name).text)") }
        } catch let error as ICalendarError {
            Console.note("\(path):\(error)")
            throw ExitCode(78)
        }
    }
}

private let calendarNames = HolidayCalendarName.allCases.map(\.rawValue).joined(separator: ", ")

/// A day of the years that datasets may use; they are the whole years of pandas' `datetime64[ns]`.
private func supportedDay(_ text: String) throws(ValidationError) -> Day {
    guard let day = Day(iso: text) else { throw ValidationError("'\(text)' is no day; write it like 2025-12-31") }
    guard 1678...2261 ~= day.year else { throw ValidationError("\(text) is outside the years 1678 to 2261") }
    return day
}
