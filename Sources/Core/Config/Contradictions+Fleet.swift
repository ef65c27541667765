/// What archetypes, factors, profiles and time zones ask of the rest of the config.
extension Contradictions {
    var archetypes: [ArchetypeSpec] {
        if case .archetypes(let found) = settings.value("data_generation.archetypes") { found } else { [] }
    }

    mutating func fleet() {
        timeOfDay()
        timeZones()
        labelEffects()
        for archetype in archetypes { metrics(of: archetype) }
        shares()
    }

    private mutating func timeOfDay() {
        guard let granularity, let rowGranularity else { return }
        let (granularityKey, typeKey) = ("data_generation.granularity", "output.time_type")
        if !rowGranularity.isDaily, settings.text(typeKey) == OutputSpec.TimeType.date32.rawValue {
            add(
                "date32 holds days, and the granularity is \(rowGranularity)", expected: "timestamp", remedy: "write time_type: timestamp",
                at: [typeKey, granularityKey])
        }
        guard granularity.isDaily else { return }
        let remedy = "write granularity: hourly, or remove it"
        if case .zones = settings.value("data_generation.metadata.time_zones") {
            add(
                "time zones have no effect on daily rows, whose dates are local", remedy: remedy,
                at: ["data_generation.metadata.time_zones"],
                severity: .warning)
        }
        for metric in metrics where DiurnalProfile(metric.settings.value("diurnal_profile")).map({ !$0.isFlat }) ?? false {
            add(
                "a diurnal profile has no effect on daily rows, because its mean is 1", remedy: remedy, in: metric, at: ["diurnal_profile"],
                severity: .warning)
        }
    }

    private mutating func timeZones() {
        let key = "data_generation.metadata.time_zones"
        guard case .zones(let zones) = settings.value(key), let regions = settings.labels("data_generation.metadata.regions") else {
            return
        }
        for zone in zones where !regions.labels.contains(zone.region) { unknown(zone.region, "region", regions.labels, at: key) }
    }

    mutating func unknown(_ name: String, _ thing: String, _ known: [String], at key: String) {
        unknown(name, thing, known, at: [key])
    }

    /// - Parameter keys: Where it stands, the most exact first.
    mutating func unknown(_ name: String, _ thing: String, _ known: [String], at keys: [String]) {
        let near = Suggestions.nearest(to: name, among: known)
        add(
            "\(Quoting.quoted(name)) is no \(thing) of this dataset",
            expected: known.isEmpty ? "none, for it has none" : "one of \(Quoting.visible(known.joined(separator: ", "), limit: 200))",
            remedy: near.map { "write \($0)" } ?? "remove it, or add that \(thing)", at: keys)
    }

    var metricNames: [String] { metrics.compactMap(\.name) }

    /// Nil where the metrics themselves are in doubt.
    func hasMetric(_ name: String) -> Bool? {
        metrics.allSatisfy { $0.name != nil } ? metricNames.contains(name) : nil
    }

    private mutating func metrics(of archetype: ArchetypeSpec) {
        let key = "data_generation.archetypes"
        for own in archetype.metrics {
            let keys = [ConfigPlace.path(ConfigPlace.path(ConfigPlace.path(key, archetype.name), "metrics"), own.metric), key]
            if hasMetric(own.metric) == false { unknown(own.metric, "metric", metricNames, at: keys) }
            guard let mean = own.baseMean, let metric = metrics.first(where: { $0.name == own.metric }),
                let low = metric.settings.number("min_clip"), let high = metric.settings.number("max_clip"), mean < low || mean > high
            else { continue }
            add(
                "base_mean \(ConfigJSON.canonical(mean)) of \(archetype.name) is outside the clip range "
                    + "\(ConfigJSON.canonical(low)) to \(ConfigJSON.canonical(high)) of \(own.metric)",
                expected: "a mean within it", remedy: "move base_mean, or widen min_clip and max_clip",
                at: [ConfigPlace.path(keys[0], "base_mean")] + keys)
        }
    }
}
