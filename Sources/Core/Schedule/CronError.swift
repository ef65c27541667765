/// Why a text is no schedule: where, what was found, what is right there, and the edit that repairs it.
public struct CronError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Column in the text, from 1, in Unicode scalars.
    public let column: Int
    /// What is wrong, for example `minute 61 is above 59`.
    public let found: String
    /// What would be right there.
    public let expected: String
    /// The edit that repairs it.
    public let remedy: String

    /// One line: `column 1: minute 61 is above 59; expected 0 to 59`.
    public var description: String { "column \(column): \(found); expected \(expected)" }
}

/// Something a schedule may say and probably does not mean.
public struct CronWarning: Equatable, Sendable, CustomStringConvertible {
    /// Column in the text, from 1.
    public let column: Int
    /// What it comes to, for example `a step of 90 leaves only minute 0`.
    public let message: String
    /// A clearer way to say the same.
    public let remedy: String

    /// One line: `column 1: a step of 90 leaves only minute 0`.
    public var description: String { "column \(column): \(message)" }
}
