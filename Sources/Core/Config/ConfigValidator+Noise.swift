/// Correlations of the metrics' noise.
extension ConfigValidator {
    static let maximumCorrelations = 2000

    /// Pairs of metrics, sorted; each pair once.
    mutating func correlations(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        pairs(node, key: key, path: path).map { .correlations($0) }
    }

    mutating func pairs(_ node: Document.Node, key: ConfigKey, path: String) -> [NoiseCorrelation]? {
        var found: [NoiseCorrelation] = []
        let number = ConfigKey(path, .number(-0.999...0.999), .required, "", example: "0.5")
        let isRight = eachEntry(of: node, most: 500, "metrics", key: key, path: path) { this, metric, own in
            this.eachEntry(of: metric.value, most: 500, "metrics", key: key, path: own) { this, other, pairPath in
                guard case .number(let value) = this.value(of: other.value, key: number, path: pairPath) else { return false }
                let pair = NoiseCorrelation(metric.key, other.key, value)
                if pair.first == pair.second {
                    this.problems.add(
                        "\(Quoting.quoted(other.key)) is correlated with itself", expected: "another metric", remedy: "remove it",
                        path: pairPath, at: other.keyPlace, source: other.value.source)
                    return false
                }
                if found.contains(where: { $0.first == pair.first && $0.second == pair.second }) {
                    this.problems.add(
                        "the pair \(Quoting.visible(pair.first)) and \(Quoting.visible(pair.second)) is given twice",
                        expected: "each pair once", remedy: "remove one of the two", path: pairPath, at: other.keyPlace,
                        source: other.value.source)
                    return false
                }
                guard found.count < Self.maximumCorrelations else { return true }
                found.append(pair)
                if found.count == Self.maximumCorrelations {
                    this.problems.add(
                        "found \(Self.maximumCorrelations) pairs or more", expected: "fewer than \(Self.maximumCorrelations)",
                        remedy: "list fewer", path: path, at: node.place, source: node.source)
                    return false
                }
                return true
            }
        }
        return isRight ? found.sortedByName() : nil
    }
}

extension NoiseSpec {
    /// The noise of a metric whose settings are all decided; nil where one of them was refused.
    init?(_ settings: ConfigSettings) {
        func length(_ name: String) -> Int64?? {
            settings.nullableText(name).map { text in text.flatMap { DurationText.seconds($0) } }
        }
        guard let halfLife = length("noise_half_life"), let slowHalfLife = length("noise_slow_half_life"),
            let slowShare = settings.number("noise_slow_share"), let skewness = settings.number("noise_skewness"),
            let kurtosis = settings.number("noise_kurtosis"), let loadExponent = settings.number("noise_load_exponent"),
            let saturation = settings.number("saturation")
        else { return nil }
        self.init(
            halfLife: halfLife, slowShare: slowShare, slowHalfLife: slowHalfLife, skewness: skewness, kurtosis: kurtosis,
            loadExponent: loadExponent, saturation: saturation)
    }
}

extension NoiseDifference {
    /// Takes a checked value of one of `ConfigTable.noiseDifferences`.
    /// - Returns: Whether the key is one of the noise's.
    mutating func set(_ name: String, _ value: ConfigValue) -> Bool {
        switch (name, value) {
        case ("noise_half_life", .text(let text)): halfLife = DurationText.seconds(text)
        case ("noise_slow_half_life", .text(let text)): slowHalfLife = DurationText.seconds(text)
        case ("noise_slow_share", .number(let number)): slowShare = number
        case ("noise_skewness", .number(let number)): skewness = number
        case ("noise_kurtosis", .number(let number)): kurtosis = number
        case ("noise_load_exponent", .number(let number)): loadExponent = number
        case ("saturation", .number(let number)): saturation = number
        default: return false
        }
        return true
    }

    /// What differs, as the config says it.
    var members: [(String, ConfigJSON)] {
        let lengths = [("noise_half_life", halfLife), ("noise_slow_half_life", slowHalfLife)]
        let numbers = [
            ("noise_slow_share", slowShare), ("noise_skewness", skewness), ("noise_kurtosis", kurtosis),
            ("noise_load_exponent", loadExponent),
            ("saturation", saturation),
        ]
        return lengths.compactMap { name, value in value.map { (name, .text(DurationText.text($0))) } }
            + numbers.compactMap { name, value in value.map { (name, .number($0)) } }
    }
}

extension Array where Element == NoiseCorrelation {
    /// The pairs as the config says them.
    var json: ConfigJSON {
        .sorted(
            Dictionary(grouping: self, by: \.first).map { first, pairs in
                (first, .sorted(pairs.map { ($0.second, .number($0.value)) }))
            })
    }
}
