import Core
import Testing

@Suite("Calendars of regions")
struct RegionCalendarsTests {
    static func data(_ calendars: String = "{ eu-west-1: dublin, ap-southeast-1: singapore }", _ more: String = "") -> DataSpec {
        Specs.dataset(
            """
            data_generation:
              num_servers: 60
              start_date: 2023-01-01
              end_date: 2024-12-31
              calendars: { dublin: { extends: ireland, add: [12-24] } }
              metadata: { calendars: \(calendars) }
              business_calendar: { eoq_ramp_days: 2 }
              \(more)
              metrics:
                - { name: cpu, base_mean: 40, base_std: 4, holiday_effect_multiplier: 0.6, month_end_multiplier: 1.2, bridge_multiplier: 0.9 }
                - { name: mem, base_mean: 50, base_std: 5, decimals: null }
            output: { calendar_flags: true }
            """
        ).data
    }

    static let europe = "{ eu-west-1: ireland }"

    /// The servers of a region, of the first so many.
    private func servers(_ plan: PanelPlan, in region: String) -> [Int] {
        let directory = ServerDirectory(plan.spec.data)
        return plan.servers.filter { directory.labels(.region)[directory.index(of: .region, server: $0)] == region }
    }

    @Test("servers of a region have the cells of a fleet that keeps its calendar everywhere, all others keep theirs")
    func cells() throws {
        let regional = try Specs.plan(Self.data(Self.europe))
        var elsewhere = Self.data("null")
        let plain = PanelTests.cells(try Specs.plan(elsewhere))
        elsewhere.holidayCalendar = HolidayCalendar(.ireland)
        let irish = PanelTests.cells(try Specs.plan(elsewhere))
        let found = PanelTests.cells(regional)
        let members = Set(servers(regional, in: "eu-west-1"))
        #expect(members.count > 5)
        for metric in found.indices {
            for server in regional.servers {
                #expect(found[metric][server] == (members.contains(server) ? irish : plain)[metric][server])
            }
            #expect(irish[metric] != plain[metric])
        }
    }

    @Test("a slice is that part of the whole, whatever regions its servers are in", arguments: ["daily", "6h"])
    func slices(granularity: String) throws {
        let whole = try Specs.plan(Self.data("{ eu-west-1: dublin, us-west-2: germany }", "granularity: \(granularity)"))
        let all = PanelTests.cells(whole)
        let slice = try whole.slice(from: Specs.day("2023-12-20"), to: Specs.day("2024-01-31"), servers: 3...41)
        let offset = (slice.days.start - whole.days.start) * whole.spec.data.granularity.stepsPerDay
        for (metric, servers) in PanelTests.cells(slice).enumerated() {
            for (index, cells) in servers.enumerated() {
                #expect(cells == Array(all[metric][2 + index][offset..<offset + slice.steps.count]))
            }
        }
    }

    @Test("holidays and quarter ends of the flag columns are those of the server's region", arguments: ["daily", "6h"])
    func flags(granularity: String) throws {
        let data = Self.data("{ eu-west-1: dublin, ap-southeast-1: singapore }", "granularity: \(granularity)")
        let plan = try Specs.plan(data)
        let generator = PanelGenerator(plan)
        let names = ["us-east-1": "us_federal", "us-west-2": "us_federal", "eu-west-1": "dublin", "ap-southeast-1": "singapore"]
        for (region, name) in names {
            #expect(data.calendar(of: region).name == name)
            let server = try #require(servers(plan, in: region).first)
            let calendar = BusinessCalendar(data.calendar(of: region))
            let (holidays, windows) = (
                generator.values(of: .holiday, server: server), generator.values(of: .quarterEndWindow, server: server)
            )
            let zone =
                data.granularity.isDaily ? nil : data.regionZones.first { $0.region == region }.flatMap { TimeZoneTable.zone($0.zone) }
            LocalClock(zone, steps: plan.steps).forEach { index, seconds in
                let day = Day(number: Int((Double(seconds) / 86_400).rounded(.down)))
                #expect(holidays[index] == calendar.isHoliday(day), "\(region) \(day)")
                #expect(windows[index] == calendar.isInQuarterEndWindow(day, businessDays: 7, months: [3, 6, 9, 12]), "\(region) \(day)")
            }
        }
    }

    @Test("regions of one calendar are one class, and files do not depend on threads or row groups")
    func classes() async throws {
        #expect(ServerClasses(Self.data("{ eu-west-1: us_federal }")).count == 1)
        #expect(ServerClasses(Self.data(Self.europe)).count == 2)
        #expect(ServerClasses(Self.data("{ eu-west-1: uk, us-east-1: uk }")).count == 2)
        let plan = try Specs.plan(Self.data())
        #expect(try await PanelTests.file(plan, threads: 1) == PanelTests.file(plan, threads: 3))
        let (many, one) = (PanelGenerator(plan, rowsPerGroup: 4000), PanelGenerator(plan))
        let outcomes = (
            try await PanelWriter(many, threads: 2).write(metadata: [], sink: { _ in }),
            try await PanelWriter(one, threads: 1).write(metadata: [], sink: { _ in })
        )
        for (left, right) in zip(outcomes.0.tallies, outcomes.1.tallies) { #expect(left.slotSums == right.slotSums) }
    }

    @Test("the gate judges every calendar's days by themselves")
    func gate() async throws {
        for seed in 1...4 as ClosedRange<UInt64> {
            var data = Self.data()
            (data.seed, data.servers) = (seed, 200)
            let report = try await QualityGateTests.judge(made: data)
            #expect(report.failures.map(\.sentence) == [])
            let scopes = Set(report.checks.filter { $0.name == "holiday" && $0.metric == "cpu" && $0.verdict == .pass }.map(\.scope))
            #expect(scopes == ["calendar us_federal", "calendar dublin", "calendar singapore"])
        }
        var asked = Self.data(Self.europe)
        asked.servers = 300
        // As many classes as the plan that judges has, and other holidays.
        var made = Self.data("null", "metadata_effects: { region: { eu-west-1: { mem: 1 } } }")
        made.servers = 300
        let report = try await QualityGateTests.judge(made: made, asked: asked)
        #expect(report.failures.contains { $0.name == "holiday" && $0.scope == "calendar ireland" && $0.metric == "cpu" })
        #expect(!report.failures.contains { $0.scope == "calendar us_federal" })
    }
}
