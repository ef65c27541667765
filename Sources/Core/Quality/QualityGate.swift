/// Decides whether a panel may be published: is it whole, and is it what the config asked for?
public struct QualityGate: Sendable {
    let plan: PanelPlan
    let classes: ServerClasses
    private let times: CellTimes
    /// The classes, each worked out once.
    private let kinds: [ServerClass]
    /// The local days of the run.
    private let dates: ContrastDays
    /// By calendar of the classes.
    private let lifts: [LiftDays]

    /// The part of a tolerance that no amount of data shrinks: offsets are predicted in bins, noise is drawn in single precision.
    private static let allowance = 0.003
    /// With fewer cells the limit of the missing share gets a margin for chance: one missing cell of one is 100 per cent.
    private static let cellsOfSureShare = 1000

    /// A gate for the panels of one plan.
    public init(_ plan: PanelPlan) {
        self.plan = plan
        classes = ServerClasses(plan.spec.data)
        times = CellTimes(classes, steps: plan.steps)
        let classes = classes
        kinds = (0..<classes.count).map { classes[$0] }
        let dates = ContrastDays(times.days, anchor: plan.spec.data.growthAnchor)
        self.dates = dates
        lifts = classes.calendars.map { LiftDays(plan.spec.data, dates, calendar: BusinessCalendar($0, covering: dates.days)) }
    }

    /// - Parameters:
    ///   - facts: What was written.
    ///   - signals: The metrics' signals over the run's steps.
    ///   - tallies: Same order as `signals`.
    ///   - noise: A sample of the cells, for what can be seen in single servers only; nil where noise is plain.
    public func judge(
        facts: PanelFacts, signals: [MetricSignal], tallies: [MetricTally], noise: NoiseSample? = nil
    ) -> QualityReport {
        judge(facts: facts, metrics: parts(signals, tallies, noise).map { $0() })
    }

    /// - Parameter metrics: The checks of each metric, in order, and those of the noise.
    func judge(facts: PanelFacts, metrics: [[QualityCheck]]) -> QualityReport {
        QualityReport(
            checks: facts.checks(plan) + lifetimeChecks() + shareChecks() + incidentChecks() + changeChecks() + factorChecks()
                + metrics.flatMap { $0 })
    }

    /// The checks of each metric and those of the noise, in parallel: the long part of a judgement.
    func checks(signals: [MetricSignal], tallies: [MetricTally], noise: NoiseSample?) async -> [[QualityCheck]] {
        let parts = parts(signals, tallies, noise)
        return await withTaskGroup(of: (Int, [QualityCheck]).self) { tasks in
            for (index, part) in parts.enumerated() {
                tasks.addTask { (index, part()) }
            }
            var found = [[QualityCheck]](repeating: [], count: parts.count)
            for await (index, checks) in tasks { found[index] = checks }
            return found
        }
    }

    /// What can be worked out apart, in the order of the report: a metric each, and the noise of an archetype each.
    private func parts(_ signals: [MetricSignal], _ tallies: [MetricTally], _ noise: NoiseSample?) -> [@Sendable () -> [QualityCheck]] {
        let metrics = zip(signals, tallies).map { signal, tally -> @Sendable () -> [QualityCheck] in { checks(signal, tally) } }
        guard let noise else { return metrics }
        let (fleet, directory) = (FleetNoise(plan.spec.data), ServerDirectory(plan.spec.data))
        return metrics
            + noise.rows.indices.map { kind -> @Sendable () -> [QualityCheck] in
                { noiseChecks(signals, noise, kind: kind, fleet, directory) }
            }
    }

    /// One metric's checks; those of its effects only where a cell is present.
    private func checks(_ signal: MetricSignal, _ tally: MetricTally) -> [QualityCheck] {
        var checks = cellChecks(signal, tally) + messChecks(signal, tally) + rowChecks(signal, tally)
        guard tally.present > 0 else {
            let names = (EffectKind.plain + lifts[0].kinds).map(\.rawValue) + ["level", "server_bias", "noise_level"]
            return checks + names.map { .notApplicable($0, signal.metric.name, requested: nil, because: "every value is missing") }
        }
        let expectation = MetricExpectation(signal, tally, times)
        checks += (EffectKind.plain + lifts[0].kinds).flatMap { effectChecks($0, signal, expectation) }
        checks += [
            levelCheck(signal, expectation), biasCheck(signal, tally, expectation), noiseLevelCheck(signal, tally, expectation),
        ]
        checks += clipChecks(signal, tally, expectation)
        if !plan.spec.data.granularity.isDaily { checks += diurnalChecks(signal, expectation) }
        return checks + archetypeChecks(signal, expectation) + labelChecks(signal, expectation)
            + headroomChecks(signal, expectation)
    }

    private func cellChecks(_ signal: MetricSignal, _ tally: MetricTally) -> [QualityCheck] {
        let metric = signal.metric
        let cells = Double(max(1, tally.cells))
        // Outages come in blocks: a slice may well lie in one, so there what is missing at random counts.
        let drawn = tally.drawnMissing
        let rows = (all: tally.rows?.rows ?? tally.fileCells, missing: tally.rows?.missing ?? tally.missing)
        let published = Double(rows.missing) / Double(max(1, rows.all))
        let share = plan.isWhole ? published : min(published, Double(drawn) / cells)
        var checks = [
            missingShareCheck(metric, share: share, cells: rows.all),
            rateCheck("missing_rate", metric.name, rate: metric.missingRate, events: drawn, cells: tally.cells, "missing rate"),
            rateCheck("outlier_rate", metric.name, rate: metric.outlierRate, events: tally.outliers, cells: tally.cells, "outlier rate"),
        ]
        if let low = tally.smallest, let high = tally.largest {
            let inside = low >= metric.minClip && high <= metric.maxClip
            checks.append(
                .limit(
                    "range", metric.name, passes: inside, requested: nil, realised: nil,
                    "\(metric.name): values lie from \(low.short) to \(high.short), clip range \(metric.minClip.short) to \(metric.maxClip.short)"
                ))
        }
        return checks
    }

    private func missingShareCheck(_ metric: MetricSpec, share: Double, cells: Int) -> QualityCheck {
        let limit = plan.spec.quality.maxMissingShare
        let n = Double(max(1, cells))
        let margin =
            cells < Self.cellsOfSureShare ? plan.spec.quality.tolerance(of: "missing_rate") * (limit * (1 - limit) / n).squareRoot() : 0
        let passes = share <= limit + margin
        return .limit(
            "missing_share", metric.name, passes: passes, requested: limit, realised: share,
            "\(metric.name): the share of missing cells is \(share.short), at most \(limit.short) is allowed"
                + (passes ? "" : " (quality.max_missing_share); \(missingRemedy(metric))"))
    }

    private func rateCheck(_ name: String, _ metric: String, rate: Double, events: Int, cells: Int, _ what: String) -> QualityCheck {
        let n = Double(max(1, cells))
        let sigmas = plan.spec.quality.tolerance(of: name)
        // Bernstein's bound: the binomial is skewed where few are expected, and one event more or less is always within tolerance.
        let skew = rate > 0 ? max(1, sigmas * sigmas / 6) / n : 0
        let tolerance = sigmas * (rate * (1 - rate) / n).squareRoot() + skew
        return .within(name, metric, requested: rate, realised: Double(events) / n, tolerance: tolerance, what: what, key: name)
            .against(0)
    }

    private func levelCheck(_ signal: MetricSignal, _ expectation: MetricExpectation) -> QualityCheck {
        var (sum, expected, variance, jump, weight, lasting) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for own in expectation.classes {
            guard let own else { continue }
            let (share, cells) = (own.weight, own.whole)
            sum += share * cells.realised
            expected += share * cells.expected
            variance += share * share * cells.variance
            jump = max(jump, share * cells.jump)
            weight += share * cells.count
            lasting += share * share * (own.lasting * cells.count * cells.count + cells.parting * cells.parting)
        }
        let sigmas = plan.spec.quality.tolerance(of: "level")
        let allowance = Self.allowance * (signal.metric.baseStd + signal.metric.serverBiasStd) + 0.5 / signal.grid.scale
        let chance = sigmas * ((variance + lasting) / (weight * weight)).squareRoot() + sigmas * sigmas / 6 * jump / weight
        let tolerance = chance + allowance
        return .within(
            "level", signal.metric.name, requested: expected / weight, realised: sum / weight, tolerance: tolerance, what: "mean level",
            key: "base_mean")
    }

    // MARK: Effects

    /// One check for each setting of an effect and calendar; several only where archetypes or regions differ.
    private func effectChecks(_ kind: EffectKind, _ signal: MetricSignal, _ expectation: MetricExpectation) -> [QualityCheck] {
        effectGroups(kind, signal).map { setting, calendar, members, scope in
            let found = kind.contrast(setting, dates, lifts[calendar])
            let contrast = EffectContrast(groups: .days(found.groups, classes: members), sensitivity: found.sensitivity)
            return check(
                kind.rawValue, signal, expectation, contrast, scope: scope, requested: setting.requested, absent: setting.absent(kind),
                what: setting.phrase(kind), key: setting.key(kind)
            ) { setting.parameter(kind, moved: $0) }
        }
    }

    /// The strength of the day's shape, 1 as configured; where there is none, that of `office`, which must be 0.
    private func diurnalChecks(_ signal: MetricSignal, _ expectation: MetricExpectation) -> [QualityCheck] {
        grouped(signal.classes.map(\.metric.shapeOfDay)).map { shape, members, scope in
            var (high, low) = ((sum: 0.0, slots: 0.0), (sum: 0.0, slots: 0.0))
            for own in members.compactMap({ expectation.classes[$0]?.shape }) {
                high = (high.sum + own.high.sum, high.slots + own.high.slots)
                low = (low.sum + own.low.sum, low.slots + own.low.slots)
            }
            let sensitivity = high.slots > 0 && low.slots > 0 ? high.sum / high.slots - low.sum / low.slots : 0
            let requested = shape == nil ? 0.0 : 1
            return check(
                "diurnal", signal, expectation, EffectContrast(groups: .shape(classes: members), sensitivity: sensitivity), scope: scope,
                requested: requested, absent: 0, what: "the diurnal profile's strength", key: "diurnal_profile and time_zones"
            ) { requested + $0 }
        }
    }

    /// The level of each archetype, beside all others.
    private func archetypeChecks(_ signal: MetricSignal, _ expectation: MetricExpectation) -> [QualityCheck] {
        classes.archetypes.enumerated().compactMap { kind, archetype in
            guard let member = kinds.indices.first(where: { classes.kind(of: $0) == kind }) else { return nil }
            let groups = SlotChoice.classes(kinds.indices.map { classes.kind(of: $0) == kind })
            let own = archetype.metrics.first { $0.metric == signal.metric.name }
            let level = signal.classes[member].metric.baseMean * (own?.levelFactor ?? 1)
            return check(
                "archetype", signal, expectation, EffectContrast(groups: groups, sensitivity: 1), scope: archetype.name,
                requested: level, what: "the base level", key: "level_factor and base_mean"
            ) { level * ExactMath.exp(min(max($0, -600), 600)) }
        }
    }

    /// The factor of each group of labels that has one, beside all others of the column.
    private func labelChecks(_ signal: MetricSignal, _ expectation: MetricExpectation) -> [QualityCheck] {
        var checks: [QualityCheck] = []
        for (place, column) in ServerClasses.columns.enumerated() {
            for group in classes.groups[place] {
                let factor = group.factor(signal.metric.name)
                guard factor != 1 else { continue }
                let groups = SlotChoice.classes(kinds.map { $0.groups[place] == group })
                checks.append(
                    check(
                        "metadata_effect", signal, expectation, EffectContrast(groups: groups, sensitivity: 1),
                        scope: "\(column.rawValue) \(group.labels.joined(separator: ", "))", requested: factor, absent: 1,
                        what: "the factor",
                        key: "metadata_effects"
                    ) { factor * ExactMath.exp(min(max($0, -600), 600)) })
            }
        }
        return checks
    }

    /// The headroom of each group of labels that has one, beside all others of the column: what is left to the upper bound with the levels as
    /// they are, against what it would be without.
    private func headroomChecks(_ signal: MetricSignal, _ expectation: MetricExpectation) -> [QualityCheck] {
        var checks: [QualityCheck] = []
        for (place, column) in ServerClasses.columns.enumerated() {
            for group in classes.groups[place] {
                let headroom = group.headroom(signal.metric.name)
                guard headroom != 1 else { continue }
                let members = kinds.indices.filter { kinds[$0].groups[place] == group }
                let groups = SlotChoice.classes(kinds.map { $0.groups[place] == group })
                func left(_ moved: Double) -> Double {
                    members.reduce(0) { $0 + signal.metric.maxClip - signal.classes[$1].mean * ExactMath.exp(min(max(moved, -600), 600)) }
                }
                checks.append(
                    check(
                        "headroom", signal, expectation, EffectContrast(groups: groups, sensitivity: 1),
                        scope: "\(column.rawValue) \(group.labels.joined(separator: ", "))", requested: headroom, absent: 1,
                        what: "the headroom",
                        key: "metadata_effects"
                    ) { headroom * left($0) / left(0) })
            }
        }
        return checks
    }

    /// A setting with the index of the calendar that its days follow.
    private struct OnDays: Equatable {
        let setting: EffectSetting
        let calendar: Int
    }

    /// The classes of each setting and calendar, and what tells them from others where there are several.
    private func effectGroups(
        _ kind: EffectKind, _ signal: MetricSignal
    ) -> [(setting: EffectSetting, calendar: Int, members: [Int], scope: String?)] {
        // Classes of one archetype differ in constants, which are no effects.
        var ofArchetype: [(kind: Int, setting: EffectSetting)] = []
        let settings = signal.classes.indices.map { index in
            let own = classes.kind(of: index)
            if let known = ofArchetype.first(where: { $0.kind == own }) {
                return OnDays(setting: known.setting, calendar: kinds[index].calendar)
            }
            let setting = EffectSetting(kind, signal.classes[index])
            ofArchetype.append((own, setting))
            return OnDays(setting: setting, calendar: kinds[index].calendar)
        }
        let areAlike = settings.allSatisfy { $0.setting == settings[0].setting }
        return grouped(settings).map { own, members, archetypes in
            let calendar = lifts.count == 1 ? nil : "calendar \(classes.calendars[own.calendar].name)"
            let parts = [areAlike ? nil : archetypes, calendar].compactMap { $0 }
            return (own.setting, own.calendar, members, parts.isEmpty ? nil : parts.joined(separator: ", "))
        }
    }

    /// The classes of each setting, in order of first appearance, and the archetypes that have it where there are several.
    ///
    /// - Complexity: O(settings * different ones), which are few: a dictionary of its own type costs more than a run of few servers has time for.
    private func grouped<Setting: Equatable>(_ settings: [Setting]) -> [(setting: Setting, members: [Int], scope: String?)] {
        var groups: [(setting: Setting, members: [Int], scope: String?)] = []
        for (index, setting) in settings.enumerated() {
            if let place = groups.firstIndex(where: { $0.setting == setting }) {
                groups[place].members.append(index)
            } else {
                groups.append((setting, [index], nil))
            }
        }
        guard groups.count > 1 else { return groups }
        for place in groups.indices {
            let names = Set(groups[place].members.compactMap { kinds[$0].archetype?.name }).sorted()
            groups[place].scope = names.joined(separator: ", ")
        }
        return groups
    }

    /// - Parameters:
    ///   - absent: The parameter without the effect; nil where there is no such thing.
    ///   - parameter: The realised parameter when the one on the log scale moves by so much.
    private func check(
        _ name: String, _ signal: MetricSignal, _ expectation: MetricExpectation, _ contrast: EffectContrast, scope: String?,
        requested: Double, absent: Double? = nil, what: String, key: String, parameter: (Double) -> Double
    ) -> QualityCheck {
        switch contrast.measure(expectation, sigmas: plan.spec.quality.tolerance(of: name)) {
        case .impossible(let reason):
            return .notApplicable(name, signal.metric.name, scope: scope, requested: requested, because: reason)
        case .measured(let difference, let chance):
            let bound = chance + Self.allowance / contrast.sensitivity.magnitude
            let tolerance = (parameter(bound) - requested).magnitude
            return .within(
                name, signal.metric.name, scope: scope, requested: requested, realised: parameter(difference), tolerance: tolerance,
                what: what, key: key
            ).against(absent)
        }
    }
}
