import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// The four calls of Lambda's Runtime API, version 2018-06-01.
///
/// ```
/// GET  /runtime/invocation/next             waits for an event; its headers tell id and deadline
/// POST /runtime/invocation/ID/response      the answer
/// POST /runtime/invocation/ID/error         what went wrong
/// POST /runtime/init/error                  the function cannot start
/// ```
/// Each call has a connection of its own: the machine may have been frozen since the last one, and a connection that died meanwhile could not
/// be told from an answer that was lost. Source: the page "Using the Lambda runtime API for custom runtimes" of Amazon's documentation.
public final class RuntimeAPI: Sendable {
    /// The service is gone, or speaks another language: nothing is left to serve.
    public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        /// A sentence.
        public let description: String
    }

    /// How an answer was taken.
    enum Receipt: Sendable, Hashable {
        case accepted
        /// The service does not want it: 413 for one that is too large, 400 or 403 for one that comes too late.
        case refused(status: UInt)
    }

    /// Most bytes of an event that are read: what Lambda takes in a synchronous invocation.
    static let eventLimit = 6 << 20
    /// Calls of one request before the service counts as gone.
    static let tries = 3
    private static let answerTimeout = TimeAmount.seconds(10)

    private let base: String
    private let client: HTTPClient

    /// - Parameter address: The value of `AWS_LAMBDA_RUNTIME_API`: `host:port`.
    /// - Throws: Where that is no address.
    public init(address: String) throws(Problem) {
        let parts = address.split(separator: ":", omittingEmptySubsequences: false)
        let host = parts.first ?? ""
        let isHost = !host.isEmpty && host.utf8.allSatisfy { Self.isHostByte($0) }
        guard parts.count <= 2, isHost, parts.count == 1 || UInt16(parts[1]).map({ $0 > 0 }) ?? false else {
            throw Problem(description: "AWS_LAMBDA_RUNTIME_API is no address. Lambda sets it to host:port, for example 127.0.0.1:9001.")
        }
        base = "http://\(address)/2018-06-01/runtime/"
        var configuration = HTTPClient.Configuration()
        // The wait for an event has no end: the machine is frozen meanwhile.
        configuration.timeout = .init(connect: .seconds(2), read: nil, write: .seconds(10))
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit { client.shutdown { _ in } }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45 || byte == 46 || byte == 95
    }

    /// Waits for the next event.
    ///
    /// - Returns: The invocation, or the id of one that cannot be served and why.
    func next() async throws(Problem) -> (requestID: String, Result<Invocation, InvocationFailure>) {
        let answer = try await call("invocation/next", .GET, limit: Self.eventLimit)
        guard answer.status == 200 else {
            throw Problem(description: "The Runtime API answers \(answer.status) to the request for an event, so the function ends.")
        }
        guard let id = answer.headers.first(name: "Lambda-Runtime-Aws-Request-Id"), Self.isID(id) else {
            throw Problem(description: "The Runtime API sends an event without a request id, so the function ends.")
        }
        guard let body = answer.body else {
            let reason = "The event has more than \(Self.eventLimit) bytes. Name the config by config_uri."
            return (id, .failure(InvocationFailure("Event.TooLarge", reason)))
        }
        guard let deadline = answer.headers.first(name: "Lambda-Runtime-Deadline-Ms").flatMap({ Int64($0) }), deadline > 0 else {
            return (id, .failure(InvocationFailure("Runtime.NoDeadline", "The Runtime API tells no deadline, so nothing was begun.")))
        }
        let trace = answer.headers.first(name: "Lambda-Runtime-Trace-Id")
        return (id, .success(Invocation(requestID: id, deadline: deadline, traceID: trace, event: body)))
    }

    /// Ids become parts of paths and of log lines.
    private static func isID(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { isHostByte($0) }
    }

    func respond(_ requestID: String, _ answer: [UInt8]) async throws(Problem) -> Receipt {
        try await post("invocation/\(requestID)/response", answer, headers: [("Content-Type", "application/json")])
    }

    func fail(_ requestID: String, _ failure: InvocationFailure) async throws(Problem) -> Receipt {
        try await post("invocation/\(requestID)/error", failure.body, headers: Self.headers(of: failure))
    }

    /// Tells that the function cannot start; it is to end then.
    public func failInit(_ failure: InvocationFailure) async throws(Problem) {
        _ = try await post("init/error", failure.body, headers: Self.headers(of: failure))
    }

    private static func headers(of failure: InvocationFailure) -> [(String, String)] {
        [("Content-Type", "application/vnd.aws.lambda.error+json"), ("Lambda-Runtime-Function-Error-Type", failure.type)]
    }

    private func post(_ path: String, _ body: [UInt8], headers: [(String, String)]) async throws(Problem) -> Receipt {
        let status = try await call(path, .POST, headers: headers, body: body, limit: 64 << 10).status
        switch status {
        case 200..<300: return .accepted
        case 400..<500: return .refused(status: status)
        default: throw Problem(description: "The Runtime API answers \(status) to an answer, so the function ends.")
        }
    }

    /// An answer; `body` is nil where it is larger than the limit.
    private struct Answer {
        let status: UInt
        let headers: HTTPHeaders
        let body: [UInt8]?
    }

    private func call(
        _ path: String, _ method: HTTPMethod, headers: [(String, String)] = [], body: [UInt8]? = nil, limit: Int
    ) async throws(Problem) -> Answer {
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        request.headers = HTTPHeaders(headers + [("Connection", "close"), ("User-Agent", "fleetsynth")])
        if let body { request.body = .bytes(body) }
        var problem = ""
        for attempt in 1...Self.tries {
            do {
                // Years: a call without an end must still be given one.
                let timeout = method == .GET ? TimeAmount.hours(24 * 365) : Self.answerTimeout
                let response = try await client.execute(request, timeout: timeout)
                let body = try await Self.read(response.body, limit: limit)
                return Answer(status: response.status.code, headers: response.headers, body: body)
            } catch is CancellationError {
                throw Problem(description: "The function was stopped.")
            } catch {
                problem = "\(type(of: error))"
                if attempt < Self.tries { try? await Task.sleep(for: .milliseconds(100 * attempt)) }
            }
        }
        throw Problem(description: "The Runtime API cannot be reached (\(problem)), so the function ends.")
    }

    private static func read(_ stream: HTTPClientResponse.Body, limit: Int) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        for try await chunk in stream {
            guard bytes.count + chunk.readableBytes <= limit else { return nil }
            bytes += chunk.readableBytesView
        }
        return bytes
    }
}
