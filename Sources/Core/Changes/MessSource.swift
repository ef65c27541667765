/// What goes wrong with the measuring, as what happens to cells.
struct MessSource: CellChangeSource {
    let plan: MessPlan
    private let directory: ServerDirectory
    private let before: ValuesBefore?

    /// Nil where nothing is switched on.
    init?(_ plan: PanelPlan, directory: ServerDirectory) {
        guard !plan.spec.data.mess.isOff else { return nil }
        self.plan = MessPlan(plan.spec.data, steps: plan.steps)
        self.directory = directory
        before = ValuesBefore(plan)
    }

    func touches(metric: Int) -> Bool {
        let mess = plan.mess
        return plan.thresholds[metric] != nil
            || mess.agentOutage.perYear + mess.collectorOutage.perYear + mess.lateShare + mess.stuckSensor.perYear + mess.unitSlip.perYear
                > 0
    }

    func add(to changes: inout CellChanges, metric: Int, server: Int) {
        for steps in plan.agentOutages(server: server) { changes.gaps.append(.init(steps: steps, cause: .agentOutage)) }
        if plan.mess.collectorOutage.perYear > 0 {
            for steps in plan.collectorOutages[directory.index(of: .region, server: server)] {
                changes.gaps.append(.init(steps: steps, cause: .collectorOutage))
            }
        }
        let late = plan.lateSteps(server: server)
        if late > 0 { changes.gaps.append(.init(steps: 0..<late, cause: .lateStart)) }
        for steps in plan.slips(metric: metric, server: server) {
            changes.slips.append(.init(steps: steps, factor: plan.mess.unitFactor))
        }
        let first = plan.steps.absolute.lowerBound
        for spell in plan.stuckSpells(metric: metric, server: server) {
            let steps = spell.clamped(to: plan.steps.absolute)
            guard !steps.isEmpty else { continue }
            let value = spell.lowerBound < first ? before?.value(metric: metric, server: server, step: spell.lowerBound) : nil
            changes.stuck.append(.init(steps: steps.lowerBound - first..<steps.upperBound - first, value: value))
        }
        if let threshold = plan.thresholds[metric] {
            (changes.missingUnderLoad, changes.heavyLoad) = (plan.mess.underLoadRate, threshold)
        }
    }
}

/// Values of steps before a run, which stuck sensors repeat in it.
private struct ValuesBefore: Sendable {
    private let generator: PanelGenerator

    /// Nil where no sensor can be stuck since before the run.
    init?(_ plan: PanelPlan) {
        let (data, steps) = (plan.spec.data, plan.steps)
        let spells = SpellRate(perYear: data.mess.stuckSensor.perYear, duration: data.mess.stuckSensor.duration, data.granularity)
        guard spells.rate > 0, spells.steps > 1 else { return nil }
        let days = (spells.steps - 2) / steps.granularity.stepsPerDay + 1
        let earlier = plan.before(days: days)
        generator = PanelGenerator(earlier, changes: PanelGenerator.changes(of: earlier, hasGaps: false))
    }

    /// What was there to measure at an absolute step: with incidents and lasting changes, without outliers and mess.
    func value(metric: Int, server: Int, step: Int) -> Double? {
        let place = step - generator.plan.steps.absolute.lowerBound
        let values = generator.values(metric: metric, server: server)
        return values.indices.contains(place) ? values[place] : nil
    }
}

extension PanelPlan {
    /// The days before this run, for what reaches into it: cells as they are without outliers and missing values.
    fileprivate func before(days count: Int) -> PanelPlan {
        var spec = spec
        // What a sensor measured before its server had rows counts, too.
        spec.data.lifetime = .unbounded
        spec.data.aggregation = nil
        (spec.data.mess.rows.duplicateRate, spec.data.mess.rows.lateRate) = (0, 0)
        for metric in spec.data.metrics.indices { (spec.data.metrics[metric].outlierRate, spec.data.metrics[metric].missingRate) = (0, 0) }
        return PanelPlan(self, spec: spec, days: DayRange(start: days.start - count, days: count))
    }
}
