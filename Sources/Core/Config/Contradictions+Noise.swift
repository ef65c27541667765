/// What cannot hold together about the metrics' noise.
extension Contradictions {
    mutating func noise() {
        guard let seconds = granularity.map({ Int64($0.minutes) * 60 }) else { return }
        var isRight = true
        var specs: [String: NoiseSpec] = [:]
        for metric in metrics {
            guard let noise = NoiseSpec(metric.settings), let name = metric.name else {
                isRight = false
                continue
            }
            specs[name] = noise
            let difference = archetypes.contains { $0.metrics.contains { $0.metric == name && $0.noise != NoiseDifference() } }
            for complaint in noise.complaints(stepSeconds: seconds, isFinal: !difference) {
                add(
                    complaint.message, expected: complaint.expected, remedy: complaint.remedy, in: metric, at: complaint.keys,
                    severity: complaint.severity)
                if complaint.severity == .error { isRight = false }
            }
        }
        for archetype in archetypes {
            for own in archetype.metrics where own.noise != NoiseDifference() {
                guard let noise = specs[own.metric] else { continue }
                for complaint in own.noise.applied(to: noise).complaints(stepSeconds: seconds, isFinal: true) {
                    let message = "\(own.metric) of \(archetype.name): \(complaint.message)"
                    add(
                        message, expected: complaint.expected, remedy: complaint.remedy, at: ["data_generation.archetypes"],
                        severity: complaint.severity)
                    if complaint.severity == .error { isRight = false }
                }
            }
        }
        correlations(isRight ? specs : nil, seconds)
    }

    /// - Parameter specs: Every metric's noise; nil where one is in doubt.
    private mutating func correlations(_ specs: [String: NoiseSpec]?, _ seconds: Int64) {
        let general: [NoiseCorrelation]
        switch settings.value(ConfigTable.noisePath) {
        case .correlations(let pairs): general = pairs
        case .null: general = []
        default: return
        }
        guard let repairs = settings.boolean("data_generation.noise_correlation_repair") else { return }
        let repairKey = "data_generation.noise_correlation_repair"
        if repairs, general.isEmpty, !archetypes.contains(where: { $0.noiseCorrelation?.isEmpty == false }) {
            add("there are no correlations to repair", remedy: "remove it, or add noise_correlation", at: [repairKey], severity: .warning)
        }
        var known = areKnown(general, at: ConfigTable.noisePath)
        for archetype in archetypes { known = areKnown(archetype.noiseCorrelation ?? [], at: "data_generation.archetypes") && known }
        guard known, let specs else { return }
        if archetypes.isEmpty
            || archetypes.contains(where: { $0.noiseCorrelation == nil && $0.metrics.allSatisfy { $0.noise == NoiseDifference() } })
        {
            mixing(general, specs, seconds, repairs: repairs, of: nil)
        }
        for archetype in archetypes {
            var own = specs
            for metric in archetype.metrics { own[metric.metric] = own[metric.metric].map { metric.noise.applied(to: $0) } }
            if archetype.noiseCorrelation == nil, own == specs { continue }
            mixing(archetype.noiseCorrelation ?? general, own, seconds, repairs: repairs, of: archetype.name)
        }
    }

    private mutating func areKnown(_ pairs: [NoiseCorrelation], at key: String) -> Bool {
        let names = Set(pairs.flatMap { [$0.first, $0.second] }).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var known = true
        for name in names where hasMetric(name) == false {
            unknown(name, "metric", metricNames, at: key)
            known = false
        }
        return known && names.allSatisfy { hasMetric($0) == true }
    }

    private mutating func mixing(
        _ pairs: [NoiseCorrelation], _ specs: [String: NoiseSpec], _ seconds: Int64, repairs: Bool, of archetype: String?
    ) {
        let laws = specs.mapValues { NoiseLaw($0, stepSeconds: seconds) }
        do throws(NoiseMixing.Refusal) {
            _ = try NoiseMixing(pairs, laws: laws, repairs: repairs)
        } catch {
            let whose = archetype.map { " of \($0)" } ?? ""
            // An archetype's difference can make general correlations impossible.
            let key = archetype == nil ? ConfigTable.noisePath : "data_generation.archetypes"
            add(error.message(whose), expected: error.expected, remedy: error.remedy, at: [key])
        }
    }
}

extension NoiseMixing.Refusal {
    fileprivate func message(_ whose: String) -> String {
        switch self {
        case .pair(let pair, let most):
            return
                "a correlation of \(ConfigJSON.canonical(pair.value)) of \(pair.first) and \(pair.second)\(whose) is farther than their half-lives, slow components "
                + "and shapes allow: \(most.short) is the farthest"
        case .matrix(let names, let asked, let deviates):
            let list = Quoting.visible(names.joined(separator: ", "), limit: 120)
            let base = "the correlations\(whose) of \(list) cannot hold together: the smallest eigenvalue of their matrix is \(asked.short)"
            guard asked > 1e-6 else { return base }
            return "\(base), and with what half-lives, slow components and shapes take away it becomes \(deviates.short)"
        case .tooMany(let names):
            return "\(names.count) metrics\(whose) are correlated with each other, directly or through others"
        }
    }

    fileprivate var expected: String {
        switch self {
        case .pair(_, let most): "a correlation nearer to 0 than \(most.short)"
        case .matrix: "a positive definite matrix"
        case .tooMany: "at most \(NoiseMixing.mostMetrics)"
        }
    }

    fileprivate var remedy: String {
        switch self {
        case .pair: "bring it nearer to 0, make the two metrics' noise alike, or write noise_correlation_repair: true"
        case .matrix: "bring the correlations nearer to 0, or write noise_correlation_repair: true"
        case .tooMany: "leave out correlations until no group has more"
        }
    }
}

extension NoiseSpec {
    fileprivate struct Complaint {
        let message: String
        var expected: String?
        let remedy: String
        let keys: [String]
        var severity = ConfigProblem.Severity.error
    }

    /// - Parameter isFinal: Whether no archetype changes the noise further, so that something missing is not added later.
    fileprivate func complaints(stepSeconds: Int64, isFinal: Bool) -> [Complaint] {
        memory(stepSeconds) + slow(stepSeconds, isFinal: isFinal) + shape()
    }

    private func memory(_ stepSeconds: Int64) -> [Complaint] {
        guard let halfLife else { return [] }
        let longest = Int64(NoiseMemory.longestHalfLife) * stepSeconds
        let text = DurationText.text(halfLife)
        if halfLife > longest {
            return [
                Complaint(
                    message: "a half-life of \(text) is longer than \(Int64(NoiseMemory.longestHalfLife)) steps",
                    expected: "at most \(DurationText.text(longest))",
                    remedy: "shorten it, or make it a slow component: noise_slow_share: 0.9 with noise_slow_half_life: \(text)",
                    keys: ["noise_half_life"])
            ]
        }
        guard halfLife * 10 < stepSeconds else { return [] }
        return [
            Complaint(
                message: "a half-life of \(text) has no effect on steps of \(DurationText.text(stepSeconds))",
                remedy: "lengthen it, or remove it", keys: ["noise_half_life"], severity: .warning)
        ]
    }

    private func slow(_ stepSeconds: Int64, isFinal: Bool) -> [Complaint] {
        guard let slowHalfLife else { return [] }
        let (least, longest) = (Int64(SlowNoise.shortestHalfLife) * stepSeconds, Int64(SlowNoise.longestHalfLife) * stepSeconds)
        let text = DurationText.text(slowHalfLife)
        if slowHalfLife < least || slowHalfLife > longest {
            let isShort = slowHalfLife < least
            return [
                Complaint(
                    message: "a slow half-life of \(text) is \(isShort ? "shorter" : "longer") than "
                        + "\(isShort ? Int64(SlowNoise.shortestHalfLife) : Int64(SlowNoise.longestHalfLife)) steps",
                    expected: "\(DurationText.text(least)) to \(DurationText.text(longest))",
                    remedy: isShort ? "lengthen it, or use noise_half_life" : "shorten it", keys: ["noise_slow_half_life"])
            ]
        }
        guard slowShare == 0, isFinal else { return [] }
        return [
            Complaint(
                message: "noise_slow_half_life has no effect without noise_slow_share", remedy: "add noise_slow_share: 0.3, or remove it",
                keys: ["noise_slow_half_life"], severity: .warning)
        ]
    }

    private func shape() -> [Complaint] {
        let least = NoiseShape.leastKurtosis(skewness: skewness)
        guard kurtosis < least else { return [] }
        let rounded = (least * 100 - 1e-6).rounded(.up) / 100
        return [
            Complaint(
                message:
                    "noise_kurtosis \(ConfigJSON.canonical(kurtosis)) is too small for noise_skewness \(ConfigJSON.canonical(skewness))",
                expected: "at least \(ConfigJSON.canonical(rounded))",
                remedy: "write noise_kurtosis: \(ConfigJSON.canonical(rounded)) or more, or a skewness nearer to 0",
                keys: ["noise_kurtosis", "noise_skewness"])
        ]
    }
}
