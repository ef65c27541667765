import Core
import Parquet
import Testing

/// Everything that makes servers differ, on at once.
@Suite("Time of day and classes of servers")
struct ClassesTests {
    static func yaml(granularity: String = "hourly", decimals: String = "2", from: String = "2024-03-25", to: String = "2024-04-07")
        -> String
    {
        """
        data_generation:
          num_servers: 60
          granularity: \(granularity)
          start_date: \(from)
          end_date: \(to)
          decimals: \(decimals)
          metadata: { time_zones: { us-west-2: Asia/Kathmandu } }
          metadata_effects: { criticality: { High: { cpu: 1.15 } }, business_unit: { Wealth: { cpu: 0.8 } }, region: { eu-west-1: { mem: 1.2 } } }
          archetypes:
            web: { share: { Retail: 0.7, Investment: 0.4, Wealth: 0.5, Corporate: 1 }, metrics: { cpu: { level_factor: 0.9, diurnal_profile: office } } }
            batch:
              share: { Retail: 0.3, Investment: 0.6, Wealth: 0.5, Corporate: 0 }
              metrics:
                cpu: { base_mean: 60, base_std: 8, growth_per_year: 0.2, diurnal_profile: night-batch, weekly_profile: [1, 1.1, 1, 1, 1, 0.7, 0.8] }
          metrics:
            cpu: { base_mean: 40, base_std: 8, diurnal_profile: evening, outlier_rate: 0.01 }
            mem: { base_mean: 40, base_std: 8 }
        output: { compression: none, calendar_flags: true }
        """
    }

    static func plan(_ yaml: String) throws -> PanelPlan { try PanelPlan(Specs.dataset(yaml), today: Specs.day("2026-01-01")) }

    @Test("a slice is that part of the whole", arguments: ["2", "null"], ["hourly", "6h", "5min", "32min"])
    func slices(decimals: String, granularity: String) throws {
        let whole = try Self.plan(Self.yaml(granularity: granularity, decimals: decimals))
        let all = PanelTests.cells(whole)
        for (from, to) in [("2024-03-25", "2024-03-25"), ("2024-03-31", "2024-03-31"), ("2024-03-30", "2024-04-07")] {
            let slice = try whole.slice(from: Specs.day(from), to: Specs.day(to), servers: 5...31)
            let offset = (slice.days.start - whole.days.start) * whole.spec.data.granularity.stepsPerDay
            for (metric, servers) in PanelTests.cells(slice).enumerated() {
                for (index, cells) in servers.enumerated() {
                    #expect(cells == Array(all[metric][4 + index][offset..<offset + slice.steps.count]))
                }
            }
        }
    }

    @Test("a window that moves keeps its history")
    func movedWindow() throws {
        let before = try Self.plan(Self.yaml())
        let after = try Self.plan(Self.yaml(from: "2024-03-28", to: "2024-05-01"))
        let (old, new) = (PanelTests.cells(before), PanelTests.cells(after))
        for metric in old.indices {
            for server in old[metric].indices {
                #expect(Array(old[metric][server][(3 * 24)...]) == Array(new[metric][server][..<(11 * 24)]))
            }
        }
    }

    @Test("threads and row groups change no byte and no value", arguments: ["2", "null"])
    func threads(decimals: String) async throws {
        let plan = try Self.plan(Self.yaml(decimals: decimals))
        let expected = try await PanelTests.file(plan, threads: 1, rowsPerGroup: 3000)
        for threads in [2, 5] { #expect(try await PanelTests.file(plan, threads: threads, rowsPerGroup: 3000) == expected) }
        let (few, many) = (PanelGenerator(plan, rowsPerGroup: 3000), PanelGenerator(plan))
        let a = try await PanelWriter(few, threads: 2).write(metadata: [], sink: { _ in }).tallies
        let b = try await PanelWriter(many, threads: 2).write(metadata: [], sink: { _ in }).tallies
        for (left, right) in zip(a, b) {
            #expect(left.slotSums == right.slotSums && left.slotCells == right.slotCells && left.counts == right.counts)
        }
    }

    @Test("the value of a cell is the documented formula of its draws, at its server's local time")
    func formula() throws {
        let plan = try Self.plan(Self.yaml(granularity: "15min", decimals: "null").replacing("outlier_rate: 0.01", with: "outlier_rate: 0"))
        let directory = ServerDirectory(plan.spec.data)
        let zones = Dictionary(uniqueKeysWithValues: plan.spec.data.regionZones.map { ($0.region, $0.zone) })
        #expect(zones["us-west-2"] == "Asia/Kathmandu" && zones["eu-west-1"] == "Europe/Dublin" && zones["us-east-1"] == "America/New_York")
        let calendar = BusinessCalendar(.usFederal)
        let noise = DrawStream(seed: 42, purpose: .noise, metric: "cpu")
        let data = plan.spec.data
        let base = try #require(data.metrics.first)
        var kinds: Set<String> = []
        for server in 0..<30 {
            func label(_ column: ServerDirectory.Label) -> String { directory.labels(column)[directory.index(of: column, server: server)] }
            let isBatch = label(.archetype) == "batch"
            kinds.insert(label(.archetype) + label(.region))
            let (mean, std) = isBatch ? (60.0, 8.0) : (40, 8)
            var constant = isBatch ? 1.0 : 0.9
            if label(.criticality) == "High" { constant *= 1.15 }
            if label(.businessUnit) == "Wealth" { constant *= 0.8 }
            let words = DrawStream(seed: 42, purpose: .serverBias, metric: "cpu").words(server: UInt32(server), block: 0)
            let bias = base.serverBiasStd * Double(StandardNormal.pair(word: words[0], angle: UInt16(truncatingIfNeeded: words[1])).cosine)
            let shape = try #require(DiurnalProfile(named: isBatch ? "night-batch" : "office"))
            let values = PanelGenerator(plan).values(metric: 0, server: server)
            LocalClock(TimeZoneTable.zone(zones[label(.region)] ?? ""), steps: plan.steps).forEach { index, seconds in
                let day = Day(number: Int((Double(seconds) / 86_400).rounded(.down)))
                var factor = isBatch ? [1, 1.1, 1, 1, 1, 0.7, 0.8][day.isoWeekday - 1] : day.isWeekend ? 0.8 : 1.0
                factor *= AnnualEffect(amplitude: 0.1).factors(on: DayRange(start: day, days: 1), calendar: calendar)[0]
                if calendar.isInQuarterEndWindow(day, businessDays: 7, months: [3, 6, 9, 12]) { factor *= 1.25 }
                if calendar.isHoliday(day) { factor *= 0.85 }
                if isBatch {
                    factor *=
                        GrowthEffect(rate: 0.2, anchor: data.growthAnchor).factors(on: DayRange(start: day, days: 1), calendar: calendar)[0]
                }
                factor *= shape.factor(middle: seconds, length: 900)
                let z = Double(StandardNormal.deviate(stream: noise, server: UInt32(server), step: plan.steps.absolute.lowerBound + index))
                let x = min(max((mean + std * z) * constant * factor + bias, 0), 100)
                if let value = values[index] { #expect((value - x).magnitude < 1e-9) }
            }
        }
        #expect(kinds.count >= 6)
    }

    @Test("archetypes are drawn by the shares of the server's unit, and no other draw moves")
    func shares() throws {
        var with = try Self.plan(Self.yaml()).spec.data
        with.servers = 20_000
        var without = with
        without.archetypes = []
        let (a, b) = (ServerDirectory(with), ServerDirectory(without))
        var counts: [String: [Int]] = [:]
        for server in 0..<with.servers {
            let unit = a.labels(.businessUnit)[a.index(of: .businessUnit, server: server)]
            counts[unit, default: [0, 0]][a.index(of: .archetype, server: server)] += 1
            #expect(a.index(of: .region, server: server) == b.index(of: .region, server: server))
        }
        #expect(a.labels(.archetype) == ["batch", "web"] && b.labels(.archetype) == [])
        for (unit, share) in ["Retail": 0.3, "Investment": 0.6, "Wealth": 0.5, "Corporate": 0] {
            let own = try #require(counts[unit])
            let total = Double(own[0] + own[1])
            #expect((Double(own[0]) / total - share).magnitude <= 5 * (share * (1 - share) / total).squareRoot())
        }
    }

    @Test("a window that has grown too large for its granularity is refused when it is planned")
    func tooLarge() throws {
        var dataset = Specs.dataset(Self.yaml(granularity: "5min"))
        dataset.data.end = .relative(days: 0, months: 0)
        #expect(throws: PlanError.self) { try PanelPlan(dataset, today: Specs.day("2027-01-01")) }
        let error = PlanError.tooManyPoints(steps: 10, metrics: 2, classes: 3)
        #expect(error.description.contains("10 time steps") && error.description.contains("coarser granularity"))
        // Daily rows of one class are bounded by their days, as they always were.
        dataset = Specs.dataset("data_generation: { start_date: 1700-01-01, end_date: 2260-12-31, num_servers: 1 }")
        dataset.data.metrics = (0..<60).map { Specs.metric("m\($0)") }
        #expect(try PanelPlan(dataset, today: Specs.day("2026-01-01")).steps.count == 204_901)
    }

    @Test("calendar flags are those of the server's local day")
    func flags() throws {
        let plan = try Self.plan(Self.yaml())
        let generator = PanelGenerator(plan)
        let zones = plan.spec.data.regionZones
        var seen: Set<[Bool]> = []
        for server in 0..<40 {
            let region = generator.directory.index(of: .region, server: server)
            let flags = generator.values(of: .weekend, server: server)
            seen.insert(flags)
            LocalClock(TimeZoneTable.zone(zones[region].zone), steps: plan.steps).forEach { index, seconds in
                #expect(flags[index] == Day(number: Int((Double(seconds) / 86_400).rounded(.down))).isWeekend)
            }
        }
        #expect(seen.count == 4)
    }
}
