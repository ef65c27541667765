import Core
import Testing

@Suite("Forms of growth")
struct GrowthFormTests {
    static let anchor = Specs.day("2024-01-01")

    /// The factor on a day.
    private func factor(_ form: GrowthForm, _ rate: Double, on day: String) -> Double {
        let days = DayRange(start: Specs.day(day), days: 1)
        return GrowthEffect(rate: rate, anchor: Self.anchor, form: form).factors(on: days, calendar: BusinessCalendar(.usFederal))[0]
    }

    @Test(
        "every form is 1 at the anchor and leaves it with the slope of the rate", arguments: [0.4, -0.3, 0.05],
        [.compound, .linear, .logistic(limit: 1.5), .logistic(limit: 4)] as [GrowthForm])
    func anchored(rate: Double, form: GrowthForm) {
        #expect((factor(form, rate, on: "2024-01-01") - 1).magnitude < 1e-14)
        // 2024 is a leap year, 2023 is not: a day is 1/366 and 1/365 of a year.
        let slope = (factor(form, rate, on: "2024-01-02") - factor(form, rate, on: "2023-12-31")) / (1 / 366.0 + 1 / 365.0)
        let expected = form == .compound ? ExactMath.log(1 + rate) : rate
        #expect((slope - expected).magnitude < 1e-3 * rate.magnitude)
    }

    @Test("linear growth adds the same amount every year, and a decline ends at nothing")
    func linear() {
        let values = ["2022-01-01", "2024-01-01", "2025-01-01", "2030-01-01"].map { factor(.linear, 0.25, on: $0) }
        #expect(values == [0.5, 1, 1.25, 2.5])
        #expect(factor(.linear, -0.25, on: "2027-01-01") == 0.25)
        #expect(factor(.linear, -0.25, on: "2028-01-01") == 0)
        #expect(factor(.linear, -0.25, on: "2040-06-01") == 0)
        #expect(factor(.linear, 0.25, on: "1990-01-01") == 0)
    }

    @Test("logistic growth tends to its limit and comes from nothing; a decline is its mirror image")
    func logistic() {
        let form = GrowthForm.logistic(limit: 3)
        for (day, mirror) in [("2030-01-01", "2018-01-01"), ("2024-01-01", "2024-01-01"), ("1990-01-01", "2058-01-01")] {
            #expect((factor(form, 0.3, on: day) - factor(form, -0.3, on: mirror)).magnitude < 1e-12)
        }
        #expect((factor(form, 0.3, on: "2100-01-01") - 3).magnitude < 1e-12)
        #expect(factor(form, 0.3, on: "1950-01-01") < 1e-12)
        // Half of the limit where the curve is steepest: (L - 1) exp(-k y) = 1.
        let years = ExactMath.log(2) / (0.3 * 3 / 2)
        #expect(factor(form, 0.3, on: "2025-01-01") < 1.5 && factor(form, 0.3, on: "2026-01-01") > 1.5 && years > 1 && years < 2)
        // Rates and limits at the edge of what a config may say stay numbers.
        for limit in [1 + 1e-12, 1000] {
            for day in ["1678-01-01", "2261-12-31"] { #expect(factor(.logistic(limit: limit), 10, on: day).isFinite) }
        }
    }

    @Test("an archetype chooses its own form and limit, and takes what it leaves out from the metric")
    func archetypes() throws {
        let plan = try PanelPlan(
            Specs.dataset(
                """
                data_generation:
                  num_servers: 30
                  metrics: [{ name: m, growth_per_year: 0.4, growth_form: logistic, growth_limit: 3, base_std: 0, decimals: null }]
                  archetypes:
                    own: { share: 0.4, metrics: { m: { growth_form: linear } } }
                    limit: { share: 0.3, metrics: { m: { growth_limit: 1.5 } } }
                    same: { share: 0.3 }
                """), today: Specs.day("2026-01-01"))
        let forms = PanelGenerator(plan).signals[0].classes.map { own in own.effects.compactMap { ($0 as? GrowthEffect)?.form } }
        #expect(forms == [[.logistic(limit: 1.5)], [.linear], [.logistic(limit: 3)]])
    }

    @Test("a limit that nothing uses is a warning")
    func unusedLimit() throws {
        func warnings(_ metric: String, _ archetype: String = "") throws -> [String] {
            let archetypes = archetype.isEmpty ? "" : ", archetypes: { web: { share: 1, metrics: { m: { \(archetype) } } } }"
            return try ConfigSupport.load("data_generation: { metrics: [{ name: m, \(metric) }]\(archetypes) }").warnings.map(\.text)
        }
        #expect(try warnings("growth_limit: 2").count == 1)
        #expect(try warnings("growth_limit: 2", "growth_form: logistic").isEmpty)
        #expect(try warnings("growth_form: linear", "growth_limit: 2").count == 1)
        #expect(try warnings("growth_limit: 2, growth_form: logistic").isEmpty)
    }

    static let asked: [(GrowthForm.Name, Double, Double?)] = [
        (.linear, 0.3, nil), (.linear, -0.2, nil), (.logistic, 0.4, 1.6), (.logistic, -0.3, 2.5), (.logistic, 0.5, 100),
    ]

    @Test("the gate passes what was asked for and refuses another rate or form", arguments: asked)
    func gate(form: GrowthForm.Name, rate: Double, limit: Double?) async throws {
        func data(_ form: GrowthForm.Name, _ rate: Double) -> DataSpec {
            var data = Specs.data(servers: 150, to: "2025-12-31")
            data.growthAnchor = Specs.day("2023-01-01")
            return data.with {
                ($0.growthForm, $0.growthPerYear, $0.growthLimit) = (form, rate, limit)
                ($0.baseMean, $0.maxClip) = (20, 99)
            }
        }
        let report = try await QualityGateTests.judge(made: data(form, rate))
        #expect(report.failures.map(\.sentence) == [])
        let growth = report.checks.filter { $0.name == "growth" }
        #expect(growth.count == 4 && growth.allSatisfy { $0.verdict == .pass && $0.requested == rate && ($0.tolerance ?? 1) < 0.05 })
        let half = try await QualityGateTests.judge(made: data(form, rate / 2), asked: data(form, rate))
        #expect(half.failures.filter { $0.name == "growth" }.count == 4)
        // Where two curves end at like heights, the level tells them apart.
        let compound = try await QualityGateTests.judge(made: data(.compound, rate), asked: data(form, rate))
        #expect(compound.failures.filter { ["growth", "level"].contains($0.name) }.count >= 2)
    }
}
