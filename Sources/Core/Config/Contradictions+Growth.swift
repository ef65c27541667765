extension Contradictions {
    /// Logistic growth without a limit, and a limit without logistic growth, for a metric and its archetypes.
    mutating func growth(_ metric: MetricSettings) {
        guard let form = metric.settings.text("growth_form"), metric.settings.isDecided("growth_limit"),
            let setting = metric.settings["growth_limit"]
        else { return }
        let hasLimit = setting.value != .null
        let logistic = GrowthForm.Name.logistic
        if form == logistic.rawValue, !hasLimit {
            add(
                "logistic growth has no limit", expected: "a growth_limit above 1", remedy: "write growth_limit: 1.5", in: metric,
                at: ["growth_form"])
        }
        var isUsed = form == logistic.rawValue
        for archetype in archetypes {
            guard let own = archetype.metrics.first(where: { $0.metric == metric.name }) else { continue }
            let isLogistic = own.growthForm == logistic || own.growthForm == nil && form == logistic.rawValue
            isUsed = isUsed || isLogistic
            if isLogistic, !hasLimit, own.growthLimit == nil, form != logistic.rawValue {
                add(
                    "logistic growth of \(own.metric) of \(archetype.name) has no limit", expected: "a growth_limit above 1",
                    remedy: "write growth_limit: 1.5 beside it", at: ["data_generation.archetypes"])
            }
            if own.growthLimit != nil, !isLogistic {
                add(
                    "growth_limit of \(own.metric) of \(archetype.name) counts with growth_form: logistic only",
                    remedy: "write growth_form: logistic, or remove it", at: ["data_generation.archetypes"], severity: .warning)
            }
        }
        if hasLimit, !isUsed {
            add(
                "growth_limit counts with growth_form: logistic only", remedy: "write growth_form: logistic, or remove it", in: metric,
                at: ["growth_limit"], severity: .warning)
        }
    }
}
