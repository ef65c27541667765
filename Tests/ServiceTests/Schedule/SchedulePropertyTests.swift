import Core
import Service
import Testing

@Suite("Schedules against a clock watched minute by minute")
struct SchedulePropertyTests {
    /// A plain schedule of numbers, often with a time that changes of the clock touch.
    static func cron(_ random: inout FixedRandom) -> String {
        func pick(_ choices: [String]) -> String { choices.randomElement(using: &random) ?? "*" }
        let minute = pick([
            "*", "0", "30", "15", "*/7", "*/30", "0-59/20", "5,35", "59", "0-30", "\(Int.random(in: 0...59, using: &random))",
        ])
        let hour = pick([
            "*", "*/2", "0", "1", "2", "2", "3", "23", "1-3", "0-23", "0-23/5", "2,14", "22,23",
            "\(Int.random(in: 0...23, using: &random))",
        ])
        let date = pick(["*", "*", "*", "*/2", "1", "L", "LW", "15W", "1W", "30W", "1-7", "31", "13", "29,L"])
        let month = pick(["*", "*", "*", "*", "3,10", "*/2", "1-6"])
        let weekday = pick(["*", "*", "*", "*/2", "0", "7", "1-5", "5L", "1#1", "0#5", "+5", "+1-3", "6-7", "+0L"])
        return "\(minute) \(hour) \(date) \(month) \(weekday)"
    }

    @Test("C14: next() finds exactly the minutes that a watched clock finds, around changes of the clock", arguments: ScheduleSupport.zones)
    func bruteForce(name: String) throws {
        let zone = try ScheduleSupport.zone(name)
        // Years in which these zones do what they are known for: Sao Paulo's midnight gap, Apia's missing day, Casablanca's Ramadan.
        let years = name == "Pacific/Apia" ? [2011] : name == "America/Sao_Paulo" ? [2018] : [2024, 2031]
        var random = FixedRandom(state: UInt64(name.utf8.count))
        for year in years {
            var time = ScheduleSupport.utc("\(year)-01-01T00:00")
            var windows = [time + 40 * 86_400]
            while let change = zone.transition(after: time), change.at < ScheduleSupport.utc("\(year + 1)-01-01T00:00") {
                windows.append(change.at - 86_400)
                time = change.at
            }
            for start in windows {
                for _ in 0..<40 {
                    let text = Self.cron(&random)
                    for (gap, overlap) in [(GapPolicy.runAfter, OverlapPolicy.first), (.skip, .both)] {
                        let schedule = Schedule(cron: try CronExpression(text), zone: zone, gap: gap, overlap: overlap)
                        let from = start + Int64.random(in: 0..<3_600, using: &random)
                        let end = from + 3 * 86_400
                        let expected = MinuteByMinute(text).times(in: zone, after: from, through: end, gap: gap, overlap: overlap)
                        var found: [Int64] = []
                        while let next = schedule.next(after: found.last ?? from, through: end) { found.append(next) }
                        #expect(found == expected, "\(text) in \(name) after \(from), \(gap), \(overlap)")
                    }
                }
            }
        }
    }

    @Test("C14: days are exactly those of a second opinion, in every month of 400 years")
    func days() throws {
        var random = FixedRandom(state: 3)
        for _ in 0..<150 {
            let text = Self.cron(&random).split(separator: " ").dropFirst(2).joined(separator: " ")
            let expression = try CronExpression("0 0 " + text)
            let opinion = MinuteByMinute("0 0 " + text)
            let first = Day(number: Int.random(in: -50_000...100_000, using: &random))
            let expected = (0..<800).map { first + $0 }.filter { opinion.matches(Int64($0.number) * 86_400) }
            var found: [Day] = []
            while let next = expression.next(
                onOrAfter: CivilMinute(day: found.last.map { $0 + 1 } ?? first, minute: 0), before: CivilMinute(day: first + 800, minute: 0)
            ) { found.append(next.day) }
            #expect(found == expected, "\(text) from \(first)")
        }
    }

    @Test("C14: next() strictly grows, loses nothing between two times and agrees with the watched clock, in all zones over 400 years")
    func everyZone() throws {
        var random = FixedRandom(state: 11)
        for name in TimeZoneDatabase().names() {
            let zone = try ScheduleSupport.zone(name)
            for _ in 0..<2 {
                let text = Self.cron(&random)
                let schedule = Schedule(cron: try CronExpression(text), zone: zone)
                var time = Int64.random(
                    in: ScheduleSupport.utc("1973-01-01T00:00")...ScheduleSupport.utc("2373-01-01T00:00"), using: &random)
                if let change = zone.transition(after: time) { time = change.at - Int64.random(in: 0...90_000, using: &random) }
                let end = time + 2 * 86_400
                let expected = MinuteByMinute(text).times(in: zone, after: time, through: end, gap: .runAfter, overlap: .first)
                var found: [Int64] = []
                while let next = schedule.next(after: found.last ?? time, through: end) {
                    #expect(next > found.last ?? time)
                    found.append(next)
                }
                #expect(found == expected, "\(text) in \(name) after \(time)")
                if let first = schedule.next(after: time) {
                    #expect(schedule.next(after: first - 1) == first && schedule.next(after: time - 1) ?? .max <= first)
                }
            }
        }
    }
}
