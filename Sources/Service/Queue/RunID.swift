public import Core

/// The name of one run in logs and manifests: `web-20260131T060504Z-1f2e`.
public enum RunID {
    /// Sorts by time within a dataset; the four digits tell runs of one second apart.
    ///
    /// - Parameters:
    ///   - dataset: The dataset's name.
    ///   - moment: When the run starts.
    ///   - salt: Any random number.
    public static func make(dataset: String, at moment: Moment, salt: UInt16) -> String {
        let time = moment.description.filter { $0 != "-" && $0 != ":" }
        let digits = String(salt, radix: 16)
        return "\(dataset)-\(time)-" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }
}
