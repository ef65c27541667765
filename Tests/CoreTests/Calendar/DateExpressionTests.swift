import Core
import Testing

@Suite("Dates of the config")
struct DateExpressionTests {
    @Test(
        "A relative date is resolved on the day of the run",
        arguments: [
            ("today", "2024-02-29", "2024-02-29", "today"),
            ("yesterday", "2024-03-01", "2024-02-29", "yesterday"),
            ("tomorrow", "2024-02-28", "2024-02-29", "tomorrow"),
            ("today-1d", "2024-01-01", "2023-12-31", "yesterday"),
            ("today+1d", "2024-01-01", "2024-01-02", "tomorrow"),
            ("today-4y", "2026-01-31", "2022-01-31", "today-4y"),
            ("today-1y", "2024-02-29", "2023-02-28", "today-1y"),
            ("today+1m", "2024-01-31", "2024-02-29", "today+1m"),
            ("today+2w", "2024-02-20", "2024-03-05", "today+14d"),
            ("today-1y6m3d", "2025-08-31", "2024-02-26", "today-1y6m3d"),
            ("today-3d6m1y", "2025-08-31", "2024-02-26", "today-1y6m3d"),
            ("today-18m", "2025-08-31", "2024-02-29", "today-1y6m"),
            ("today-1y+3d", "2024-02-29", "2023-03-03", "today-1y+3d"),
            ("today+3d-1y", "2024-02-29", "2023-03-03", "today-1y+3d"),
            ("today+1y-1m", "2024-01-31", "2024-12-31", "today+11m"),
            ("today-1w+7d", "2024-05-05", "2024-05-05", "today"),
            ("today-0d", "2024-05-05", "2024-05-05", "today"),
            ("today-01y", "2024-05-05", "2023-05-05", "today-1y"),
            ("today-400y", "2024-02-29", "1624-02-29", "today-400y"),
            ("today+146097d", "2024-02-29", "2424-02-29", "today+146097d"),
            ("2022-01-01", "2024-05-05", "2022-01-01", "2022-01-01"),
        ])
    func resolves(text: String, today: String, expected: String, canonical: String) throws {
        let expression = try #require(DateExpression(text))
        let day = try #require(Day(iso: today))
        #expect(expression.resolve(today: day).iso == expected)
        #expect(expression.description == canonical)
        #expect(DateExpression(canonical) == expression, "the canonical text is a fixed point")
    }

    @Test("Months come before days, whatever the order of the text")
    func monthsFirst() throws {
        // Days first would go 30 January, then 28 February.
        let day = try #require(Day(iso: "2023-01-31"))
        #expect(DateExpression("today-1d+1m")?.resolve(today: day).iso == "2023-02-27")
    }

    @Test("Every offset within 400 years is read back from its canonical text")
    func fixedPoint() {
        var failures: [String] = []
        for months in stride(from: -2400, through: 2400, by: 7) {
            for days in [-73_000, -400, -8, -7, -1, 0, 1, 6, 14, 365, 73_000] {
                let expression = DateExpression.relative(days: days, months: months)
                if DateExpression(expression.description) != expression { failures.append(expression.description) }
            }
        }
        #expect(failures.isEmpty)
    }

    @Test(
        "Any other text is refused",
        arguments: [
            "", "now", "Today", "TODAY", "today ", " today", "today-", "today+", "today-4", "today-y", "today4y", "today--4y", "today-+4y",
            "today-4y-",
            "today- 4y", "today-4Y", "today-4h", "today-4y4y", "today-1d+1d", "today-1.5y", "today-４y", "today-401y", "today+400y1d",
            "today+4801m",
            "today-146098d", "today-99999999999999999999d", "today-20872w", "yesterday-4y", "tomorrow+1d", "todays", "2022-1-1",
            "2022-02-29",
            "2022-01-01-1d",
        ])
    func refused(text: String) {
        #expect(DateExpression(text) == nil)
    }
}
