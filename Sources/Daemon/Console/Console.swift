import Core
import Glibc
import Synchronization

/// The two streams of a command: results on standard output, everything else on standard error.
enum Console {
    /// Whether a person watches standard error.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// One line for people.
    static func note(_ line: String) { _ = write(line + "\n", to: STDERR_FILENO) }

    /// Why the command fails. Kept as well, because an engine may show it elsewhere.
    static func failure(_ text: String) {
        kept.withLock { $0 = text }
        note(text)
    }

    /// The last text of `failure`; empty for none.
    static var lastFailure: String { kept.withLock { $0 } }
    private static let kept = Mutex("")

    /// Text without a newline, for a line that is drawn again.
    static func draw(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    /// One line of the result. A result that cannot be written ends the program with 74; a reader that has seen enough (`| head`) does not.
    static func result(_ line: String) { resultText(line + "\n") }

    /// A result of its own lines.
    static func resultText(_ text: String) {
        let code = write(text, to: STDOUT_FILENO)
        guard code != 0, code != EPIPE else { return }
        note("error: cannot write the result to standard output: \(String(cString: strerror(code))); what was published stays published")
        exit(74)
    }

    /// A stream that is closed or full ends the text, not the run: what matters is in the store.
    /// - Returns: 0, or the error number of what could not be written.
    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : EIO }
            bytes = bytes.dropFirst(count)
        }
        return 0
    }
}

/// Numbers as people read them.
enum Humane {
    /// 1234567 as `1,234,567`.
    static func count(_ value: Int) -> String {
        var groups: [Substring] = []
        var digits = Substring(String(value.magnitude))
        while digits.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits = digits.dropLast(3)
        }
        return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    /// `1,200 servers x 31 days`; where there is not one row for each, `1,200 servers over 31 days`.
    static func shape(rows: Int, servers: Int, steps: StepRange) -> String {
        let (fleet, times) = (many(servers, "server"), Self.steps(steps))
        return rows == servers * steps.count ? "\(fleet) x \(times)" : "\(fleet) over \(times)"
    }

    /// `1,461 days`, or `35,064 steps of 60 minutes`.
    static func steps(_ steps: StepRange) -> String {
        steps.granularity.isDaily
            ? many(steps.count, "day") : "\(many(steps.count, "step")) of \(many(steps.granularity.minutes, "minute"))"
    }

    /// `1 day`, `1,461 days`.
    static func many(_ value: Int, _ thing: String) -> String { "\(count(value)) \(thing)\(value == 1 ? "" : "s")" }

    /// Bytes with a binary unit: `1.3 MiB`.
    static func bytes(_ value: UInt64) -> String {
        var scaled = Double(value)
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if scaled < 1024 { return (unit == "B" ? "\(value)" : oneDecimal(scaled)) + " \(unit)" }
            scaled /= 1024
        }
        return oneDecimal(scaled) + " TiB"
    }

    /// `0.4 s`, `2 min 05 s`.
    static func seconds(_ value: Double) -> String {
        guard value >= 60 else { return oneDecimal(value) + " s" }
        let whole = Int(value.rounded())
        return whole < 3600
            ? "\(whole / 60) min \(whole % 60 < 10 ? "0" : "")\(whole % 60) s"
            : "\(whole / 3600) h \(whole / 60 % 60 < 10 ? "0" : "")\(whole / 60 % 60) min"
    }

    private static func oneDecimal(_ value: Double) -> String {
        let whole = Int((value * 10).rounded())
        return "\(whole / 10).\(whole % 10)"
    }
}
