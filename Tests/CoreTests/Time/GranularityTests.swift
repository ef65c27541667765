import Core
import Testing

@Suite("Granularity and steps")
struct GranularityTests {
    @Test("every granularity divides a day, has one spelling, and is read back from it")
    func spellings() {
        #expect(Granularity.all.first == .daily && Granularity.all.last?.description == "5min")
        for granularity in Granularity.all {
            #expect(granularity.minutes * granularity.stepsPerDay == 1440)
            #expect(Granularity(granularity.description) == granularity)
        }
        #expect(Granularity("6h")?.minutes == 360 && Granularity("15min")?.minutes == 15 && Granularity("hourly")?.minutes == 60)
        for odd in ["60min", "24h", "1h", "7min", "4min", "1min", "", "Daily", "0h", "-5min"] { #expect(Granularity(odd) == nil) }
    }

    @Test("steps are counted from 1970-01-01T00:00Z, before and after it")
    func absolute() throws {
        let quarter = try #require(Granularity("15min"))
        let steps = StepRange(DayRange(start: Specs.day("1969-12-31"), end: Specs.day("1970-01-01")), quarter)
        #expect(steps.count == 192 && steps.absolute == -96..<96)
        #expect(steps.microseconds(at: 0) == -86_400_000_000 && steps.microseconds(at: 97) == 900_000_000)
        #expect(steps.text(at: 0) == "1969-12-31T00:00:00Z" && steps.text(at: 191) == "1970-01-01T23:45:00Z")
        let days = StepRange(steps.days, .daily)
        #expect(days.absolute == -1..<1 && days.text(at: 1) == "1970-01-01" && days.microseconds(at: 1) == 0)
    }
}

@Suite("Local time")
struct LocalClockTests {
    /// What the clocks show in the middle of each step, as `day hh:mm`.
    static func readings(_ zone: String, _ day: String, _ granularity: String) throws -> [String] {
        let steps = StepRange(DayRange(start: Specs.day(day), days: 1), try #require(Granularity(granularity)))
        var found: [String] = []
        LocalClock(TimeZoneTable.zone(zone), steps: steps).forEach { _, seconds in
            let (day, minute) = (Int((Double(seconds) / 86_400).rounded(.down)), Int(seconds) / 60)
            found.append("\(Day(number: day).iso) \((minute / 60) % 24):\(minute % 60)")
        }
        return found
    }

    @Test("clocks go forward and back at the instants of the law, in both hemispheres and in odd minutes")
    func changes() throws {
        let dublin = try Self.readings("Europe/Dublin", "2024-03-31", "hourly")
        #expect(dublin[0] == "2024-03-31 0:30" && dublin[1] == "2024-03-31 2:30" && dublin[23] == "2024-04-01 0:30")
        let back = try Self.readings("America/New_York", "2024-11-03", "hourly")
        #expect(
            back[0] == "2024-11-02 20:30" && back[5] == "2024-11-03 1:30" && back[6] == "2024-11-03 1:30" && back[7] == "2024-11-03 2:30")
        let sydney = try Self.readings("Australia/Sydney", "2024-04-06", "6h")
        #expect(sydney == ["2024-04-06 14:0", "2024-04-06 20:0", "2024-04-07 2:0", "2024-04-07 7:0"])
        #expect(try Self.readings("Asia/Kathmandu", "2024-06-01", "hourly")[18] == "2024-06-02 0:15")
        #expect(try Self.readings("<-03:30>3:30", "2024-06-01", "hourly")[0] == "2024-05-31 21:0")
    }

    @Test("days have no zone")
    func days() throws {
        #expect(try Self.readings("Pacific/Auckland", "2024-06-01", "daily") == ["2024-06-01 12:0"])
    }

    @Test("every zone of the table has a rule, and every known region a zone of the table")
    func table() {
        for name in TimeZoneTable.rules.keys { #expect(TimeZoneTable.zone(name) != nil, "\(name)") }
        #expect(RegionZones.known.count > 100)
        for region in RegionZones.known { #expect(TimeZoneTable.rules[RegionZones.zone(of: region) ?? ""] != nil, "\(region)") }
        #expect(RegionZones.zone(of: "EU-West-1") == "Europe/Dublin" && RegionZones.zone(of: "mars-1") == nil)
        #expect(TimeZoneTable.zone("Europe/Dubin") == nil && TimeZoneTable.zone("") == nil)
        for rule in ["<X>24:59", "<X>-19", "AAA5BBB-20,M3.2.0,M11.1.0"] { #expect(TimeZoneTable.zone(rule) == nil) }
    }
}
