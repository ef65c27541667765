/// A day of the month on which people are paid.
public enum PayDay: Hashable, Sendable {
    /// The day of the month, 1...31, or the month's last one where it is shorter.
    case day(Int)
    /// The month's last business day.
    case lastBusinessDay

    /// How a config writes it: `15`, `last`.
    var json: ConfigJSON {
        switch self {
        case .day(let day): .integer(Int128(day))
        case .lastBusinessDay: .text("last")
        }
    }
}
