/// What goes wrong with the measuring in a run, as a pure function of server, metric and absolute step.
///
/// Spells that began before the window are found by looking back over their length.
public struct MessPlan: Sendable {
    let mess: MessSpec
    package let steps: StepRange
    private let agents: Spells
    private let stuck: [Spells]
    private let slips: [Spells]
    private let collectors: [Spells]
    private let late: DrawStream
    /// Outages of each region's collector, as steps of the run, in the order of the regions' labels.
    package let collectorOutages: [[Range<Int>]]
    /// Threshold of each metric, in its unit; nil for none.
    package let thresholds: [Double?]

    /// Spells of one kind.
    private struct Spells: Sendable {
        let rate: SpellRate
        let events: RareEvents

        init(_ spells: MessSpec.Spells, _ data: DataSpec, _ purpose: DrawPurpose, _ name: String = "") {
            rate = SpellRate(perYear: spells.perYear, duration: spells.duration, data.granularity)
            events = RareEvents(stream: DrawStream(seed: data.seed, purpose: purpose, metric: name), rate: rate.rate)
        }

        /// Absolute steps at which spells begin that touch some steps.
        func starts(server: UInt32, steps: Range<Int>) -> [Int] {
            guard rate.rate > 0 else { return [] }
            let reach = steps.lowerBound - rate.steps + 1..<steps.upperBound
            var found: [Int32] = []
            events.append(to: &found, server: server, steps: reach)
            return found.map { reach.lowerBound + Int($0) }
        }

        /// Absolute steps of the spells that touch some steps, which may overlap.
        func spells(server: UInt32, steps: Range<Int>) -> [Range<Int>] { starts(server: server, steps: steps).map { $0..<$0 + rate.steps } }

        /// Runs of steps in spells, as offsets in the run, rising and apart.
        func runs(server: UInt32, steps: Range<Int>) -> [Range<Int>] {
            var runs: [Range<Int>] = []
            for spell in spells(server: server, steps: steps) {
                let own = spell.clamped(to: steps)
                let (start, end) = (own.lowerBound - steps.lowerBound, own.upperBound - steps.lowerBound)
                if let last = runs.last, last.upperBound >= start {
                    runs[runs.count - 1] = last.lowerBound..<max(last.upperBound, end)
                } else {
                    runs.append(start..<end)
                }
            }
            return runs
        }
    }

    /// The mess of a dataset over some steps.
    public init(_ data: DataSpec, steps: StepRange) {
        let mess = data.mess
        (self.mess, self.steps) = (mess, steps)
        agents = Spells(mess.agentOutage, data, .agentOutage)
        stuck = data.metrics.map { Spells(mess.stuckSensor, data, .stuckSensor, $0.name) }
        slips = data.metrics.map { Spells(mess.unitSlip, data, .unitSlip, $0.name) }
        late = DrawStream(seed: data.seed, purpose: .lateStart)
        collectors = data.regions.labels.map { Spells(mess.collectorOutage, data, .collectorOutage, $0) }
        collectorOutages = collectors.map { $0.runs(server: 0, steps: steps.absolute) }
        thresholds = data.metrics.map { mess.threshold($0) }
    }

    /// Outages of a server's agent, as steps of the run.
    package func agentOutages(server: Int) -> [Range<Int>] { agents.runs(server: UInt32(server), steps: steps.absolute) }

    /// Spells of another unit, as steps of the run.
    package func slips(metric: Int, server: Int) -> [Range<Int>] { slips[metric].runs(server: UInt32(server), steps: steps.absolute) }

    /// Spells in which a metric repeats the value of their first step, absolute and apart: a spell that begins while another lasts ends that one.
    package func stuckSpells(metric: Int, server: Int) -> [Range<Int>] {
        let length = stuck[metric].rate.steps
        let starts = stuck[metric].starts(server: UInt32(server), steps: steps.absolute)
        return starts.enumerated().map { index, start in
            start..<(index + 1 < starts.count ? min(start + length, starts[index + 1]) : start + length)
        }
    }

    // Spells as they are, for the ground truth: absolute, and two of them where they overlap.
    func agentSpells(server: Int) -> [Range<Int>] { agents.spells(server: UInt32(server), steps: steps.absolute) }
    func collectorSpells(region: Int) -> [Range<Int>] { collectors[region].spells(server: 0, steps: steps.absolute) }
    func slipSpells(metric: Int, server: Int) -> [Range<Int>] { slips[metric].spells(server: UInt32(server), steps: steps.absolute) }

    /// The absolute step with a late server's first value; nil for servers that are not late.
    func lateStart(server: Int) -> Int? {
        guard mess.lateShare > 0 else { return nil }
        let words = late.words(server: UInt32(server), block: 0)
        guard DrawStream.uniform(words[0]) < mess.lateShare else { return nil }
        let seconds = Int64(mess.lateFrom.number) * 86_400 + Int64(DrawStream.uniform(words[1]) * Double(mess.lateWithin))
        return floorDivide(Int(seconds), Int(steps.seconds))
    }

    /// How many steps of the run a server begins without values; 0 for most.
    package func lateSteps(server: Int) -> Int {
        guard let first = lateStart(server: server) else { return 0 }
        return min(max(first - steps.absolute.lowerBound, 0), steps.count)
    }
}

extension MessSpec {
    /// From where on a metric's cells are under load, in its unit; nil for never.
    package func threshold(_ metric: MetricSpec) -> Double? {
        guard underLoadRate > 0 else { return nil }
        let level = underLoad.map { list in list.first { $0.metric == metric.name }?.level } ?? LoadThreshold.standard
        switch level {
        case nil: return nil
        case .value(let value): return value
        case .percentile(let percent):
            let std = (metric.baseStd * metric.baseStd + metric.serverBiasStd * metric.serverBiasStd).squareRoot()
            return metric.baseMean + std * ExactMath.normalQuantile(Double(percent) / 100)
        }
    }
}

extension ExactMath {
    /// The inverse of `normalCDF` for probabilities within (0, 1), by halving: as exact as that function.
    static func normalQuantile(_ probability: Double) -> Double {
        var (low, high) = (-9.0, 9.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if normalCDF(middle) < probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
