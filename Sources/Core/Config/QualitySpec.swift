/// `quality`: thresholds and tolerances of the gate.
public struct QualitySpec: Equatable, Sendable {
    /// What follows from a check that fails.
    public enum FailurePolicy: String, CaseIterable, Sendable {
        /// Nothing is published.
        case fail
        /// The data is published with its verdict, and the log says what is wrong.
        case warn
    }

    /// Largest share of missing cells per metric.
    public var maxMissingShare: Double
    /// Half width, in standard errors, of the interval in which a realised effect passes.
    public var effectTolerance: Double
    /// The same for single checks, by name; those that are not here take `effectTolerance`.
    public var tolerances: [String: Double]
    /// What follows from a check that fails.
    public var onFailure: FailurePolicy

    /// The half width for a check.
    func tolerance(of check: String) -> Double { tolerances[check] ?? effectTolerance }

    /// The checks that compare a requested with a realised value, whose distance chance decides: each may have a tolerance of its own.
    public static let checks: [String] =
        EffectKind.allCases.map(\.rawValue) + [
            "missing_rate", "outlier_rate", "level", "server_bias", "noise_level", "clip_low", "clip_high", "diurnal", "archetype",
            "metadata_effect", "headroom", "noise_memory", "noise_correlation", "noise_skewness", "noise_kurtosis", "agent_outage",
            "collector_outage",
            "stuck_sensor", "unit_slip", "late_start", "missing_under_load", "duplicate_rows", "late_rows", "waiting_rows",
            "incident_count", "incident_rate", "change_share", "change_rate", "shared_factor", "archetype_share", "commissioned_share",
            "decommission_rate",
        ]
}
