/// The keys of a metric's noise, and correlations between metrics.
extension ConfigTable {
    static let noisePath = "data_generation.noise_correlation"

    /// Prose about noise.
    static let noiseSection = ConfigSection(
        path: noisePath, title: "Noise",
        doc: """
            Without the keys that begin with `noise_` a metric's noise is normal, and independent from step to step and from metric to metric.

            `noise_half_life` gives it memory, AR(1): after that time half of a disturbance is left. `noise_slow_share` is the part of the variance
            that belongs to a second, slower component with `noise_slow_half_life`. The standard deviation stays that of `base_std`. A half-life
            has a least and a greatest length, counted in steps of the `granularity`: up to \(longestSteps) steps for `noise_half_life`,
            \(slowSteps) for `noise_slow_half_life`.

            `noise_skewness` and `noise_kurtosis` (excess: 0 for a normal distribution) are those of the innovations, which a cubic of a normal
            deviate makes (Fleishman's power method). With memory the noise itself, a sum of innovations, is nearer to normal; the quality gate
            says by how much. A skewness `s` needs a kurtosis of at least `1.6 s^2 - 1.1`.

            The standard deviation is `base_std` times the product of the effects to the power `noise_load_exponent`: at 1 noise grows with the
            load, at 0 it does not. `saturation` lets values approach the clip bounds instead of piling up there: the given share of the clip
            range at either end takes all values beyond its inner edge, `y = edge + k u / (1 + u)` with `u` the distance from the edge in units of
            the share's width `k`.

            `noise_correlation` maps metrics to metrics to the correlation of their noise, each pair once: `{ cpu_p95: { mem_p95: 0.6, net_p95:
            0.4 } }`. It is the correlation as it appears in the panel. Pairs that are not mentioned have none. An archetype's own mapping takes
            the place of the general one. Correlations that no noise can have together are refused; `noise_correlation_repair: true` multiplies them
            by the greatest factor that makes them possible, and the summary's checks say what became of them.
            """)

    private static let longestSteps = Int(NoiseMemory.longestHalfLife)
    private static let slowSteps = "\(Int(SlowNoise.shortestHalfLife)) to \(Int(SlowNoise.longestHalfLife))"

    static let noiseKeys: [ConfigKey] = [
        noise(
            "half_life", .text(.noiseHalfLife), nullable: true, .absent("no memory"), unit: "length of time",
            "Time in which the noise forgets half of a disturbance.", "6h"),
        noise(
            "slow_share", .number(0...0.95), .value("0"), unit: "share of the variance", "Part of the variance that changes slowly.", "0.3"),
        noise(
            "slow_half_life", .text(.noiseHalfLife), nullable: true, .absent("100 steps"), unit: "length of time",
            "Time in which the slow component forgets half.", "30d"),
        noise("skewness", .number(-2...2), .value("0"), "Skewness of the noise's innovations.", "0.8"),
        noise("kurtosis", .number(0...20), .value("0"), "Excess kurtosis of the noise's innovations.", "3"),
        noise(
            "load_exponent", .number(0...2), .value("1"), unit: "power",
            "Power of the effects' product that the noise's standard deviation goes with.", "0.5"),
        ConfigKey(
            metricSection + ".saturation", .number(0...0.5), quiet: true, .value("0"), unit: "share of the clip range",
            "Part of the clip range, at either end, in which values approach the bound.", example: "0.1"),
    ]

    static let correlationKeys: [ConfigKey] = [
        ConfigKey(
            noisePath, .correlations, nullable: true, quiet: true, .absent("the metrics' noise is independent"),
            "Correlations of the metrics' noise, by pairs.", example: "{ cpu_p95: { mem_p95: 0.6, net_p95: 0.4 } }"),
        ConfigKey(
            "data_generation.noise_correlation_repair", .boolean, quiet: true, .value("false"),
            "Whether correlations that cannot hold together are shrunk by the least factor; otherwise they are an error.", example: "true"),
    ]

    /// Names of the noise's keys that an archetype may change.
    static let noiseDifferences = noiseKeys.map(\.name)

    private static func noise(
        _ name: String, _ kind: ConfigKey.Kind, nullable: Bool = false, _ fallback: ConfigKey.Fallback, unit: String = "", _ doc: String,
        _ example: String
    ) -> ConfigKey {
        ConfigKey(metricSection + ".noise_" + name, kind, nullable: nullable, quiet: true, fallback, unit: unit, doc, example: example)
    }
}

extension TextRule {
    /// The half-life of noise.
    static let noiseHalfLife = TextRule(
        title: "length of time", expected: "a length of time from 1m to 36600d, such as 90m, 6h or 3d",
        pattern: "^\(DurationText.pattern)$",
        maximumBytes: 32
    ) { text in
        guard let seconds = DurationText.seconds(text) else { return Complaint("\(Quoting.quoted(text)) is no length of time") }
        if seconds < 60 { return Complaint("\(text) is below 1m") }
        return seconds > 36_600 * 86_400 ? Complaint("\(text) is above 36600d") : nil
    }
}
