import Core
import Testing

@Suite("iCalendar files")
struct ICalendarTests {
    private static let text = """
        BEGIN:VCALENDAR
        BEGIN:VEVENT
        DTSTART;VALUE=DATE:20240705
        DURATION:P2D
        SUMMARY:A\\, b\\nc
        END:VEVENT
        BEGIN:VEVENT
        DTSTART;VALUE=DATE:20241230
        DTEND;VALUE=DATE:20250103
        RRULE:FREQ=YEARLY;INTERVAL=1
        END:VEVENT
        BEGIN:VEVENT
        DTSTART;VALUE=DATE:20240527
        RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO
        SUMMARY:Memorial Day
        END:VEVENT
        BEGIN:VEVENT
        DTSTART;VALUE=DATE:20240704
        RRULE:FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=4
        SUMMARY:Fourth
        END:VEVENT
        END:VCALENDAR
        """

    @Test("events are days as a config names them")
    func days() throws {
        let found = try ICalendarDays(Array(Self.text.utf8)).days.map { "\($0.pattern): \($0.name)" }
        #expect(
            found == [
                "07-04: Fourth", "12-30..01-02: 12-30..01-02", "2024-07-05..2024-07-06: A, b c", "last MON of MAY: Memorial Day",
            ])
    }

    @Test("line ends of any kind and folded lines are the same file")
    func lines() throws {
        let plain = try ICalendarDays(Array(Self.text.utf8)).days.map(\.name)
        for other in [Self.text.replacing("\n", with: "\r\n"), Self.text.replacing("Memorial Day", with: "Memo\n rial Day")] {
            #expect(try ICalendarDays(Array(other.utf8)).days.map(\.name) == plain)
        }
    }

    private static func event(_ lines: String) -> [UInt8] {
        Array("BEGIN:VCALENDAR\nBEGIN:VEVENT\n\(lines)\nEND:VEVENT\nEND:VCALENDAR\n".utf8)
    }

    @Test("a mark of the byte order, a line folded within a character and colons in quotation marks are read as they are meant")
    func oddLines() throws {
        let bytes = Self.event("DTSTART;X-A=\"a:b;c\";VALUE=DATE:20240101\nSUMMARY;ALTREP=\"http://x.y/a;b\":N\u{E9}o")
        // Between the two bytes of the é.
        let accent = try #require(bytes.firstIndex(of: 0xC3))
        let odd = [0xEF, 0xBB, 0xBF] + bytes[...accent] + Array("\r\n ".utf8) + bytes[(accent + 1)...]
        for bytes in [bytes, odd] {
            #expect(try ICalendarDays(bytes).days.map { "\($0.pattern): \($0.name)" } == ["2024-01-01: N\u{E9}o"])
        }
        let broken = #expect(throws: ICalendarError.self) { try ICalendarDays(bytes.filter { $0 != 0xA9 }) }
        #expect(broken?.line == 4 && broken?.description.contains("not UTF-8") == true)
    }

    @Test(
        "an event has one start, one end and one rule",
        arguments: [
            "DTSTART:20240101\nDTSTART:20240102", "DTSTART:20240101\nDTEND:20240102\nDURATION:P1D",
            "DTSTART:20240101\nRRULE:FREQ=YEARLY\nRRULE:FREQ=YEARLY",
        ])
    func twice(lines: String) {
        let error = #expect(throws: ICalendarError.self) { try ICalendarDays(Self.event(lines)) }
        #expect(error?.description.contains("is the second") == true)
    }

    @Test("whatever the bytes, reading ends, and what it gives a config takes")
    func mutations() throws {
        var state: UInt64 = 7
        func random(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % below
        }
        var accepted = 0
        for _ in 0..<4000 {
            var bytes = Array(Self.text.utf8)
            for _ in 0...random(3) {
                let place = random(bytes.count)
                switch random(4) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = Array(":;=-+,\\ 09PDWMO\r\n".utf8)[random(17)]
                case 2: bytes.insert(UInt8(random(256)), at: place)
                default:
                    bytes.replaceSubrange(
                        place..<min(place + random(30), bytes.count), with: bytes[random(bytes.count)...].prefix(random(30)))
                }
            }
            guard let found = try? ICalendarDays(bytes) else { continue }
            accepted += 1
            let add = found.days.map { "\($0.pattern): \(ConfigJSON.text($0.name).text)" }.joined(separator: ", ")
            _ = try ConfigSupport.load("data_generation: { holiday_calendar: own, calendars: { own: { add: { \(add) } } } }")
        }
        #expect(accepted > 100 && accepted < 3900)
    }
}
