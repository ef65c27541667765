/// A text that no log, error, dump or reflection prints.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself, for signing and for requests only.
    package var revealed: String

    /// - Parameter revealed: The secret text.
    package init(_ revealed: String) { self.revealed = revealed }

    /// Never the secret.
    public var description: String { "<redacted>" }
    /// Never the secret.
    public var debugDescription: String { description }
    /// Never the secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
