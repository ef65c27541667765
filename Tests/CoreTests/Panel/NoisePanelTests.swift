import Core
import Testing

/// Everything about noise, on at once.
@Suite("Panels with noise")
struct NoisePanelTests {
    static func yaml(
        from: String = "2024-03-01", to: String = "2024-04-30", granularity: String = "hourly", decimals: String = "2", servers: Int = 30
    )
        -> String
    {
        """
        data_generation:
          num_servers: \(servers)
          granularity: \(granularity)
          start_date: \(from)
          end_date: \(to)
          decimals: \(decimals)
          noise_correlation: { cpu: { mem: 0.5, net: -0.3 } }
          archetypes:
            web: { share: 0.6 }
            batch:
              share: 0.4
              noise_correlation: { mem: { disk: 0.7 } }
              metrics: { cpu: { noise_half_life: 10h, noise_kurtosis: 4, saturation: 0.2 }, net: { noise_slow_share: 0.5 } }
          metrics:
            cpu: { noise_half_life: 3h, noise_slow_share: 0.2, noise_slow_half_life: 3d, outlier_rate: 0.01, noise_load_exponent: 0.7 }
            mem: { noise_half_life: 1d, noise_skewness: 1, noise_kurtosis: 2 }
            disk: { noise_half_life: 12h, noise_skewness: -0.5, noise_kurtosis: 1, saturation: 0.1 }
            net: { noise_half_life: 8h }
        output: { compression: none }
        """
    }

    static func plan(_ yaml: String) throws -> PanelPlan { try PanelPlan(Specs.dataset(yaml), today: Specs.day("2026-01-01")) }

    @Test("a slice is that part of the whole, wherever blocks begin", arguments: ["2", "4", "null"], ["hourly", "15min", "6h"])
    func slices(decimals: String, granularity: String) throws {
        let whole = try Self.plan(Self.yaml(granularity: granularity, decimals: decimals))
        let all = PanelTests.cells(whole)
        for (from, to) in [("2024-03-01", "2024-03-01"), ("2024-03-17", "2024-03-20"), ("2024-04-29", "2024-04-30")] {
            let slice = try whole.slice(from: Specs.day(from), to: Specs.day(to), servers: 5...21)
            let offset = (slice.days.start - whole.days.start) * whole.spec.data.granularity.stepsPerDay
            for (metric, servers) in PanelTests.cells(slice).enumerated() {
                for (index, cells) in servers.enumerated() {
                    #expect(cells == Array(all[metric][4 + index][offset..<offset + slice.steps.count]))
                }
            }
        }
    }

    @Test("a window that moves keeps its history, and more servers keep theirs")
    func moved() throws {
        let before = PanelTests.cells(try Self.plan(Self.yaml()))
        let after = PanelTests.cells(try Self.plan(Self.yaml(from: "2024-03-11", to: "2024-05-20", servers: 45)))
        for metric in before.indices {
            for server in before[metric].indices {
                #expect(Array(before[metric][server][(10 * 24)...]) == Array(after[metric][server][..<(51 * 24)]))
            }
        }
    }

    @Test("threads and row groups change no byte and no tally", arguments: ["2", "null"])
    func threads(decimals: String) async throws {
        let plan = try Self.plan(Self.yaml(decimals: decimals))
        let expected = try await PanelTests.file(plan, threads: 1, rowsPerGroup: 3000)
        for threads in [2, 5] { #expect(try await PanelTests.file(plan, threads: threads, rowsPerGroup: 3000) == expected) }
    }

    @Test("a metric changes only with those it is correlated with, whatever their order")
    func independence() throws {
        let yaml = Self.yaml()
        let data = Specs.dataset(yaml).data
        var shuffled = data
        shuffled.metrics.reverse()
        var extra = Specs.metric("another")
        extra.noise.halfLife = 3600 * 7
        shuffled.metrics.insert(extra, at: 1)
        func cells(_ data: DataSpec) throws -> [String: [[Double?]]] {
            let generator = PanelGenerator(try Specs.plan(data))
            return Dictionary(
                uniqueKeysWithValues: data.metrics.enumerated().map { index, metric in
                    (metric.name, (0..<data.servers).map { generator.values(metric: index, server: $0) })
                })
        }
        let (a, b) = (try cells(data), try cells(shuffled))
        for name in ["cpu", "mem", "disk", "net"] { #expect(a[name] == b[name]) }
        // Without its correlations a metric is another one, unless it comes first of its group.
        var alone = data
        alone.noiseCorrelation = []
        for index in alone.archetypes.indices { alone.archetypes[index].noiseCorrelation = nil }
        let c = try cells(alone)
        #expect(c["cpu"] == a["cpu"] && c["mem"] != a["mem"] && c["net"] != a["net"])
    }

    @Test("saturated values approach the bounds in order and pile up nowhere")
    func saturation() throws {
        func values(_ saturation: Double) throws -> [Double] {
            var data = Specs.data(servers: 60).with {
                ($0.noise.saturation, $0.decimals, $0.outlierRate, $0.missingRate) = (saturation, nil, 0, 0)
            }
            data.metrics = [data.metrics[0]]
            (data.metrics[0].baseMean, data.metrics[0].baseStd) = (80, 20)
            let generator = PanelGenerator(try Specs.plan(data))
            return (0..<60).flatMap { generator.values(metric: 0, server: $0).compactMap { $0 } }
        }
        let (plain, saturated) = (try values(0), try values(0.2))
        #expect(plain.count { $0 == 99 } > plain.count / 20)
        #expect(saturated.count { $0 == 99 } == 0)
        for (x, y) in zip(plain, saturated) where x > 20.6 && x < 79.4 { #expect(x == y) }
        // Where neither is at a bound, the order is the same.
        let pairs = zip(plain, saturated).sorted { $0.0 < $1.0 }
        for (a, b) in zip(pairs, pairs.dropFirst()) where a.0 > 1 && b.0 < 99 { #expect(a.1 <= b.1) }
    }
}
