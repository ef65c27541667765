import Core
import Testing

/// A generator that is wrong in one way, by a moderate amount: the right one under another spec, or one that loses count of what it wrote.
struct WrongGenerator: Sendable, CustomTestStringConvertible {
    /// The check that must fail.
    let check: String
    /// What is asked for.
    let base: ProofBase
    /// The config that it follows instead, and what it changes beyond that.
    private let text: String
    private let change: @Sendable (inout DataSpec) -> Void
    private let miscount: @Sendable (inout PanelFacts) -> Void

    var testDescription: String { "\(check), \(base.rawValue)" }

    private init(
        _ check: String, _ base: ProofBase, _ replacements: [(String, String)] = [],
        change: @escaping @Sendable (inout DataSpec) -> Void = { _ in }, miscount: @escaping @Sendable (inout PanelFacts) -> Void = { _ in }
    ) {
        (self.check, self.base, self.change, self.miscount) = (check, base, change, miscount)
        text = replacements.reduce(base.text) { text, replacement in
            precondition(text.contains(replacement.0), "\(check): the config does not say \(replacement.0)")
            return text.replacing(replacement.0, with: replacement.1)
        }
    }

    /// One number of the config is another.
    private static func text(_ check: String, _ base: ProofBase, _ old: String, _ new: String) -> WrongGenerator {
        WrongGenerator(check, base, [(old, new)])
    }

    /// The first metric is another.
    private static func metric(
        _ check: String, _ base: ProofBase = .plain, _ change: @escaping @Sendable (inout MetricSpec) -> Void
    ) -> WrongGenerator {
        WrongGenerator(check, base, change: { change(&$0.metrics[0]) })
    }

    /// What it makes and what is asked for, judged by what is asked for.
    func report(seed: UInt64) async throws -> QualityReport {
        let asked = base.spec(seed: seed)
        var made = base.spec(seed: seed, text: text)
        change(&made.data)
        // What is drawn for whole servers needs no cells.
        if base == .fleet { return try Proof.drawn(made: made, asked: asked) }
        return try await Proof.judge(made: made, asked: asked, miscount: miscount)
    }

    /// At least one for every check that there is.
    static let all: [WrongGenerator] =
        [
            .metric("weekly") { $0.weeklyPatternFactor -= 0.05 }, .metric("holiday") { $0.holidayMultiplier += 0.1 },
            .metric("quarter_end") { $0.endOfQuarterMultiplier -= 0.1 }, .metric("annual") { $0.seasonalityAmplitude += 0.04 },
            .metric("growth") { $0.growthPerYear -= 0.05 }, .metric("level") { $0.baseMean += 2 },
            .metric("server_bias") { $0.serverBiasStd *= 1.4 }, .metric("noise_level") { $0.baseStd *= 1.05 },
            .metric("missing_rate") { $0.missingRate *= 1.5 }, .metric("outlier_rate") { $0.outlierRate *= 1.6 },
            .metric("clip_high") { $0.maxClip = 95 }, .metric("clip_low") { $0.minClip = 8 },
            .metric("range") { $0.maxClip = 140 }, .metric("missing_share") { $0.missingRate = 0.07 },
            .metric("columns") { $0.name = "gpu" },
            WrongGenerator("row_count", .plain, change: { $0.servers -= 1 }),
            WrongGenerator("server_ids", .plain, miscount: { $0.unsortedID = "SRV-0007" }),
            WrongGenerator("dates_complete", .plain, miscount: { $0.incompleteServer = "SRV-0007" }),

            .metric("noise_memory", .noisy) { $0.noise.halfLife = 2 * 86_400 }, .metric("noise_level", .noisy) { $0.baseStd *= 0.92 },
            .text("noise_skewness", .noisy, "noise_skewness: 1.5", "noise_skewness: 0.5"),
            .text("noise_kurtosis", .noisy, "noise_kurtosis: 1.5", "noise_kurtosis: 4"),
            .text("noise_correlation", .noisy, "net: 0.4", "net: 0.2"),

            .text("month_end", .business, "month_end_multiplier: 1.12", "month_end_multiplier: 1.04"),
            .text("fiscal_year_end", .business, "fiscal_year_end_multiplier: 1.2", "fiscal_year_end_multiplier: 1.1"),
            .text("payroll", .business, "payroll_multiplier: 1.15", "payroll_multiplier: 1.07"),
            .text("patch", .business, "patch_multiplier: 1.2", "patch_multiplier: 1.1"),
            .text("freeze", .business, "freeze_multiplier: 0.85", "freeze_multiplier: 0.92"),
            .text("bridge_day", .business, "bridge_multiplier: 0.8", "bridge_multiplier: 0.9"),
            .text("quarter_end_ramp", .business, "eoq_ramp_days: 3", "eoq_ramp_days: 0"),
            .text("holiday_ramp", .business, "holiday_ramp_days: 2", "holiday_ramp_days: 0"),

            .text("diurnal", .hours, "diurnal_profile: office", "diurnal_profile: evening"),
            .text("archetype", .hours, "level_factor: 0.9", "level_factor: 0.8"),
            .text("metadata_effect", .hours, "cpu: 1.15", "cpu: 1.05"), .text("headroom", .hours, "headroom: 0.7", "headroom: 0.85"),

            .text("agent_outage", .mess, "agent_outage: { per_year: 12", "agent_outage: { per_year: 20"),
            .text("collector_outage", .mess, "per_year: 60, duration: 2h", "per_year: 240, duration: 2h"),
            .text("stuck_sensor", .mess, "stuck_sensor: { per_year: 12", "stuck_sensor: { per_year: 20"),
            .text("unit_slip", .mess, "unit_slip: { per_year: 12", "unit_slip: { per_year: 20"),
            .text("late_start", .mess, "share: 0.2, within", "share: 0.7, within"),
            .text("missing_under_load", .mess, "rate: 0.1 }", "rate: 0.14 }"),
            .text("duplicate_rows", .mess, "duplicate_rows: { rate: 0.004", "duplicate_rows: { rate: 0.006"),
            .text("late_rows", .mess, "late_rows: { rate: 0.02,", "late_rows: { rate: 0.025,"),
            .text("waiting_rows", .mess, "delay: [2h, 36h]", "delay: [2h, 96h]"),

            WrongGenerator(
                "archetype_share", .fleet,
                [
                    ("Retail: 0.7, Investment: 0.4", "Retail: 0.5, Investment: 0.2"),
                    ("Retail: 0.3, Investment: 0.6", "Retail: 0.5, Investment: 0.8"),
                ]),
            .text("commissioned_share", .fleet, "commissioned: { share: 0.3", "commissioned: { share: 0.4"),
            .text("decommission_rate", .fleet, "decommission: { per_year: 0.1", "decommission: { per_year: 0.15"),
            .text("incident_count", .fleet, "per_year: 1, scope: server", "per_year: 1.2, scope: server"),
            .text("incident_rate", .fleet, "High: 0.5", "High: 0.8"),
            .text("shared_factor", .fleet, "metrics: { cpu: 0.1 }", "metrics: { cpu: 0.15 }"),
            .text("change_share", .fleet, "share: 0.4, metrics: { cpu: 0.8 }", "share: 0.5, metrics: { cpu: 0.8 }"),
            .text("change_rate", .fleet, "per_year: 0.3", "per_year: 0.4"),
        ]
}
