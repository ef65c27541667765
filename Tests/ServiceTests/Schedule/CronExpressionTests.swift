import Core
import Testing

@Suite("Cron expressions")
struct CronExpressionTests {
    @Test(
        "C1: the canonical text is one for all spellings, and a fixed point",
        arguments: [
            ("15 2 * * *", "15 2 * * *"), ("05 02 01 01 0", "5 2 1 1 0"), ("0 0 * JAN-mar Mon,WED,7", "0 0 * 1-3 0,1,3"),
            ("*/15 * * * *", "*/15 * * * *"), ("*/1 * * * *", "* * * * *"), ("0-59/15 * * * *", "0,15,30,45 * * * *"),
            ("0-59 0-23 1-31 1-12 0-6", "0-59 0-23 1-31 1-12 0-6"), ("1,2,3,5,6 0 * * 5-7", "1-3,5,6 0 * * 0,5,6"),
            ("3,1,2,2 0 * * *", "1-3 0 * * *"), ("*/20,7,40 0 * * *", "*/20,7 0 * * *"), ("*,5 0 * * *", "* 0 * * *"),
            ("5,* 0 * * *", "0-59 0 * * *"), ("0\t0  * * *", "0 0 * * *"), ("*/90 * * * *", "*/60 * * * *"),
            ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"), ("@monthly", "0 0 1 * *"), ("@weekly", "0 0 * * 0"),
            ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@hourly", "0 * * * *"),
            ("@every 90m", "@every 1h30m"), ("@every 36h", "@every 1d12h"), ("@every 60s", "@every 1m"),
            ("0 0 l,15 * *", "0 0 15,L * *"), ("0 0 lw * *", "0 0 LW * *"), ("0 0 15w * *", "0 0 15W * *"),
            ("0 0 * * friL", "0 0 * * 5L"), ("0 0 * * 5#L", "0 0 * * 5L"), ("0 0 * * SUNL,7#2", "0 0 * * 0#2,0L"),
            ("0 0 * * MON#1,TUE", "0 0 * * 2,1#1"), ("0 0 13 * +FRI", "0 0 13 * +5"), ("0 0 * * +FRI", "0 0 * * 5"),
            ("0 0 1 * +*/2", "0 0 1 * */2"), ("0 0 */2 * 1", "0 0 */2 * 1"), ("0 0 * * */7", "0 0 * * */7"),
        ])
    func canonical(text: String, expected: String) throws {
        let expression = try CronExpression(text)
        #expect(expression.description == expected)
        let again = try CronExpression(expected)
        #expect(again == expression)
        #expect(again.description == expected)
    }

    @Test(
        "C1: what is wrong is named with its column, what is right there, and the repair",
        arguments: [
            ("60 * * * *", 1, "minute 60 is above 59", "0 to 59"), ("0 24 * * *", 3, "hour 24 is above 23", "0 to 23"),
            ("0 0 0 * *", 5, "day of the month 0 is below 1", "1 to 31"), ("0 0 32 * *", 5, "day of the month 32 is above 31", "1 to 31"),
            ("0 0 * 13 *", 7, "month 13 is above 12", "JAN to DEC"), ("0 0 * 0 *", 7, "month 0 is below 1", "1 to 12"),
            ("0 0 * * 8", 9, "day of the week 8 is above 7", "SUN to SAT"), ("1,2,99 * * * *", 5, "minute 99 is above 59", "0 to 59"),
            ("*/0 * * * *", 3, "0 is no step", "1 to 999"), ("*/ * * * *", 3, "a step is missing", "1 to 999"),
            ("*/x * * * *", 3, "x is no step", "*/15"), ("5/15 * * * *", 2, "5/15 has a step and no range", "write 5-59/15"),
            ("0 22-2 * * *", 3, "the range 22-2 runs backwards", "write 22-23,0-2"), ("0 0 * * fri-sun", 9, "runs backwards", "write 5-7"),
            ("0 0 * * SAT-MON", 9, "runs backwards", "write 6,0-1"), ("0 0 * nov-feb *", 7, "runs backwards", "write 11-12,1-2"),
            ("1,,2 * * * *", 3, "a minute is missing", "comma"), (", * * * *", 1, "a minute is missing", "comma"),
            ("1- * * * *", 3, "a minute is missing", "0 to 59"), ("-1 * * * *", 1, "a minute is missing", "0 to 59"),
            ("1-2-3 * * * *", 3, "2-3 is no minute", "0 to 59"), ("*5 * * * *", 1, "*5 is no minute", "0 to 59"),
            ("007 * * * *", 1, "too many digits", "write 7"), ("0 0 * MON *", 7, "MON is no month", "JAN to DEC"),
            ("0 0 * * MONDAY", 9, "MONDAY is no day of the week", "write MON"), ("0 0 ? * *", 5, "contains ?", "write * instead of ?"),
            ("0 0 * * $", 9, "contains $", "remove it"), ("0 0 * * é", 9, "contains é", "letters"),
            ("2 * * *", 8, "has 4 fields", "15 2 * * *"), ("0 0 0 * * *", 11, "has 6 fields", "leave out the seconds"),
            ("*", 2, "has 1 field", "5"), ("", 1, "has 0 fields", "15 2 * * *"), (" 0 0 * * *", 1, "spaces around it", "remove them"),
            ("0 0 * * * ", 10, "spaces around it", "remove them"), ("@fortnightly", 1, "is no known short form", "@monthly"),
            ("@Daily", 1, "is no known short form", "write @daily"), ("@dayly", 1, "is no known short form", "write @daily"),
            ("@reboot", 1, "is no known short form", "@hourly"), ("@every", 1, "is no known short form", "with a length such as 90m"),
            ("@every 5", 8, "is no length of time", "1h30m"), ("@every 0s", 8, "0s is below 1s", "366d"),
            ("@every 367d", 8, "above 366d", "366d"), ("@every 5m1h", 8, "is no length of time", "1h30m"),
            ("0 0 * * L", 9, "L is no day of the week", "write for example 5L"),
            ("0 0 * * MON#6", 13, "#6 is no place in a month", "#1 to #5"),
            ("0 0 * * MON#", 13, "# is no place in a month", "MON#1"), ("0 0 * * MON#01", 13, "#01 is no place", "MON#1"),
            ("0 0 * * 1-5L", 11, "5L is no day of the week", "0 to 7"),
            ("0 0 1-15W * *", 5, "1-15W puts W on a range", "write for example 15W"),
            ("0 0 1W,15W * *", 5, "1W stands in a list", "only day"), ("0 0 W * *", 5, "W is no day of the month", "1 to 31"),
            ("0 0 32W * *", 5, "32 is above 31", "1 to 31"), ("0 0 +1 * *", 5, "+1 is no day of the month", "1 to 31"),
            ("0 0 * * MON+", 9, "MON+ is no day of the week", "SUN to SAT"), ("0 0 1 * +", 10, "a day of the week is missing", "0 to 7"),
            ("0 L * * *", 3, "L is no hour", "0 to 23"),
        ])
    func refused(text: String, column: Int, found: String, help: String) throws {
        let error = try #require(throws: CronError.self) { try CronExpression(text) }
        #expect(error.column == column, "\(error)")
        #expect(error.found.contains(found), "\(error)")
        #expect("\(error.expected) \(error.remedy)".contains(help), "\(error); \(error.remedy)")
    }

    @Test(
        "C1: a step that leaves one number is accepted with a warning",
        arguments: [("*/90 * * * *", 3, "minute 0"), ("0 */24 * * *", 5, "hour 0"), ("5-10/6 * * * *", 6, "minute 5")])
    func warned(text: String, column: Int, words: String) throws {
        let warnings = try CronExpression.parse(text).warnings
        #expect(warnings.map(\.column) == [column])
        #expect(warnings.first?.message.contains(words) == true)
        #expect(try CronExpression.parse("*/59 0-23/23 * * *").warnings.isEmpty)
    }

    @Test(
        "C3: both day fields must match unless neither begins with a star, and always with a plus",
        arguments: [
            ("0 0 13 * FRI", false), ("0 0 */2 * 1", true), ("0 0 1 * */2", true), ("0 0 13 * +FRI", true), ("0 0 * * *", true),
            ("0 0 1-31 * MON", false), ("0 0 L * 5L", false), ("0 0 L * +5L", true),
        ])
    func dayRule(text: String, both: Bool) throws { #expect(try CronExpression(text).daysMustBothMatch == both) }

    @Test(
        "C4: what begins with a star in minute or hour follows the clock, all else names fixed times",
        arguments: [
            ("* * * * *", true), ("30 * * * *", true), ("*/5 3 * * *", true), ("0 */6 * * *", true), ("30 2 * * *", false),
            ("0-59 2 * * *", false), ("0 0-23 * * *", false), ("@hourly", true), ("@daily", false), ("@every 1h", true),
        ])
    func followsClock(text: String, follows: Bool) throws { #expect(try CronExpression(text).followsClock == follows) }

    @Test(
        "C6: whether any day ever matches is known without a search",
        arguments: [
            ("0 0 30 2 *", false), ("0 0 31 4,6,9,11 *", false), ("0 0 30,31 2 +MON", false), ("0 0 31W 2 *", false),
            ("0 0 29 2 +MON#1", false), ("0 0 29 2 +MON#5", true), ("0 0 29 2 *", true), ("0 0 30 2 MON", true), ("0 0 31 * *", true),
            ("0 0 L 2 *", true), ("0 0 1 * +MON#2", false), ("0 0 8 * +MON#2", true), ("@every 1s", true),
        ])
    func canFire(text: String, can: Bool) throws { #expect(try CronExpression(text).canFire == can) }

    @Test(
        "C2: L, nL, n#m, W and LW choose the right days",
        arguments: [
            ("0 0 L * *", "2024-02-01", ["2024-02-29", "2024-03-31", "2024-04-30"]),
            ("0 0 LW * *", "2024-03-01", ["2024-03-29", "2024-04-30", "2024-05-31", "2024-06-28"]),
            ("0 0 1W * *", "2024-06-01", ["2024-06-03", "2024-07-01", "2024-08-01", "2024-09-02"]),
            ("0 0 15W * *", "2024-06-01", ["2024-06-14", "2024-07-15", "2024-08-15", "2024-09-16"]),
            ("0 0 30W * *", "2024-06-01", ["2024-06-28", "2024-07-30", "2024-08-30", "2024-09-30"]),
            ("0 0 31W * *", "2024-03-01", ["2024-03-29", "2024-05-31", "2024-07-31", "2024-08-30"]),
            ("0 0 * * 5L", "2024-05-01", ["2024-05-31", "2024-06-28", "2024-07-26"]),
            ("0 0 * * MON#1", "2024-05-01", ["2024-05-06", "2024-06-03", "2024-07-01"]),
            ("0 0 * * 2#5", "2024-01-01", ["2024-01-30", "2024-04-30", "2024-07-30"]),
            ("0 0 13 * FRI", "2024-09-08", ["2024-09-13", "2024-09-20", "2024-09-27", "2024-10-04", "2024-10-11", "2024-10-13"]),
            ("0 0 13 * +FRI", "2024-01-01", ["2024-09-13", "2024-12-13", "2025-06-13"]),
            ("0 0 */2 * 1", "2024-09-01", ["2024-09-09", "2024-09-23", "2024-10-07"]),
            ("0 0 29 2 *", "2096-03-01", ["2104-02-29"]),
        ])
    func days(text: String, from: String, expected: [String]) throws {
        let expression = try CronExpression(text)
        var day = try #require(Day(iso: from))
        var found: [String] = []
        while found.count < expected.count {
            let end = CivilMinute(day: day + 20_000, minute: 0)
            let next = try #require(expression.next(onOrAfter: CivilMinute(day: day, minute: 0), before: end))
            #expect(next.minute == 0)
            found.append(next.day.iso)
            day = next.day + 1
        }
        #expect(found == expected)
    }

    @Test(
        "the words say what people need to know",
        arguments: [
            ("15 2 * * *", "at 02:15 every day"), ("* * * * *", "every minute"), ("*/15 * * * *", "every 15 minutes"),
            ("@hourly", "every hour"), ("20 * * * *", "at minute 20 of every hour"), ("5,25 * * * *", "at minutes 5 and 25 of every hour"),
            ("0 */6 * * *", "every 6 hours"), ("30 */6 * * *", "every 6 hours at minute 30"),
            ("0 6,18 * * MON-FRI", "at 06:00 and 18:00 on Monday to Friday"), ("0 0 1 * *", "at 00:00 on day 1 of the month"),
            ("0 0 L * *", "at 00:00 on the last day of the month"),
            ("0 0 LW * *", "at 00:00 on the last day from Monday to Friday of the month"),
            ("0 0 13 * FRI", "at 00:00 on day 13 of the month or on Friday"),
            ("0 0 13 * +FRI", "at 00:00 on day 13 of the month, but only if that is Friday"),
            ("0 0 * * 5L", "at 00:00 on the last Friday of the month"),
            ("0 0 * * 6,7,1#2", "at 00:00 on Saturday, Sunday and the second Monday of the month"),
            ("15 2 * 1,6-8 *", "at 02:15 every day in January and June to August"),
            ("* 3 * * *", "every minute of the hour 3"), ("*/10 8-17 * * *", "every 10 minutes of the hours 8 to 17"),
            ("0,7 8-17 * * *", "at minutes 0 and 7 of the hours 8 to 17 every day"), ("@every 90m", "every 1h30m"),
        ])
    func words(text: String, expected: String) throws { #expect(try CronExpression(text).words == expected) }

    @Test(
        "lengths of time are read and written",
        arguments: [("90s", 90, "1m30s"), ("5m", 300, "5m"), ("1d2h3m4s", 93_784, "1d2h3m4s"), ("0s", 0, "0s"), ("24h", 86_400, "1d")])
    func durations(text: String, seconds: Int64, canonical: String) {
        #expect(DurationText.seconds(text) == seconds)
        #expect(DurationText.text(seconds) == canonical)
    }

    @Test("other texts are no lengths of time", arguments: ["", "5", "m", "5m5m", "1s1m", "-5m", "5 m", "1234567s", "5M", "1.5h", "5m "])
    func noDurations(text: String) { #expect(DurationText.seconds(text) == nil) }
}
