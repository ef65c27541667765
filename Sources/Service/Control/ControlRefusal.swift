/// Why the service does not do what a request asks.
public struct ControlRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of refusal it is.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The line is no request.
        case badRequest = "bad-request"
        /// The line is too long.
        case tooLarge = "too-large"
        /// The line is a request of another version of the protocol.
        case unknownProtocol = "unknown-protocol"
        /// The verb is not known here.
        case unknownVerb = "unknown-verb"
        /// No config describes such a dataset.
        case unknownDataset = "unknown-dataset"
        /// The dataset is paused.
        case paused
        /// The service is stopping.
        case stopping
        /// It was done, but the disk did not take it: a restart forgets it.
        case notKept = "not-kept"
        /// Too many clients are connected.
        case busy
        /// The client's user may not control the service.
        case permission
        /// The service has a defect.
        case internalError = "internal-error"
    }

    /// What kind of refusal it is.
    public let code: Code
    /// What is refused, and what to do.
    public let message: String

    /// - Parameters: As the properties of the same names.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Same as `message`.
    public var description: String { message }

    /// The program's exit status, after sysexits(3).
    public var exitCode: Int32 {
        switch code {
        case .badRequest, .tooLarge: 64
        case .unknownDataset: 66
        case .unknownProtocol, .unknownVerb: 69
        case .internalError: 70
        case .notKept: 74
        case .paused, .stopping, .busy: 75
        case .permission: 77
        }
    }
}
