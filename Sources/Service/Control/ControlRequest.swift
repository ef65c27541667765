import Core

/// What a client asks of the service: one line of JSON.
///
/// ```
/// {"dataset":"web","protocol":1,"verb":"trigger"}
/// ```
public enum ControlRequest: Hashable, Sendable {
    /// How things are; nil: of every dataset.
    case status(dataset: String?)
    /// Run a dataset now.
    case trigger(String)
    /// Read the configs again, and answer when that is done.
    case reload
    /// Hold a dataset.
    case pause(String)
    /// End a pause.
    case resume(String)
    /// Look at the config directory now; the same as `reload`, for whoever does not trust the watcher.
    case rescan
    /// The service's version.
    case version
    /// Counters and gauges, in Prometheus's text format.
    case metrics

    /// Raised when a message changes its meaning. Either side refuses any other number instead of guessing.
    public static let protocolVersion = 1

    /// The longest line that a service reads.
    public static let maximumBytes = 65_536

    /// The line, with its newline.
    package var line: [UInt8] {
        var members: [String: CanonicalJSON] = ["protocol": .integer(Self.protocolVersion), "verb": .string(verb)]
        if let dataset { members["dataset"] = .string(dataset) }
        return ControlLine.bytes(.object(members))
    }

    /// Reads a line.
    /// - Parameter line: With or without its newline.
    package init(reading line: [UInt8]) throws(ControlRefusal) {
        let json: CanonicalJSON
        do {
            json = try CanonicalJSON(parsing: line)
        } catch {
            throw ControlRefusal(.badRequest, "The request is no JSON: \(error.problem) at byte \(error.offset).")
        }
        guard case .object(let members) = json else { throw ControlRefusal(.badRequest, "The request is no JSON object.") }
        guard let version: Int = members["protocol"]?.integer() else {
            throw ControlRefusal(.badRequest, "The request lacks its protocol version: \"protocol\": \(Self.protocolVersion).")
        }
        guard version == Self.protocolVersion else {
            throw ControlRefusal(
                .unknownProtocol,
                "The request has protocol version \(version), and this service speaks \(Self.protocolVersion) only. "
                    + "Restart the service after an upgrade, so that both sides are of one version.")
        }
        guard let verb = members["verb"]?.string else { throw ControlRefusal(.badRequest, "The request has no verb.") }
        let dataset = members["dataset"]?.string
        if let name = members.keys.filter({ !["protocol", "verb", "dataset"].contains($0) }).min() {
            throw ControlRefusal(.badRequest, "The request has a member that is not known: '\(PlainText.line(name, limit: 60))'.")
        }
        if members["dataset"] != nil && dataset == nil { throw ControlRefusal(.badRequest, "The dataset is a name, written as a text.") }
        func name() throws(ControlRefusal) -> String {
            guard let dataset, !dataset.isEmpty else { throw ControlRefusal(.badRequest, "The verb \(verb) needs a dataset.") }
            return dataset
        }
        func alone(_ request: ControlRequest) throws(ControlRefusal) -> ControlRequest {
            guard dataset == nil else { throw ControlRefusal(.badRequest, "The verb \(verb) takes no dataset.") }
            return request
        }
        switch verb {
        case "status": self = .status(dataset: dataset)
        case "trigger": self = .trigger(try name())
        case "reload": self = try alone(.reload)
        case "pause": self = .pause(try name())
        case "resume": self = .resume(try name())
        case "rescan": self = try alone(.rescan)
        case "version": self = try alone(.version)
        case "metrics": self = try alone(.metrics)
        default:
            throw ControlRefusal(
                .unknownVerb,
                "The service does not know the verb '\(PlainText.line(verb, limit: 60))'; it knows status, trigger, reload, pause, resume, "
                    + "rescan, version and metrics. Restart the service after an upgrade, so that both sides are of one version.")
        }
    }

    private var verb: String {
        switch self {
        case .status: "status"
        case .trigger: "trigger"
        case .reload: "reload"
        case .pause: "pause"
        case .resume: "resume"
        case .rescan: "rescan"
        case .version: "version"
        case .metrics: "metrics"
        }
    }

    private var dataset: String? {
        switch self {
        case .status(let dataset): dataset
        case .trigger(let dataset), .pause(let dataset), .resume(let dataset): dataset
        case .reload, .rescan, .version, .metrics: nil
        }
    }
}

/// Messages as lines.
enum ControlLine {
    /// One line of JSON, with its newline.
    static func bytes(_ json: CanonicalJSON) -> [UInt8] {
        // In a canonical text a newline is layout, never content, and so is the space that follows it.
        var line: [UInt8] = []
        var isAfterNewline = false
        for byte in json.bytes {
            if byte == UInt8(ascii: "\n") {
                isAfterNewline = true
            } else if !isAfterNewline || byte != UInt8(ascii: " ") {
                isAfterNewline = false
                line.append(byte)
            }
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }
}
