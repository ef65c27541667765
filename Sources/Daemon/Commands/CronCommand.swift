import ArgumentParser
import Core
import Service

/// `fleetsynth cron`: the times of a schedule, one per line. For tests and for people who doubt.
struct CronCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cron",
        abstract: "Prints when a schedule fires.",
        discussion: """
            One line per time, after --from: Unix seconds, and what the time zone's clocks show. Warnings and the schedule in words go to \
            standard error.
            """,
        shouldDisplay: false)

    @Argument(help: "The schedule, such as '15 2 * * *' or @daily.", transform: parsed)
    var expression: Parsed

    @Option(help: ArgumentHelp("IANA time zone.", valueName: "name"))
    var timezone = "UTC"

    @Option(help: ArgumentHelp("Times after this one are printed.", valueName: "unix"))
    var from: Int64

    @Option(help: ArgumentHelp("How many.", valueName: "number"))
    var count = 5

    @Option(help: ArgumentHelp("For a fixed time that the clocks skip: run-after or skip.", valueName: "policy"), transform: gapPolicy)
    var gap: GapPolicy = .runAfter

    @Option(
        help: ArgumentHelp("For a fixed time that the clocks show twice: first or both.", valueName: "policy"), transform: overlapPolicy)
    var overlap: OverlapPolicy = .first

    struct Parsed: Sendable {
        let cron: CronExpression
        let warnings: [CronWarning]
    }

    func validate() throws {
        guard 1...1_000_000 ~= count else { throw ValidationError("--count \(count) is outside 1 to 1000000") }
        guard abs(from) < 1 << 40 else { throw ValidationError("--from \(from) is further than 34,000 years away") }
    }

    func run() throws {
        let zone: TimeZoneRules
        do {
            zone = try TimeZoneDatabase().rules(timezone)
        } catch {
            Console.note("error: \(error)")
            throw ExitCode(error.code == .unknownName ? 64 : 66)
        }
        for warning in expression.warnings { Console.note("warning: \(warning); \(warning.remedy)") }
        Console.note("\(expression.cron.words) (\(zone.name))")
        let schedule = Schedule(cron: expression.cron, zone: zone, gap: gap, overlap: overlap)
        let times = schedule.next(count, after: from)
        for time in times { Console.result("\(time) \(zone.text(at: time))") }
        guard times.isEmpty else { return }
        Console.note("error: the schedule never fires within \(Schedule.horizon / (366 * 86_400)) years")
        throw ExitCode(78)
    }
}

private func parsed(_ text: String) throws(ValidationError) -> CronCommand.Parsed {
    do {
        let (cron, warnings) = try CronExpression.parse(text)
        return CronCommand.Parsed(cron: cron, warnings: warnings)
    } catch {
        throw ValidationError("'\(text)' is no schedule: \(error); \(error.remedy)")
    }
}

private func gapPolicy(_ text: String) throws(ValidationError) -> GapPolicy {
    guard let policy = GapPolicy(rawValue: text) else { throw ValidationError("'\(text)' is no policy; write run-after or skip") }
    return policy
}

private func overlapPolicy(_ text: String) throws(ValidationError) -> OverlapPolicy {
    guard let policy = OverlapPolicy(rawValue: text) else { throw ValidationError("'\(text)' is no policy; write first or both") }
    return policy
}
