import Reports
import Testing

@Suite("Plotting")
struct PlotTests {
    @Test(
        "ticks are nice, enclose the values and are no more than asked for",
        arguments: [
            (0.0, 1.0), (3.2, 97.1), (-5, 5), (0.0011, 0.0019), (1e9 - 3, 1e9), (-2e6, -1e6), (41.9, 42.0), (0, 0), (7, 7), (-3, -3),
        ] as [(Double, Double)])
    func ticks(low: Double, high: Double) {
        for count in 2...8 {
            let scale = LinearScale(low...high, ticks: count, from: 0, to: 100)
            #expect(scale.low <= low && scale.high >= high && scale.ticks.count >= 2, "\(scale.ticks)")
            // Two ticks cannot always enclose the values: then there is a third.
            #expect(scale.ticks.count <= max(3, count), "\(scale.ticks) of \(count)")
            #expect(abs(scale(scale.low)) < 1e-9 && abs(scale(scale.high) - 100) < 1e-9)
            let labels = scale.ticks.map(scale.label)
            #expect(Set(labels).count == labels.count, "\(labels)")
        }
    }

    @Test("a scale may run downwards, as pixels do")
    func downwards() {
        let scale = LinearScale(0...100, from: 200, to: 0)
        #expect(scale(0) == 200 && scale(100) == 0 && scale(50) == 100)
        #expect(scale.ticks == [0, 25, 50, 75, 100] && scale.label(25) == "25")
    }

    @Test("texts from elsewhere are text, whatever they contain")
    func escaping() {
        #expect(
            Markup.escaped("<script>alert('a' & \"b\")</script>") == "&lt;script&gt;alert(&#39;a&#39; &amp; &quot;b&quot;)&lt;/script&gt;")
        #expect(Markup.escaped("z\u{0}\u{1B}[31m\u{7F}\n\u{E9}\u{1F600}") == "z\u{FFFD}\u{FFFD}[31m\u{FFFD}\n\u{E9}\u{1F600}")
    }

    @Test(
        "coordinates have one decimal at most",
        arguments: [(0, "0"), (12.34, "12.3"), (-0.04, "0"), (-7.25, "-7.3"), (1000, "1000"), (99.95, "100")] as [(Double, String)])
    func coordinates(value: Double, text: String) {
        var markup = Markup()
        markup.coordinate(value)
        #expect(markup.string == text)
    }

    @Test(
        "a number has three significant digits, however small, and keeps all before its point",
        arguments: [
            (0, "0"), (45.0213, "45.0"), (0.00312, "0.00312"), (0.003, "0.00300"), (-0.5, "-0.500"), (9.996, "10.0"), (99.96, "100"),
            (1_234_567.8, "1,234,568"), (-1234, "-1,234"), (0.0001, "0.000100"), (0.00001, "1.00e-5"), (1e-7, "1.00e-7"),
            (9.996e-6, "1.00e-5"), (1.5e15, "1.50e15"), (999.6, "1,000"), (.leastNonzeroMagnitude, "5e-324"), (.infinity, "inf"),
        ] as [(Double, String)])
    func significant(value: Double, text: String) { #expect(Numbers.significant(value) == text) }

    @Test("a line breaks where values are missing, and a value between two gaps is a dash")
    func line() {
        var markup = Markup()
        markup.line([(0, 1), (1, nil), (2, 5), (3, nil), (4, 2), (5, 3)], class: "line")
        #expect(markup.string == "<path class=\"line\" d=\"M0 1h1M2 5h1M4 2L5 3\"/>")
    }

    @Test("a band goes forth along its top and back along its bottom, each piece closed")
    func band() {
        var markup = Markup()
        markup.band([(0, 9, 1), (1, 8, 2), (2, nil, nil), (3, 7, 3)], class: "band")
        #expect(markup.string == "<path class=\"band\" d=\"M0 1L1 2L1 8L0 9ZM0 3h6V7h-6Z\"/>")
    }

    @Test("columns are one outline down to the base")
    func columns() {
        var markup = Markup()
        markup.columns([5, 0, 10], from: 100, width: 20, base: 50, class: "c")
        #expect(markup.string == "<path class=\"c\" d=\"M100 50V45H120V50H140V40H160V50Z\"/>")
    }

    @Test("sparklines use eight heights")
    func sparkline() {
        #expect(Sparkline.text([0, 1, 2, 3, 4, 5, 6, 7]) == "\u{2581}\u{2582}\u{2583}\u{2584}\u{2585}\u{2586}\u{2587}\u{2588}")
        #expect(Sparkline.text([3, nil, 3]) == "\u{2584} \u{2584}" && Sparkline.text([]).isEmpty)
    }
}

@Suite("Numbers for people")
struct NumbersTests {
    @Test(
        "about four digits, commas and a true minus sign",
        arguments: [
            (0.0, "0"), (45.019, "45.02"), (123.456, "123.5"), (1234.5, "1,235"), (1_234_567, "1,234,567"), (-3.14159, "\u{2212}3.14"),
            (0.005, "0.005000"), (0.0123456, "0.01235"), (99.999, "100.00"),
        ] as [(Double, String)])
    func readable(value: Double, text: String) { #expect(Numbers.readable(value) == text) }

    @Test(
        "no zeros at the end where they say nothing",
        arguments: [(0.05, "0.05"), (6.0, "6"), (1200, "1,200"), (6.34, "6.34"), (0.8, "0.8")] as [(Double, String)])
    func trimmed(value: Double, text: String) { #expect(Numbers.trimmed(value) == text) }

    @Test(
        "what has no digits is said in signs, never a trap",
        arguments: [(Double.nan, "\u{2013}"), (.infinity, "\u{221E}"), (1e300, "1e+300")] as [(Double, String)])
    func odd(value: Double, text: String) { #expect(Numbers.fixed(value, 2) == text) }

    @Test("machines get plain digits")
    func plain() {
        #expect(Numbers.plain(1234.5678, 2) == "1234.57" && Numbers.plain(-0.004, 2) == "0.00" && Numbers.plain(-1.5, 1) == "-1.5")
        #expect(Numbers.plain(nil, 3).isEmpty && Numbers.plain(.nan, 3).isEmpty)
    }

    @Test("bytes and shares")
    func units() {
        #expect(Numbers.bytes(999) == "999 bytes" && Numbers.bytes(1_235_246) == "1.2 MiB" && Numbers.percent(0.00504) == "0.50 %")
    }
}
