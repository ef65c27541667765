public import Core

/// What the service answers: one line of JSON.
///
/// ```
/// {"message":"web is running now","protocol":1,"result":"done","run_id":"web-20260131T060504Z-1f2e"}
/// ```
public enum ControlResponse: Hashable, Sendable {
    /// To `status`.
    case status(StatusReport)
    /// To `trigger`, `pause` and `resume`: a sentence for people, and the run that does it, where there is one.
    case done(String, runID: String? = nil)
    /// To `reload` and `rescan`.
    case reloaded(ReloadReport)
    /// To `version`.
    case version(String)
    /// To `metrics`: Prometheus's text.
    case metrics(String)
    /// Nothing was done.
    case refused(ControlRefusal)

    /// The longest line that a client reads: the status of some ten thousand datasets.
    public static let maximumBytes = 16 << 20

    /// The line, with its newline.
    package var line: [UInt8] {
        var members: [String: CanonicalJSON] = ["protocol": .integer(ControlRequest.protocolVersion)]
        switch self {
        case .status(let report):
            members["result"] = .string("status")
            members["status"] = report.canonicalJSON
        case .done(let message, let runID):
            members["result"] = .string("done")
            members["message"] = .string(message)
            if let runID { members["run_id"] = .string(runID) }
        case .reloaded(let report):
            members["result"] = .string("reloaded")
            members["reload"] = report.canonicalJSON
        case .version(let version):
            members["result"] = .string("version")
            members["version"] = .string(version)
        case .metrics(let text):
            members["result"] = .string("metrics")
            members["text"] = .string(text)
        case .refused(let refusal):
            members["result"] = .string("refused")
            members["code"] = .string(refusal.code.rawValue)
            members["message"] = .string(refusal.message)
        }
        return ControlLine.bytes(.object(members))
    }

    /// Reads a line; nil if it is no answer of this protocol.
    package init?(reading line: [UInt8]) {
        guard let json = try? CanonicalJSON(parsing: line), json["protocol"]?.integer(Int.self) == ControlRequest.protocolVersion else {
            return nil
        }
        switch json["result"]?.string {
        case "status":
            guard let report = json["status"].flatMap(StatusReport.init(_:)) else { return nil }
            self = .status(report)
        case "done":
            guard let message = json["message"]?.string else { return nil }
            self = .done(message, runID: json["run_id"]?.string)
        case "reloaded":
            guard let report = json["reload"].flatMap(ReloadReport.init(_:)) else { return nil }
            self = .reloaded(report)
        case "version":
            guard let version = json["version"]?.string else { return nil }
            self = .version(version)
        case "metrics":
            guard let text = json["text"]?.string else { return nil }
            self = .metrics(text)
        case "refused":
            guard let code = json["code"]?.string, let message = json["message"]?.string else { return nil }
            self = .refused(ControlRefusal(ControlRefusal.Code(rawValue: code) ?? .internalError, message))
        default: return nil
        }
    }
}

extension ControlResponse {
    /// The answer to `trigger`.
    public init(_ acceptance: RunQueue.Acceptance, dataset: String) {
        switch acceptance {
        case .started(let id): self = .done("\(dataset) is running now: \(id)", runID: id)
        case .queued(let ahead): self = .done("\(dataset) is queued, behind \(ahead == 1 ? "1 other dataset" : "\(ahead) other datasets")")
        case .merged: self = .done("\(dataset) is queued already")
        case .afterRunning(let id): self = .done("\(dataset) runs again after \(id), which is in progress")
        case .held: self = .done("\(dataset) is paused and runs when it is resumed")
        case .skipped(let id): self = .done("\(dataset) is running already: \(id)", runID: id)
        case .refused(.paused):
            self = .refused(ControlRefusal(.paused, "\(dataset) is paused. Run `fleetsynth resume \(dataset)` first."))
        case .refused(.stopping): self = .refused(ControlRefusal(.stopping, "The service is stopping. Try again when it is back."))
        case .refused(.tooLate): self = .refused(ControlRefusal(.stopping, "It is too late for this run of \(dataset)."))
        }
    }

    /// The answer to a wish that was done but could not be made durable.
    public static func notKept(_ done: String, _ error: StoreError) -> ControlResponse {
        .refused(ControlRefusal(.notKept, "\(done), but a restart forgets it, because it could not be written: \(error.message)"))
    }

    /// The answer about a dataset that no config describes.
    public static func unknownDataset(_ dataset: String) -> ControlResponse {
        .refused(
            ControlRefusal(
                .unknownDataset,
                "There is no dataset '\(PlainText.line(dataset, limit: 100))'. `fleetsynth status` lists those that there are."))
    }
}
