/// One question the gate asks, and its answer.
public struct QualityCheck: Sendable, Equatable, Codable {
    /// How a check ends.
    public enum Verdict: String, Sendable, Codable {
        case pass, fail
        /// The window or the fleet holds nothing that could show it; `sentence` says what.
        case notApplicable = "not_applicable"
    }

    /// Stable name of the check, for example `weekly`.
    public let name: String
    /// The metric, or nil for the whole panel.
    public let metric: String?
    /// Which servers, or nil for all: `web`, `criticality High`.
    public var scope: String?
    /// The answer.
    public let verdict: Verdict
    /// What the config asks for, in the unit of the setting.
    public let requested: Double?
    /// What the data holds, in the same unit.
    public let realised: Double?
    /// Largest accepted distance of the two.
    public let tolerance: Double?
    /// The answer for people.
    public private(set) var sentence: String
    /// Whether a check that passed could have told what is asked for from an effect that is not there: false where the tolerance reaches so far. Nil where
    /// that says nothing.
    public var conclusive: Bool?

    /// Passed, though it would have without the effect: too few servers, days or cells show it.
    public var isInconclusive: Bool { conclusive == false }

    /// What was checked, in few words: `weekly of cpu_p95 (batch)`.
    public var label: String { name + (metric.map { " of \($0)" } ?? "") + (scope.map { " (\($0))" } ?? "") }

    /// - Parameter key: The setting to look at where the check fails.
    static func within(
        _ name: String, _ metric: String, scope: String? = nil, requested: Double, realised: Double, tolerance: Double, what: String,
        key: String
    ) -> QualityCheck {
        let passes = (realised - requested).magnitude <= tolerance
        let text =
            "\(metric)\(scope.map { " of \($0)" } ?? ""): \(what) is \(realised.short), requested \(requested.short)"
            + (passes ? "" : ", which is farther than the tolerance of \(tolerance.short); check \(key)")
        return QualityCheck(
            name: name, metric: metric, scope: scope, verdict: passes ? .pass : .fail, requested: requested, realised: realised,
            tolerance: tolerance, sentence: text)
    }

    /// The check, and whether it tells what is asked for from what would be there without the effect.
    func against(_ without: Double?) -> QualityCheck {
        guard let without, let requested, let tolerance, verdict == .pass, requested != without else { return self }
        var check = self
        check.conclusive = (requested - without).magnitude > tolerance
        if check.isInconclusive { check.sentence += "; the tolerance of \(tolerance.short) does not tell it from \(without.short)" }
        return check
    }

    static func limit(_ name: String, _ metric: String?, passes: Bool, requested: Double?, realised: Double?, _ sentence: String)
        -> QualityCheck
    {
        QualityCheck(
            name: name, metric: metric, verdict: passes ? .pass : .fail, requested: requested, realised: realised, tolerance: nil,
            sentence: sentence)
    }

    static func notApplicable(
        _ name: String, _ metric: String, scope: String? = nil, requested: Double?, because reason: String
    ) -> QualityCheck {
        QualityCheck(
            name: name, metric: metric, scope: scope, verdict: .notApplicable, requested: requested, realised: nil, tolerance: nil,
            sentence: "\(metric)\(scope.map { " of \($0)" } ?? ""): not measured, \(reason)")
    }
}

extension Double {
    /// Four significant digits or so, for sentences.
    var short: String {
        if self == 0 { return "0" }
        guard isFinite else { return "\(self)" }
        var digits = 1.0
        var limit = magnitude
        while limit < 1000, digits < 1e9 {
            limit *= 10
            digits *= 10
        }
        let text = "\((self * digits).rounded() / digits)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
