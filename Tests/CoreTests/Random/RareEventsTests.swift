import Core
import Testing

@Suite("Rare events")
struct RareEventsTests {
    static func events(rate: Double, server: UInt32 = 3, steps: Range<Int>) -> [Int] {
        let events = RareEvents(stream: DrawStream(seed: 5, purpose: .missing, metric: "m"), rate: rate)
        var out: [Int32] = []
        events.append(to: &out, server: server, steps: steps)
        return out.map { Int($0) + steps.lowerBound }
    }

    @Test("a window sees exactly the events of the whole that fall into it", arguments: [0.001, 0.02, 0.3, 0.95])
    func windows(rate: Double) {
        let whole = Self.events(rate: rate, steps: -3000..<4000)
        #expect(!whole.isEmpty)
        #expect(whole == whole.sorted() && Set(whole).count == whole.count)
        for window in [-3000..<4000, -2049..<(-2047), 0..<1, 100..<700, 2047..<2049, 3999..<4000] {
            #expect(Self.events(rate: rate, steps: window) == whole.filter(window.contains))
        }
    }

    @Test("cells are events with the configured probability, within 5 standard errors", arguments: [0.0005, 0.005, 0.1, 0.5, 0.9])
    func rate(rate: Double) {
        let n = 400 * 5000
        let count = (0..<400).reduce(0) { $0 + Self.events(rate: rate, server: UInt32($1), steps: 18_000..<23_000).count }
        #expect((Double(count) - Double(n) * rate).magnitude < 5 * (Double(n) * rate * (1 - rate)).squareRoot())
    }

    @Test("neighbouring cells are independent, across block borders too")
    func independence() {
        // At rate 0.3 the expected share of pairs of neighbours that are both events is 0.09.
        var pairs = 0
        for server in 0..<400 as Range<UInt32> {
            let events = Self.events(rate: 0.3, server: server, steps: 0..<20_480)
            pairs += zip(events, events.dropFirst()).count { $1 == $0 + 1 }
        }
        let n = 400.0 * 20_479
        #expect((Double(pairs) / n - 0.09).magnitude < 5 * (0.09 * 0.91 / n).squareRoot() * 1.5)
        let borders = (0..<400).reduce(0) { sum, server in
            let events = Set(Self.events(rate: 0.3, server: UInt32(server), steps: 0..<20_480))
            return sum + (1..<10).count { events.contains($0 * RareEvents.block) && events.contains($0 * RareEvents.block - 1) }
        }
        #expect((Double(borders) / 3600 - 0.09).magnitude < 5 * (0.09 * 0.91 / 3600).squareRoot())
    }

    @Test("rate 0 has no events")
    func none() { #expect(Self.events(rate: 0, steps: 0..<100_000).isEmpty) }
}
