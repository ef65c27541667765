import Core
import Service
import Testing

@Suite("Time zones")
struct TimeZoneRulesTests {
    private func utc(_ text: String) -> Int64 { ScheduleSupport.utc(text) }

    @Test(
        "C5: offsets come from the database, and beyond its table from the rule for the future",
        arguments: [
            ("Europe/Berlin", "2024-03-31T00:59", 3_600), ("Europe/Berlin", "2024-03-31T01:00", 7_200),
            ("Europe/Berlin", "2024-10-27T00:59", 7_200),
            ("Europe/Berlin", "2024-10-27T01:00", 3_600), ("Europe/Berlin", "2100-07-01T00:00", 7_200),
            ("Europe/Berlin", "2600-07-01T00:00", 7_200),
            ("Europe/Berlin", "2600-12-01T00:00", 3_600), ("Europe/Berlin", "1800-01-01T00:00", 3_208),
            ("America/New_York", "2040-03-11T06:59", -18_000),
            ("America/New_York", "2040-03-11T07:00", -14_400), ("Australia/Lord_Howe", "2024-01-01T00:00", 39_600),
            ("Australia/Lord_Howe", "2024-07-01T00:00", 37_800), ("Australia/Lord_Howe", "2050-01-01T00:00", 39_600),
            ("Pacific/Apia", "2011-12-30T09:59", -36_000), ("Pacific/Apia", "2011-12-30T10:00", 50_400),
            ("Pacific/Kiritimati", "2024-01-01T00:00", 50_400),
            ("Africa/Casablanca", "2024-03-15T00:00", 0), ("Africa/Casablanca", "2024-05-01T00:00", 3_600),
            ("Asia/Kathmandu", "2024-05-01T00:00", 20_700),
            ("Europe/Dublin", "2045-01-15T00:00", 0), ("Europe/Dublin", "2045-07-15T00:00", 3_600), ("UTC", "2024-01-01T00:00", 0),
            ("America/Nuuk", "2045-03-26T00:59", -7_200), ("America/Nuuk", "2045-03-26T01:00", -3_600),
        ])
    func offsets(name: String, at: String, offset: Int) throws { #expect(try ScheduleSupport.zone(name).offset(at: utc(at)) == offset) }

    @Test("C5: a time on the clock is shown never, once or twice")
    func instants() throws {
        let berlin = try ScheduleSupport.zone("Europe/Berlin")
        #expect(berlin.instants(showing: utc("2024-06-01T12:00")) == .one(utc("2024-06-01T10:00")))
        let gap = TimeZoneRules.Transition(at: utc("2024-03-31T01:00"), before: 3_600, after: 7_200)
        #expect(berlin.instants(showing: utc("2024-03-31T02:00")) == .none(gap))
        #expect(berlin.instants(showing: utc("2024-03-31T02:59")) == .none(gap))
        #expect(berlin.instants(showing: utc("2024-03-31T03:00")) == .one(utc("2024-03-31T01:00")))
        #expect(berlin.instants(showing: utc("2024-10-27T02:30")) == .two(first: utc("2024-10-27T00:30"), second: utc("2024-10-27T01:30")))
        #expect(berlin.instants(showing: utc("2024-10-27T03:00")) == .one(utc("2024-10-27T02:00")))
        let apia = try ScheduleSupport.zone("Pacific/Apia")
        #expect(
            apia.instants(showing: utc("2011-12-30T12:00"))
                == .none(TimeZoneRules.Transition(at: utc("2011-12-30T10:00"), before: -36_000, after: 50_400)))
        #expect(apia.instants(showing: utc("2011-12-31T00:00")) == .one(utc("2011-12-30T10:00")))
        #expect(TimeZoneRules.utc.instants(showing: 5) == .one(5))
    }

    @Test("C14: every instant is among the instants that show its reading, in every zone of the database")
    func everyZone() throws {
        let names = TimeZoneDatabase().names()
        #expect(names.count > 400 && names.contains("Europe/Berlin") && names.contains("America/Argentina/Buenos_Aires"))
        #expect(!names.contains { $0.hasPrefix("right/") || $0.hasPrefix("posix/") || $0.contains(".") || $0 == "localtime" })
        var random = FixedRandom(state: 5)
        for name in names {
            let zone = try ScheduleSupport.zone(name)
            for _ in 0..<60 {
                var time = Int64.random(in: utc("1850-01-01T00:00")...utc("2800-01-01T00:00"), using: &random)
                // Around a change of the offset it becomes interesting.
                if let change = zone.transition(after: time) {
                    #expect(
                        change.at > time && change.before == zone.offset(at: change.at - 1) && change.after == zone.offset(at: change.at))
                    #expect(zone.transition(atOrBefore: change.at) == change && change.before != change.after)
                    time = change.at + Int64.random(in: -90_000...90_000, using: &random)
                }
                let isFound =
                    switch zone.instants(showing: time + Int64(zone.offset(at: time))) {
                    case .none: false
                    case .one(let only): only == time
                    case .two(let first, let second): first < second && (first == time || second == time)
                    }
                #expect(isFound, "\(name) at \(time)")
            }
        }
    }

    @Test(
        "C5: an unknown zone is refused with the name that was meant",
        arguments: [
            ("Europe/Berln", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"), ("Berlin", "Europe/Berlin"),
            ("America/New-York", "America/New_York"),
            ("Asia/Tokio", "Asia/Tokyo"), ("Mars/Olympus_Mons", nil),
        ])
    func unknown(name: String, meant: String?) throws {
        let error = try #require(throws: TimeZoneError.self) { try TimeZoneDatabase().rules(name) }
        #expect(error.code == .unknownName && error.suggestion == meant, "\(error)")
        #expect(error.description.contains(meant ?? "Write an IANA name"))
    }

    @Test(
        "C5: no name leaves the database or means another zone elsewhere",
        arguments: [
            "", ".", "..", "../zoneinfo/UTC", "/etc/localtime", "Europe/../UTC", "Europe//Berlin", "Europe/", "Europe", "localtime",
            "posixrules",
            "right/Europe/Berlin", "posix/UTC", "zone.tab", "leapseconds", "Europe/Berlin/x", "a/b/c/d", "Europe/Berlin\0", "1UTC",
        ])
    func escape(name: String) throws {
        let error = try #require(throws: TimeZoneError.self) { try TimeZoneDatabase().rules(name) }
        #expect(error.code == .unknownName || name == "leapseconds", "\(error)")
    }

    @Test("a machine without a database is told so")
    func noDatabase() throws {
        let error = try #require(throws: TimeZoneError.self) { try TimeZoneDatabase(folder: "/nonexistent").rules("Europe/Berlin") }
        #expect(error.code == .unreadable && error.description.contains("Install the package tzdata"))
        #expect(try TimeZoneDatabase(folder: "/nonexistent").rules("UTC") == .utc)
    }

    /// A file of version 2 or later: an empty block of version 1, then one offset and a footer.
    private static func file(
        version: Character = "2", leapSeconds: UInt8 = 0, times: [Int64] = [], offset: Int32 = 0, index: UInt8 = 0, footer: String
    ) -> [UInt8] {
        func header(_ times: Int) -> [UInt8] {
            Array("TZif\(version)".utf8) + [UInt8](repeating: 0, count: 15 + 4 + 4) + [
                0, 0, 0, leapSeconds, 0, 0, 0, UInt8(times), 0, 0, 0, 1, 0, 0, 0, 4,
            ]
        }
        func big<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
        let type = big(offset) + [0, 0] + Array("ABC\0".utf8)
        let leap = [UInt8](repeating: 0, count: Int(leapSeconds) * 8)
        let second = times.flatMap { big($0) } + times.map { _ in index } + type
        return header(0) + big(Int32(0)) + [0, 0] + Array("ABC\0".utf8) + leap + header(times.count) + second + Array("\n\(footer)\n".utf8)
    }

    @Test(
        "footers follow POSIX and RFC 8536",
        arguments: [
            ("<-03>3", "2024-01-01T00:00", -10_800), ("EST5", "2024-07-01T00:00", -18_000), ("X<+05>-5", "2024-07-01T00:00", nil),
            ("<+0545>-5:45", "2024-07-01T00:00", 20_700), ("CET-1CEST,M3.5.0,M10.5.0/3", "2024-07-01T00:00", 7_200),
            ("AAA3BBB,J60/0,J300/0", "2024-02-29T12:00", -10_800), ("AAA3BBB,J60/0,J300/0", "2024-03-01T03:00", -7_200),
            ("AAA3BBB,59/0,300/0", "2024-02-29T12:00", -7_200), ("IST-1GMT0,M10.5.0,M3.5.0/1", "2024-01-01T00:00", 0),
            ("IST-1GMT0,M10.5.0,M3.5.0/1", "2024-07-01T00:00", 3_600), ("XXX3EDT4,0/0,J365/23", "2024-07-01T00:00", -14_400),
            ("XXX3EDT4,0/0,J365/23", "2024-01-01T12:00", -14_400), ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2045-03-26T00:59", -7_200),
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2045-03-26T01:00", -3_600), ("EST5EDT", "2024-07-01T00:00", nil),
            ("CET", "2024-07-01T00:00", nil),
            ("CE-1", "2024-07-01T00:00", nil), ("CET-1CEST,M13.5.0,M10.5.0", "2024-07-01T00:00", nil),
            ("CET-1CEST,M3.5.0", "2024-07-01T00:00", nil),
            ("CET-1CEST,M3.5.0,M10.5.0/168", "2024-07-01T00:00", nil), ("CET-1x", "2024-07-01T00:00", nil),
            ("<CET-1", "2024-07-01T00:00", nil),
        ])
    func footers(text: String, at: String, offset: Int?) throws {
        let bytes = Self.file(version: "3", footer: text)
        if let offset {
            #expect(try TimeZoneRules(name: "X", bytes: bytes).offset(at: utc(at)) == offset)
        } else {
            let error = try #require(throws: TimeZoneError.self) { try TimeZoneRules(name: "X", bytes: bytes) }
            #expect(error.code == .unreadable && error.description.contains("footer"))
        }
    }

    @Test("damaged files are refused, whatever is cut off or turned over")
    func damaged() throws {
        let good = Self.file(times: [-5, 1_000], offset: 3_600, footer: "ABC-1")
        #expect(try TimeZoneRules(name: "X", bytes: good).offset(at: 0) == 3_600)
        for count in 0..<good.count - 1 {
            #expect(throws: TimeZoneError.self) { try TimeZoneRules(name: "X", bytes: Array(good[..<count])) }
        }
        for bytes in [
            Self.file(leapSeconds: 1, footer: ""), Self.file(times: [5, 5], footer: ""), Self.file(times: [5], index: 1, footer: ""),
            Self.file(offset: 100_000, footer: ""), Array("GIF89a".utf8),
        ] {
            let error = try #require(throws: TimeZoneError.self) { try TimeZoneRules(name: "X", bytes: bytes) }
            #expect(error.code == .unreadable && error.description.contains("damaged"))
        }
        // Whatever single byte is wrong, the reader ends with a zone or an error.
        var random = FixedRandom(state: 9)
        for index in good.indices {
            var bytes = good
            bytes[index] = UInt8.random(in: 0...255, using: &random)
            _ = try? TimeZoneRules(name: "X", bytes: bytes).offset(at: 0)
        }
    }

    @Test("a file of version 1 ends where its table ends")
    func versionOne() throws {
        var bytes = Array("TZif\0".utf8) + [UInt8](repeating: 0, count: 15 + 12) + [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4]
        bytes += [0, 0, 0, 100] + [1] + [0, 0, 0x0E, 0x10, 0, 0] + [0, 0, 0x1C, 0x20, 0, 0] + Array("ABC\0".utf8)
        let zone = try TimeZoneRules(name: "X", bytes: bytes)
        #expect(zone.offset(at: 99) == 3_600 && zone.offset(at: 100) == 7_200 && zone.transition(after: 100) == nil)
    }

    @Test(
        "times are written as the zone's clocks show them",
        arguments: [
            ("Europe/Berlin", "2024-03-31T01:00", "2024-03-31T03:00:00+02:00"),
            ("America/New_York", "2024-01-01T00:30", "2023-12-31T19:30:00-05:00"),
            ("Asia/Kathmandu", "1969-12-31T18:00", "1969-12-31T23:30:00+05:30"),
            ("Europe/Berlin", "1890-01-01T00:00", "1890-01-01T00:53:28+00:53:28"),
        ])
    func text(name: String, at: String, expected: String) throws { #expect(try ScheduleSupport.zone(name).text(at: utc(at)) == expected) }
}
