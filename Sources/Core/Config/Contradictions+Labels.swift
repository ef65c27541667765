/// What factors and headrooms of labels ask of the rest of the config.
extension Contradictions {
    private static let effectsKey = "data_generation.metadata_effects"
    /// Most combinations of archetypes and labels with headrooms of their own.
    private static let maximumCombinations = 100_000

    mutating func labelEffects() {
        guard case .labelFactors(let factors) = settings.value(Self.effectsKey) else { return }
        for own in factors {
            guard let known = labels(own.column) else { continue }
            if !known.contains(own.label) { unknown(own.label, own.column.rawValue, known, at: keys(own)) }
            for name in Set(own.metrics.map(\.label) + own.headrooms.map(\.label)).sorted() where hasMetric(name) == false {
                unknown(name, "metric", metricNames, at: keys(own, name))
            }
        }
        for metric in metrics where factors.contains(where: { own in own.headrooms.contains { $0.label == metric.name } }) {
            headrooms(of: metric, factors)
        }
    }

    /// The keys to point at for a label's effect, the most exact first.
    private func keys(_ own: LabelFactors, _ metric: String? = nil) -> [String] {
        let label = ConfigPlace.path(ConfigPlace.path(Self.effectsKey, own.column.rawValue), own.label)
        return (metric.map { [ConfigPlace.path(label, $0)] } ?? []) + [label, Self.effectsKey]
    }

    /// A label's factor and headroom of one metric.
    private struct LabelEffect {
        var factor = 1.0
        var headroom = 1.0
        var owner: LabelFactors?
    }

    /// Every combination of archetype and labels leaves a level within the clip range.
    private mutating func headrooms(of metric: MetricSettings, _ factors: [LabelFactors]) {
        guard let name = metric.name, let mean = metric.settings.number("base_mean"), let low = metric.settings.number("min_clip"),
            let high = metric.settings.number("max_clip"), mean >= low, mean <= high
        else { return }
        let kinds = archetypes.isEmpty ? [nil] : archetypes.map { kind in kind.metrics.first { $0.metric == name } }
        var combined = kinds.map { (level: ($0?.baseMean ?? mean) * ($0?.levelFactor ?? 1), headroom: 1.0, owner: LabelFactors?.none) }
        for column in ServerClasses.columns {
            guard let labels = labels(column) else { return }
            var effects: [LabelEffect] = []
            for label in labels {
                let own = factors.first { $0.column == column && $0.label == label }
                let effect = LabelEffect(
                    factor: own?.metrics.first { $0.label == name }?.value ?? 1,
                    headroom: own?.headrooms.first { $0.label == name }?.value ?? 1, owner: own)
                if !effects.contains(where: { $0.factor == effect.factor && $0.headroom == effect.headroom }) { effects.append(effect) }
            }
            guard combined.count * effects.count <= Self.maximumCombinations else {
                add(
                    "\(name): more than \(Self.maximumCombinations) combinations of labels have levels of their own",
                    remedy: "give fewer labels factors and headrooms", at: [Self.effectsKey])
                return
            }
            combined = combined.flatMap { before in
                effects.map { own in
                    (before.level * own.factor, before.headroom * own.headroom, own.headroom == 1 ? before.owner : own.owner)
                }
            }
        }
        for own in combined where own.headroom != 1 {
            let level = Headroom.level(own.level, headroom: own.headroom, of: high)
            // A level that is not above 0 has no factor that leads from it to another one.
            guard own.level > high || own.level <= 0 || level < low || level <= 0 else { continue }
            let (before, after) = (ConfigJSON.canonical(own.level), ConfigJSON.canonical((level * 1e6).rounded() / 1e6))
            let keys = own.owner.map { self.keys($0, name) } ?? [Self.effectsKey]
            if own.level > high || own.level <= 0 {
                add(
                    "\(name): headroom counts from a level above 0, at most max_clip \(ConfigJSON.canonical(high)), and some servers have \(before)",
                    remedy: "change base_mean or the factors, or remove headroom", at: keys)
            } else {
                add(
                    "\(name): with headroom \(ConfigJSON.canonical(own.headroom)) some servers' level of \(before) becomes \(after)",
                    expected: "a level above 0 and not below min_clip \(ConfigJSON.canonical(low))", remedy: "lower headroom", at: keys)
            }
            return
        }
    }
}
