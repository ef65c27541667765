/// What incidents and the measuring's mess ask of the rest of the config.
extension Contradictions {
    /// Most events that a window is expected to have, over all incidents of labels or of the fleet.
    static let maximumEvents = 100_000.0

    private static let incidentsKey = ConfigTable.incidentsPath

    /// The keys to point at for what is wrong with a part of an incident: the most exact first.
    private func keys(_ incident: IncidentSpec, _ parts: String...) -> [String] {
        var path = ConfigPlace.path(Self.incidentsKey, incident.name)
        var keys = [path, Self.incidentsKey]
        for part in parts {
            path = ConfigPlace.path(path, part)
            keys.insert(path, at: 0)
        }
        return keys
    }

    mutating func incidents() {
        guard case .incidents(let found) = settings.value(Self.incidentsKey) else { return }
        var events = 0.0
        for incident in found {
            for own in incident.metrics {
                if hasMetric(own.metric) == false { unknown(own.metric, "metric", metricNames, at: keys(incident, "metrics", own.metric)) }
                if case .target(let target) = own.effect { checkTarget(target, own.metric, incident) }
            }
            guard let labels = labels(of: incident) else { continue }
            checkFailover(incident, labels)
            switch incident.timing {
            case .declared(let times): checkTimes(times, incident)
            case .random(let perYear):
                let most = perYear * highestFactor(incident)
                if !isRare(most, "\(incident.name) happens", keys(incident, most > perYear ? "rate_factors" : "per_year")) { continue }
                guard incident.scope != .server else { continue }
                for label in incident.labels.isEmpty ? labels : incident.labels {
                    events += perYear * years * (incident.rateFactors.first { $0.label == label }?.factor ?? 1)
                }
            case .always: checkWaves(incident, labels.count)
            }
        }
        guard events > Self.maximumEvents else { return }
        add(
            "the window has some \(Int(min(events, 1e15))) incidents", expected: "at most \(Int(Self.maximumEvents))",
            remedy: "lower per_year, name fewer labels, or write scope: server for what each server has on its own", at: [Self.incidentsKey]
        )
    }

    /// The greatest product of factors that a server can have; labels that there are not are refused here.
    private mutating func highestFactor(_ incident: IncidentSpec) -> Double {
        var highest = 1.0
        for column in ServerDirectory.Label.allCases {
            let own = incident.rateFactors.filter { $0.column == column }
            guard !own.isEmpty else { continue }
            highest *= max(1, own.reduce(0) { max($0, $1.factor) })
            guard let known = labels(column) else { continue }
            for rate in own where !known.contains(rate.label) {
                unknown(rate.label, column.rawValue, known, at: keys(incident, "rate_factors", column.rawValue, rate.label))
            }
        }
        return highest
    }

    /// The labels that the scope's column has, `[""]` for the fleet and for servers; nil where that is in doubt or refused here.
    private mutating func labels(of incident: IncidentSpec) -> [String]? {
        let known: [String]
        switch incident.scope {
        case .fleet: return [""]
        case .server:
            for label in incident.labels where ordinal(label) == nil {
                add(
                    "\(incident.name): \(Quoting.quoted(label)) is no server of this dataset",
                    expected: "ids such as \(firstID ?? "SRV-0001")",
                    remedy: "name servers that there are", at: keys(incident, "labels", label))
                return nil
            }
            return [""]
        case .archetype:
            known = archetypes.map(\.name)
            if known.isEmpty {
                add(
                    "\(incident.name): the dataset has no archetypes", remedy: "change scope, or add archetypes",
                    at: keys(incident, "scope"))
                return nil
            }
        case .region, .businessUnit, .criticality:
            let key = [
                IncidentSpec.Scope.region: "regions", .businessUnit: "business_units", .criticality: "criticality_levels",
            ][incident.scope]
            guard let key, let labels = settings.labels("data_generation.metadata." + key) else { return nil }
            known = labels.labels
        }
        for label in incident.labels where !known.contains(label) {
            unknown(label, incident.scope.rawValue, known, at: keys(incident, "labels", label))
            return nil
        }
        if let label = incident.takesOver, !known.contains(label) {
            unknown(label, incident.scope.rawValue, known, at: keys(incident, "to"))
            return nil
        }
        return known
    }

    private var firstID: String? {
        guard let prefix = settings.text("data_generation.server_id.prefix"),
            let width = settings.integer("data_generation.server_id.width")
        else { return nil }
        return ServerName(prefix: prefix, width: width).id(0)
    }

    private func ordinal(_ id: String) -> Int? {
        guard let prefix = settings.text("data_generation.server_id.prefix"),
            let width = settings.integer("data_generation.server_id.width"),
            let servers = settings.integer("data_generation.num_servers")
        else { return 0 }
        return ServerName(prefix: prefix, width: width).ordinal(id).flatMap { $0 < servers ? $0 : nil }
    }

    private mutating func checkTarget(_ target: Double, _ metric: String, _ incident: IncidentSpec) {
        guard let own = metrics.first(where: { $0.name == metric }), let low = own.settings.number("min_clip"),
            let high = own.settings.number("max_clip"), target < low || target > high
        else { return }
        add(
            "\(incident.name): the target \(ConfigJSON.canonical(target)) is outside the clip range "
                + "\(ConfigJSON.canonical(low)) to \(ConfigJSON.canonical(high)) of \(metric)",
            expected: "a target within it", remedy: "move the target, or widen min_clip and max_clip", at: keys(incident, "metrics", metric)
        )
    }

    private mutating func checkFailover(_ incident: IncidentSpec, _ labels: [String]) {
        guard incident.kind == .failover, incident.scope.column != nil, labels.count < 2 else { return }
        add(
            "\(incident.name): there is one \(incident.scope.rawValue) only, so none can take over", remedy: "change scope, or add labels",
            at: keys(incident, "scope"))
    }

    private mutating func checkTimes(_ times: [Int64], _ incident: IncidentSpec) {
        guard let window else { return }
        let (start, end) = (Int64(window.start.number) * 86_400, Int64(window.end.number + 1) * 86_400)
        guard !times.contains(where: { $0 < end && $0 + 2 * incident.duration + incident.lag + 86_400 > start }) else { return }
        add(
            "\(incident.name) does not happen in the window, \(window.start) to \(window.end)", remedy: "change at, or the window",
            at: keys(incident, "at"), severity: .warning)
    }

    /// A wave is kept for every label and metric.
    private mutating func checkWaves(_ incident: IncidentSpec, _ labels: Int) {
        guard let window, let granularity else { return }
        let count = incident.labels.isEmpty ? labels : incident.labels.count
        let points = count * incident.metrics.count * (window.count * granularity.stepsPerDay)
        guard points > PanelPlan.maximumPoints else { return }
        add(
            "\(incident.name): \(count) labels times \(incident.metrics.count) metrics have \(points) points to keep",
            expected: "at most \(PanelPlan.maximumPoints)",
            remedy: "name fewer labels, or choose a coarser granularity or a shorter window",
            at: keys(incident, incident.labels.isEmpty ? "scope" : "labels"))
    }

    // MARK: Mess

    mutating func mess() {
        let path = ConfigTable.messPath + "."
        if case .thresholds(let found) = settings.value(path + "missing_under_load.above") {
            for own in found where hasMetric(own.metric) == false {
                unknown(own.metric, "metric", metricNames, at: path + "missing_under_load.above")
            }
            if settings.number(path + "missing_under_load.rate") == 0 {
                add(
                    "thresholds of load are given, and the rate of missing cells is 0", remedy: "add rate: 0.3, or remove above",
                    at: [path + "missing_under_load.above"], severity: .warning)
            }
        }
        var outages = 0.0
        for name in ["agent_outage", "collector_outage", "stuck_sensor", "unit_slip"] {
            let (rateKey, lengthKey) = (path + name + ".per_year", path + name + ".duration")
            guard let perYear = settings.number(rateKey), let text = settings.text(lengthKey), let seconds = DurationText.seconds(text),
                perYear > 0, isRare(perYear, "\(name) begins", [rateKey]), let granularity
            else { continue }
            let spells = SpellRate(perYear: perYear, duration: seconds, granularity)
            if spells.coveredShare > 0.9 {
                add(
                    "\(name) covers \((spells.coveredShare * 1000).rounded() / 10) per cent of the time", expected: "at most 90",
                    remedy: "lower per_year or duration", at: [rateKey, lengthKey])
            }
            if name.hasSuffix("outage") { outages = 1 - (1 - outages) * (1 - spells.coveredShare) }
        }
        let rate = settings.number("data_generation.missing_rate") ?? 0
        let missing = 1 - (1 - rate) * (1 - outages)
        guard let limit = settings.number("quality.max_missing_share"), outages > 0, missing > limit else { return }
        add(
            "the missing rate and the outages leave some \((missing * 1000).rounded() / 10) per cent of the cells without values, more than "
                + "quality.max_missing_share, so the quality gate will \(refusal)",
            remedy: "raise quality.max_missing_share, or lower per_year or duration",
            at: [path + "agent_outage.per_year", path + "collector_outage.per_year"], severity: .warning)
    }

    /// Events are drawn one a step at most.
    private mutating func isRare(_ perYear: Double, _ what: String, _ keys: [String]) -> Bool {
        guard let granularity else { return false }
        let most = 0.5 * SpellRate.secondsPerYear / (Double(granularity.minutes) * 60)
        if perYear <= most { return true }
        add(
            "\(what) \(ConfigJSON.canonical(perYear)) times a year, more than every second step", expected: "at most \(Int(most))",
            remedy: "lower per_year, or choose a finer granularity", at: keys)
        return false
    }

    private var window: DayRange? {
        guard let start = settings.date("data_generation.start_date"), let end = settings.date("data_generation.end_date") else {
            return nil
        }
        let (first, last) = (start.resolve(today: today), end.resolve(today: today))
        return first <= last ? DayRange(start: first, end: last) : nil
    }

    private var years: Double { Double(window?.count ?? 0) * 86_400 / SpellRate.secondsPerYear }
}
