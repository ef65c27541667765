import Core
import Service

/// Values as pages write them.
package enum Words {
    /// `5 min ago`, with the moment for machines and for who points at it.
    static func ago(_ moment: Moment, now: Moment) -> [String: Any] {
        [
            "iso": moment.description,
            "text": moment <= now ? "\(Amount.text(from: moment, to: now)) ago" : "in \(Amount.text(from: now, to: moment))",
        ]
    }

    /// `in 3 h`, or `now`.
    static func ahead(_ moment: Moment, now: Moment) -> [String: Any] {
        ["iso": moment.description, "text": moment > now ? "in \(Amount.text(from: now, to: moment))" : "now"]
    }

    /// `4.2 MB`: two to three digits in units of a thousand.
    package static func size(_ bytes: UInt64) -> String {
        var value = Double(bytes)
        var unit = 0
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        while value >= 999.5, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        guard unit > 0, value < 9.95 else { return "\(Int(value.rounded())) \(units[unit])" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    /// How the last run ended, in words and in a class for colour.
    static func result(_ row: DatasetStatus) -> (text: String, tone: String) {
        switch row.lastRun?.end?.verdict {
        case nil: row.lastRun == nil ? ("never ran", "quiet") : row.state == .running ? ("in progress", "busy") : ("interrupted", "bad")
        case .published: ("published", "good")
        case .upToDate: ("up to date", "good")
        case .failed: ("failed", "bad")
        case .quality: ("refused by the quality gate", "bad")
        case .cancelled: ("stopped", "quiet")
        }
    }

    /// Why a run was made.
    static func reason(_ reason: RunReason) -> String {
        switch reason {
        case .config: "because of its config"
        case .schedule: "by its schedule"
        case .catchUp: "for a time that was missed"
        case .manual: "asked for"
        }
    }

    /// The tone of a state.
    static func tone(_ state: DatasetStatus.State) -> String {
        switch state {
        case .running: "busy"
        case .queued, .retrying: "waiting"
        case .paused: "quiet"
        case .refused, .failed: "bad"
        case .idle: "good"
        }
    }

    /// `42 checks passed`.
    static func verdict(_ facts: GenerationFacts) -> [String: Any] {
        let shown = facts.checks - facts.notApplicable
        let checks = "\(shown) \(shown == 1 ? "check" : "checks")"
        return [
            "tone": facts.passed ? "good" : "bad", "text": facts.passed ? "\(checks) passed" : "not all of \(checks) passed",
            "passed": facts.passed,
        ]
    }
}
