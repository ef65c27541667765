/// Why the rules of a time zone cannot be had.
public struct TimeZoneError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What to do about it in code.
    public enum Code: Equatable, Sendable {
        /// No zone has this name: an error of the config.
        case unknownName
        /// The zone's file is there and cannot be read or understood: an error of the machine.
        case unreadable
    }

    /// What kind of problem.
    public let code: Code
    /// One sentence with what was found and the remedy.
    public let description: String
    /// The name that was probably meant.
    public let suggestion: String?

    init(_ code: Code, _ description: String, suggestion: String? = nil) {
        self.code = code
        self.description = description
        self.suggestion = suggestion
    }
}
