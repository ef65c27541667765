import Core
import Testing

@Suite("Effects of the business calendar")
struct BusinessEffectTests {
    /// The factor of each day under the business calendar's effects of a metric, without those that ramps lead to.
    private func factors(
        _ metric: String, _ business: String = "{}", from: String, to: String, calendar: String = "us_federal"
    ) -> [Double] {
        let yaml = """
            data_generation:
              holiday_calendar: \(calendar)
              business_calendar: \(business)
              metrics: [{ name: m, seasonality_amplitude: 0, weekly_pattern_factor: 1, \(metric) }]
            """
        let data = Specs.dataset(yaml).data
        let days = DayRange(start: Specs.day(from), end: Specs.day(to))
        let business = BusinessCalendar(data.holidayCalendar, covering: days)
        var product = [Double](repeating: 1, count: days.count)
        for effect in [any Effect](of: data.metrics[0], in: data) where ![.quarterEnd, .holiday].contains(effect.kind) {
            for (index, factor) in effect.factors(on: days, calendar: business).enumerated() { product[index] *= factor }
        }
        return product
    }

    /// Days whose factor is not 1.
    private func days(_ metric: String, _ business: String = "{}", from: String, to: String, calendar: String = "us_federal") -> [String] {
        let found = factors(metric, business, from: from, to: to, calendar: calendar)
        return DayRange(start: Specs.day(from), end: Specs.day(to)).enumerated().filter { found[$0.offset] != 1 }.map {
            String($0.element.iso.dropFirst(5))
        }
    }

    @Test("month ends are the last business days of every month")
    func monthEnd() {
        #expect(
            days("month_end_multiplier: 1.2", "{ month_end_days: 2 }", from: "2024-01-01", to: "2024-05-31") == [
                "01-30", "01-31", "02-28", "02-29", "03-28", "03-29", "04-29", "04-30", "05-30", "05-31",
            ])
    }

    @Test("the fiscal year ends in its month only")
    func fiscalYearEnd() {
        #expect(
            days(
                "fiscal_year_end_multiplier: 1.2", "{ fiscal_year_end_month: 6, fiscal_year_end_days: 3 }", from: "2024-01-01",
                to: "2024-12-31") == ["06-26", "06-27", "06-28"])
    }

    @Test("who is paid on a day off is paid on the business day before, even in the month before")
    func payroll() {
        #expect(
            days("payroll_multiplier: 1.2", from: "2024-06-01", to: "2024-09-30") == [
                "06-14", "06-28", "07-15", "07-31", "08-15", "08-30", "09-13", "09-30",
            ])
        // 1 June 2024 is a Saturday; 31 means a month's last day, whatever its number.
        #expect(days("payroll_multiplier: 1.2", "{ payroll_days: [1] }", from: "2024-05-25", to: "2024-07-02") == ["05-31", "07-01"])
        #expect(
            days("payroll_multiplier: 1.2", "{ payroll_days: [31] }", from: "2024-02-01", to: "2024-04-30") == ["02-29", "03-29", "04-30"])
    }

    @Test("patch windows and change freezes are the days they say, weekends among them")
    func windows() {
        #expect(
            days("patch_multiplier: 1.2", "{ patch_days: [2nd TUE, 3rd SAT] }", from: "2024-01-01", to: "2024-02-29") == [
                "01-09", "01-20", "02-13", "02-17",
            ])
        #expect(
            days("freeze_multiplier: 0.8", "{ freeze_days: [12-30..01-02] }", from: "2024-01-01", to: "2024-12-31") == [
                "01-01", "01-02", "12-30", "12-31",
            ])
    }

    @Test("a bridge day lies between a holiday and a weekend")
    func bridge() {
        // Independence Day 2024 was a Thursday, as was Thanksgiving; Juneteenth was a Wednesday. Ascension Day is always a Thursday.
        #expect(days("bridge_multiplier: 0.8", from: "2024-06-01", to: "2024-12-31") == ["07-05", "11-29"])
        #expect(days("bridge_multiplier: 0.8", from: "2018-12-15", to: "2019-01-31") == ["12-24", "12-31"])
        #expect(days("bridge_multiplier: 0.8", from: "2024-05-01", to: "2024-05-31", calendar: "germany") == ["05-10"])
    }

    @Test("ramps rise linearly over business days and fall alike, and leave the window itself to its own effect")
    func ramps() {
        let rise = factors(
            "eoq_spike_multiplier: 1.5, eoq_months: [3]", "{ eoq_ramp_days: 4 }", from: "2024-03-15", to: "2024-04-05")
        #expect(
            rise.map { ($0 * 1000).rounded() / 1000 } == [
                // Friday 15; a weekend; 18 to 20 March; then the window's seven business days to 29 March with a weekend between.
                1.1, 1, 1, 1.2, 1.3, 1.4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1.4, 1.3, 1.2, 1.1, 1,
            ])
        let thanksgiving = factors("holiday_effect_multiplier: 0.5", "{ holiday_ramp_days: 1 }", from: "2024-11-26", to: "2024-12-03")
        #expect(thanksgiving == [1, 0.75, 1, 0.75, 1, 1, 1, 1])
    }

    @Test("a switch that is off takes its ramp along, and a ramp needs days")
    func switches() {
        for (metric, business, flags) in [
            ("eoq_spike_multiplier: 1.5", "{ eoq_ramp_days: 4 }", "use_eoq_spikes: false"),
            ("holiday_effect_multiplier: 0.5", "{ holiday_ramp_days: 4 }", "use_holidays: false"),
            ("eoq_spike_multiplier: 1", "{ eoq_ramp_days: 4 }", "use_eoq_spikes: true"),
        ] {
            let data = Specs.dataset(
                "data_generation: { \(flags), business_calendar: \(business), metrics: [{ name: m, \(metric) }] }"
            ).data
            let kinds = [any Effect](of: data.metrics[0], in: data).map(\.kind)
            #expect(!kinds.contains(.quarterEndRamp) && !(flags == "use_holidays: false" && kinds.contains(.holidayRamp)))
        }
        let plain = Specs.dataset("data_generation: {}").data
        #expect(plain.metrics.allSatisfy { metric in [any Effect](of: metric, in: plain).count <= 5 })
    }

    @Test("the factor of a day does not depend on the window around it")
    func windowless() {
        let metric = "eoq_spike_multiplier: 1.5, month_end_multiplier: 1.1, payroll_multiplier: 1.1"
        let whole = factors(metric, "{ eoq_ramp_days: 10, payroll_days: [1, 31] }", from: "2023-01-01", to: "2024-12-31")
        for offset in stride(from: 0, to: 700, by: 13) {
            let start = Specs.day("2023-01-01") + offset
            let part = factors(metric, "{ eoq_ramp_days: 10, payroll_days: [1, 31] }", from: start.iso, to: (start + 8).iso)
            #expect(part == Array(whole[offset...offset + 8]))
        }
    }
}
