/// Why there are no credentials: a code to catch, a sentence, and what to do. It never holds a secret.
public struct CredentialError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of problem it is.
    public enum Code: String, Sendable, Equatable {
        /// No source applies.
        case missing
        /// A source is set up wrongly, or its answer cannot be read.
        case invalid
        /// What the source hands out has expired, or was refused as expired.
        case expired
        /// The source refuses.
        case denied
        /// The source cannot be reached or is busy.
        case unavailable
        /// The caller gave up.
        case cancelled
    }

    /// What kind of problem it is.
    public let code: Code
    /// What happened, as one or more sentences.
    public let sentence: String
    /// What to do about it, as a sentence.
    public let remedy: String
    /// Whether the same call may succeed later although nobody acts.
    public let isRetryable: Bool

    /// - Parameters: as the properties of these names; without `isRetryable`, the code decides.
    public init(_ code: Code, _ sentence: String, remedy: String, isRetryable: Bool? = nil) {
        self.code = code
        self.sentence = sentence
        self.remedy = remedy
        self.isRetryable = isRetryable ?? (code == .unavailable)
    }

    /// The sentence and the remedy.
    public var description: String { "\(sentence) \(remedy)" }

    static let cancelled = CredentialError(.cancelled, "Waiting for credentials was cancelled.", remedy: "Run it again.", isRetryable: true)
}
