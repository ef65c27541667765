import S3
import Synchronization
import Testing

/// 2026-01-31T00:00:00Z, where every clock of these tests begins.
let epoch: Int64 = 1_769_817_600

/// Secrets of the fakes: long enough that none stands in an answer by chance.
let secretKey = "Qm7vXz+/k2RbT9wLpJ4dNs8YhC3gFu6eVa5xKoWi"
let sessionToken = "FwoGZX7//Jb2nQe=Lr9tHs4yUc8mKd3v"
let bearer = "eyJq8Zt-Wm4c_Pv7n.Ks2xRd9bLf5h"

/// Files in memory; every write makes a new stamp.
final class FakeFiles: CredentialFiles {
    private let state = Mutex<
        (files: [String: (bytes: [UInt8], version: Int64)], problems: [String: CredentialFileProblem], versions: Int64)
    >(
        ([:], [:], 0))

    func write(_ path: String, _ text: String) { write(path, Array(text.utf8)) }

    func write(_ path: String, _ bytes: [UInt8]) {
        state.withLock { state in
            state.versions += 1
            state.files[path] = (bytes, state.versions)
        }
    }

    func remove(_ path: String) { state.withLock { _ = $0.files.removeValue(forKey: path) } }

    func fail(_ path: String, _ problem: CredentialFileProblem?) { state.withLock { $0.problems[path] = problem } }

    func read(_ path: String, limit: Int) throws(CredentialFileProblem) -> (bytes: [UInt8]?, stamp: FileStamp) {
        let (file, problem) = state.withLock { ($0.files[path], $0.problems[path]) }
        if let problem { throw problem }
        guard let file else { return (nil, FileStamp(path: path, identity: [])) }
        guard file.bytes.count <= limit else { throw .tooLarge(limit: limit) }
        return (file.bytes, FileStamp(path: path, identity: [file.version]))
    }

    func stamp(_ path: String) -> FileStamp {
        FileStamp(path: path, identity: state.withLock { $0.files[path].map { [$0.version] } ?? [] })
    }
}

/// Answers requests with a closure and keeps them.
final class FakeHTTP: HTTPFetching {
    typealias Handler = @Sendable (HTTPFetchRequest) async -> Result<HTTPFetchResponse, HTTPFetchError>
    private let state = Mutex<(handler: Handler, requests: [HTTPFetchRequest])>(({ _ in .failure(.connection("nobody listens")) }, []))

    var requests: [HTTPFetchRequest] { state.withLock { $0.requests } }

    func answer(_ handler: @escaping Handler) { state.withLock { $0.handler = handler } }

    /// The same answer to everything.
    func answer(_ status: Int, _ body: String) { answer { _ in .success(HTTPFetchResponse(status: status, body: Array(body.utf8))) } }

    func fetch(_ request: HTTPFetchRequest) async throws(HTTPFetchError) -> HTTPFetchResponse {
        let handler = state.withLock { state in
            state.requests.append(request)
            return state.handler
        }
        return try await handler(request).get()
    }
}

extension HTTPFetchRequest {
    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
    var form: String { String(decoding: body, as: UTF8.self) }
    /// The URL's path and query.
    var path: String { "/" + url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true).dropFirst(2).joined(separator: "/") }
}

/// Output of programs by their first word.
final class FakeProcesses: CredentialProcesses {
    private let state = Mutex<(result: Result<String, CredentialProcessProblem>, runs: [[String]])>((.failure(.notStarted(2)), []))

    var runs: [[String]] { state.withLock { $0.runs } }

    func answer(_ result: Result<String, CredentialProcessProblem>) { state.withLock { $0.result = result } }

    func run(
        _ words: [String], environment: [String: String], timeLimit: Duration, outputLimit: Int
    ) async throws(CredentialProcessProblem) -> [UInt8] {
        let result = state.withLock { state in
            state.runs.append(words)
            return state.result
        }
        return Array(try result.get().utf8)
    }
}

/// A clock that tests move; pauses take no time and are counted.
final class ManualClock: Sendable {
    private let state = Mutex<(now: Int64, pauses: [Duration])>((epoch, []))

    var now: Int64 { state.withLock { $0.now } }
    var pauses: [Duration] { state.withLock { $0.pauses } }
    func advance(_ seconds: Int64) { state.withLock { $0.now += seconds } }

    var clock: CredentialClock {
        CredentialClock(now: { self.now }) { pause in
            try Task.checkCancellation()
            self.state.withLock { $0.pauses.append(pause) }
        }
    }
}

/// Everything a chain looks at, in memory.
struct CredentialBench: Sendable {
    let files = FakeFiles()
    let http = FakeHTTP()
    let processes = FakeProcesses()
    let time = ManualClock()
    let events = EventLog()
    var settings = CredentialSettings()
    /// No test of a bench asks the machine's own metadata service, or looks at its home folder.
    var environment = ["HOME": "/home/etl", "AWS_EC2_METADATA_DISABLED": "true"]

    init(_ environment: [String: String] = [:]) { self.environment.merge(environment) { $1 } }

    var inputs: CredentialInputs {
        CredentialInputs(environment: environment, files: files, http: http, processes: processes, clock: time.clock) {
            request, credentials, scope in
            var signed = request
            signed.headers.append(("authorization", "signed by \(credentials.accessKeyID) for \(scope.region)/\(scope.service)"))
            return signed
        }
    }

    func chain(jitter: Int64 = 0) -> CredentialChain {
        CredentialChain(settings, inputs: inputs, jitter: { jitter }, observe: { events.add($0) })
    }

    /// The error of a chain that must fail.
    func failure() async throws -> CredentialError {
        try await #require(throws: CredentialError.self) { try await chain().credentials() }
    }
}

final class EventLog: Sendable {
    private let state = Mutex<[CredentialEvent]>([])
    var all: [CredentialEvent] { state.withLock { $0 } }
    func add(_ event: CredentialEvent) { state.withLock { $0.append(event) } }
}

/// `2026-01-31T01:00:00Z` for an hour after the epoch; whole hours below a day.
func time(afterHours hours: Int) -> String { "2026-01-31T\(hours < 10 ? "0" : "")\(hours):00:00Z" }

func keysJSON(_ id: String, hours: Int, token: String = "Token") -> String {
    #"{"Code":"Success","AccessKeyId":"\#(id)","SecretAccessKey":"\#(secretKey)","\#(token)":"\#(sessionToken)","Expiration":"\#(time(afterHours: hours))"}"#
}

func stsXML(_ action: String, _ id: String, hours: Int) -> String {
    """
    <?xml version="1.0"?>
    <\(action)Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><\(action)Result><AssumedRoleUser><Arn>arn:aws:sts::1:x</Arn></AssumedRoleUser>
    <Credentials><AccessKeyId>\(id)</AccessKeyId><SecretAccessKey>\(secretKey)</SecretAccessKey><SessionToken>\(sessionToken)</SessionToken>
    <Expiration>\(time(afterHours: hours))</Expiration></Credentials></\(action)Result></\(action)Response>
    """
}

func stsError(_ code: String, _ message: String) -> String {
    "<ErrorResponse><Error><Type>Sender</Type><Code>\(code)</Code><Message>\(message)</Message></Error></ErrorResponse>"
}

/// Whether eight characters of a secret in a row can be read off the value, in whatever way it is printed.
func showsSecret(_ value: Any) -> Bool {
    var dumped = ""
    dump(value, to: &dumped)
    let text = "\(value)\n\(String(reflecting: value))\n\(dumped)"
    return [secretKey, sessionToken, bearer].contains { secret in
        let characters = Array(secret)
        return (0...characters.count - 8).contains { text.contains(String(characters[$0..<$0 + 8])) }
    }
}

/// Fails if the value shows a secret.
func expectNoSecret(in value: Any, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(!showsSecret(value), sourceLocation: sourceLocation)
}
