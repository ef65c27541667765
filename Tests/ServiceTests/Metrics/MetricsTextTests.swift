import Service
import Testing

@Suite("Metrics as text")
struct MetricsTextTests {
    private static let counter = MetricFamily("a_total", .counter, ["dataset", "kind"], "Counts a \\ and\na newline.")
    private static let gauge = MetricFamily("b", .gauge, [], "Is b.")
    private static let histogram = MetricFamily("c_seconds", .histogram(bounds: [0.5, 1, 10]), ["kind"], "Takes c.")
    private static let families = [counter, gauge, histogram]

    private static func text(_ state: MetricsState) -> String { MetricsText.text(state, families) }

    @Test("families come in the order of the list, series by their labels, with help and type once; a family without series is silent")
    func order() {
        var state = MetricsState()
        state.set(Self.gauge, to: 2)
        state.add(Self.counter, ["web", "y"])
        state.add(Self.counter, ["web", "x"], 2.5)
        state.add(Self.counter, ["app", "y"], 0)
        #expect(
            Self.text(state) == """
                # HELP a_total Counts a \\\\ and\\na newline.
                # TYPE a_total counter
                a_total{dataset="app",kind="y"} 0
                a_total{dataset="web",kind="x"} 2.5
                a_total{dataset="web",kind="y"} 1
                # HELP b Is b.
                # TYPE b gauge
                b 2

                """)
    }

    @Test("backslashes, quotes and newlines in labels are escaped, everything else is as it is")
    func escapes() {
        var state = MetricsState()
        state.add(Self.counter, ["a\\b\"c\nd\u{e9}", ""])
        #expect(Self.text(state).contains(#"a_total{dataset="a\\b\"c\nd\#u{e9}",kind=""} 1"#))
    }

    @Test(
        "numbers are written as Go reads them",
        arguments: [
            (0.0, "0"), (-3, "-3"), (1_700_000_000, "1700000000"), (0.1, "0.1"), (1e300, "1e+300"), (9e15, "9000000000000000.0"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        ])
    func numbers(value: Double, text: String) {
        var state = MetricsState()
        state.set(Self.gauge, to: value)
        #expect(Self.text(state).hasSuffix("\nb \(text)\n"))
    }

    @Test("buckets of a histogram are cumulative, a bound belongs to its bucket, and the last one is the count")
    func buckets() {
        var state = MetricsState()
        for value in [0.25, 0.5, 0.75, 10, 11] { state.observe(Self.histogram, ["x"], value) }
        #expect(
            Self.text(state).hasSuffix(
                """
                c_seconds_bucket{kind="x",le="0.5"} 2
                c_seconds_bucket{kind="x",le="1"} 3
                c_seconds_bucket{kind="x",le="10"} 4
                c_seconds_bucket{kind="x",le="+Inf"} 5
                c_seconds_sum{kind="x"} 22.5
                c_seconds_count{kind="x"} 5

                """))
    }

    @Test("a dataset beyond the limit has no series, one that goes makes room, and what stays keeps its counts")
    func bounds() {
        var state = MetricsState(datasetLimit: 2)
        for name in ["a", "b", "c"] { state.add(Self.counter, [name, "x"]) }
        #expect(state.has(Self.counter, ["b", "x"]) && !state.has(Self.counter, ["c", "x"]))
        state.forget("a")
        #expect(!state.has(Self.counter, ["a", "x"]))
        state.add(Self.counter, ["c", "x"])
        #expect(state.has(Self.counter, ["c", "x"]))
        #expect(state.retain(["b", "d", "e"]) == 1)
        #expect(!state.has(Self.counter, ["c", "x"]) && state.has(Self.counter, ["b", "x"]))
        for name in ["d", "e"] { state.add(Self.counter, [name, "x"]) }
        #expect(state.has(Self.counter, ["d", "x"]) && !state.has(Self.counter, ["e", "x"]))
    }

    @Test("names follow the conventions: prefix, unit or total last, each once, with help that is a sentence")
    func names() {
        #expect(Set(MetricFamily.all.map(\.name)).count == MetricFamily.all.count)
        for family in MetricFamily.all {
            #expect(family.name.hasPrefix("fleetsynth_") || family.name.hasPrefix("process_"), "\(family.name)")
            #expect(family.name.hasSuffix("_total") == (family.kind == .counter), "\(family.name)")
            #expect(family.help.hasSuffix("."), "\(family.name)")
            if case .histogram(let bounds) = family.kind { #expect(bounds == bounds.sorted() && family.name.hasSuffix("_seconds")) }
        }
    }
}
