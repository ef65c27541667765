/// One event that the function was invoked with.
public struct Invocation: Sendable, Hashable {
    /// Names the invocation in answers and logs.
    public let requestID: String
    /// When the function is ended, in milliseconds since 1970.
    public let deadline: Int64
    /// The tracing header, for logs; nil where there is none.
    public let traceID: String?
    /// The event's JSON text as it came.
    public let event: [UInt8]

    /// - Parameters: as the properties of these names.
    public init(requestID: String, deadline: Int64, traceID: String? = nil, event: [UInt8]) {
        self.requestID = requestID
        self.deadline = deadline
        self.traceID = traceID
        self.event = event
    }
}

/// Why an invocation, or the start of the function, failed: what the caller of the function sees, and what a state machine retries by.
public struct InvocationFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Most bytes of a message that are sent; Step Functions keeps 32 KiB of error and cause together.
    static let messageLimit = 16 << 10

    /// `Category.Reason`, letters and digits.
    public let type: String
    /// One or more sentences with the remedy.
    public let message: String

    /// - Parameters: as the properties of these names.
    public init(_ type: String, _ message: String) {
        self.type = type
        self.message = message
    }

    /// The same as `message`.
    public var description: String { message }

    /// The JSON object that the Runtime API takes: `errorMessage`, `errorType`, `stackTrace`.
    var body: [UInt8] {
        var cut = message
        if message.utf8.count > Self.messageLimit {
            cut = String(decoding: message.utf8.prefix(Self.messageLimit - 8), as: UTF8.self) + " ..."
        }
        return Array("{\"errorMessage\":\(Self.quoted(cut)),\"errorType\":\(Self.quoted(type)),\"stackTrace\":[]}".utf8)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case _ where scalar.value < 32 || scalar.value == 127:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
