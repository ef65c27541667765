/// When each server begins and ends: a pure function of its number and the config, never of the window.
///
/// ```
/// first day   by growth: the day by whose beginning there are that many servers; or drawn from a span; or before all time
/// end         first day from `from` on, and after the first day, on which an end is drawn; or after all time
/// rows        from the first day on, before the end
/// ```
public struct ServerLifetimes: Sendable {
    private let spec: LifetimeSpec
    private let draws: DrawStream

    /// Days that no window reaches.
    private static let (always, never) = (-1_000_000, 1_000_000)

    /// The lifetimes of a fleet.
    public init(_ data: DataSpec) {
        spec = data.lifetime
        draws = DrawStream(seed: data.seed, purpose: .lifetime)
    }

    /// Whether every server exists always.
    public var isUnbounded: Bool { spec.isUnbounded }

    /// The days of a server, by their numbers; far away where it has always been or never ends.
    func days(server: Int) -> Range<Int> {
        if isUnbounded { return Self.always..<Self.never }
        // Words: whether it is commissioned, its day, its end.
        let words = draws.words(server: UInt32(server), block: 0)
        let first = firstDay(server, words)
        guard let decommission = spec.decommission else { return first..<max(first, Self.never) }
        // The chance of an end is the same on every day, so days until it are geometric: ln(u) / ln(1 - p) with ln(1 - p) = -rate per day.
        let wait = -ExactMath.log(DrawStream.uniform(words[2])) * 365.2425 / decommission.perYear
        let from = max(decommission.from.number, first + 1)
        return first..<max(first, min(from + Int(min(wait, Double(Self.never))), Self.never))
    }

    private func firstDay(_ server: Int, _ words: SIMD4<UInt32>) -> Int {
        if let own = spec.commissioned {
            guard DrawStream.uniform(words[0]) < own.share else { return Self.always }
            return own.from.number + Int(Double(own.to - own.from + 1) * DrawStream.uniform(words[1]))
        }
        guard let last = spec.growth.last else { return Self.always }
        guard server < last.servers else { return Self.never }
        // The first of the days by which there are more than `server` servers.
        var (low, high) = (0, spec.growth.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if spec.growth[middle].servers > server { high = middle } else { low = middle + 1 }
        }
        guard low > 0 else { return Self.always }
        let (before, after) = (spec.growth[low - 1], spec.growth[low])
        let (part, all) = (server + 1 - before.servers, after.servers - before.servers)
        return before.date.number + (part * (after.date - before.date) + all - 1) / all
    }

    /// The steps of a run on which a server exists, as offsets from its first; empty where there are none.
    public func steps(server: Int, in steps: StepRange) -> Range<Int> {
        if isUnbounded { return 0..<steps.count }
        let days = days(server: server).clamped(to: steps.days.start.number..<steps.days.end.number + 1)
        let (first, perDay) = (steps.days.start.number, steps.granularity.stepsPerDay)
        return days.isEmpty ? 0..<0 : (days.lowerBound - first) * perDay..<(days.upperBound - first) * perDay
    }
}
