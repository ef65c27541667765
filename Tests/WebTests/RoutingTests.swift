import Core
import Glibc
import Hummingbird
import Service
import Synchronization
import Testing
import Web

@Suite("Routes") struct RoutingTests {
    private static let problem = ConfigProblem(
        severity: .error, source: "/etc/x/b.yaml", line: 2, column: 16, path: "data_generation.num_servers", message: "<-3> is below 1",
        excerpt: "  num_servers: -3")

    /// A service of two datasets that remembers what it was asked.
    private final class Fake: Sendable {
        let asked = Mutex<[ControlRequest]>([])

        var backend: WebBackend {
            WebBackend(
                answer: { request in
                    self.asked.withLock { $0.append(request) }
                    switch request {
                    case .status(let only):
                        let rows = [
                            DatasetStatus(dataset: "a", state: .idle), DatasetStatus(dataset: "b b", state: .refused, errors: ["x"]),
                        ]
                        guard only.map({ name in rows.contains { $0.dataset == name } }) ?? true else { return .unknownDataset(only ?? "") }
                        return .status(
                            StatusReport(
                                version: "1", started: Moment(secondsSince1970: 0), now: Moment(secondsSince1970: 60),
                                configDirectory: "/etc/x",
                                datasets: rows.filter { only == nil || only == $0.dataset }))
                    case .trigger("a"): return .done("a is running now: a-1", runID: "a-1")
                    case .pause: return .refused(ControlRefusal(.notKept, "not kept"))
                    case .version: return .version("1")
                    default: return .unknownDataset("")
                    }
                },
                refused: { [RefusedConfig(file: "b.yaml", dataset: "b b", problems: [problem], keeps: nil)] }, published: { _ in nil },
                metrics: { "up 1\n" }, now: { Moment(secondsSince1970: 784_111_777) })
        }
    }

    private struct Told {
        let status: Int
        let headers: HTTPFields
        let text: String
    }

    private struct Collector: ResponseBodyWriter {
        let bytes: Box
        final class Box: Sendable { let value = Mutex<[UInt8]>([]) }

        mutating func write(_ buffer: ByteBuffer) async throws { bytes.value.withLock { $0 += Array(buffer: buffer) } }
        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }

    private let fake = Fake()
    private let server: WebServer

    private let token: AccessToken

    init() throws {
        var template = Array("/tmp/fleetsynth-routes-XXXXXX\0".utf8).map { CChar(bitPattern: $0) }
        let path = String(cString: try #require(mkdtemp(&template))) + "/http.token"
        token = AccessToken(path: path)
        let settings = WebServer.Settings(addresses: [.loopback(port: 9750)], tokenFile: path, version: "1")
        server = WebServer(settings, backend: fake.backend, log: WebServer.quiet)
    }

    private func ask(_ path: String, _ method: HTTPRequest.Method = .get, _ headers: HTTPFields = [:]) async throws -> Told {
        let head = HTTPRequest(method: method, scheme: "http", authority: "localhost:9750", path: path, headerFields: headers)
        let response = try await server.answer(Request(head: head, body: RequestBody(buffer: ByteBuffer())), port: 9750)
        let box = Collector.Box()
        try await response.body.write(Collector(bytes: box))
        return Told(
            status: response.status.code, headers: response.headers, text: String(decoding: box.value.withLock { $0 }, as: UTF8.self))
    }

    @Test(
        "What there is, is answered",
        arguments: [
            "/", "/datasets/a", "/datasets/b%20b", "/api/v1/status", "/api/v1/datasets", "/api/v1/datasets/a",
            "/api/v1/datasets/a/generations", "/api/v1/problems", "/metrics", "/healthz", "/openapi.json",
        ])
    func answered(_ path: String) async throws {
        let told = try await ask(path)
        #expect(told.status == 200 && !told.text.isEmpty)
        #expect(told.headers[.date] == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(told.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
        #expect(told.headers[.cacheControl] == "no-store")
    }

    @Test(
        "What there is not, is refused by its kind",
        arguments: [
            ("/nothing", 404), ("/api/v1/datasets/c", 404), ("/datasets/c", 404), ("/datasets/a/generations/1/report", 404),
            ("/datasets/a/generations/x/report", 404), ("/assets/style.css", 404), ("/api/v1/status?x=1", 400),
            ("/api/v1/datasets?limit=1001", 400), ("/api/v1/datasets?limit=1&limit=1", 400), ("/api/v1/datasets?after=%ff", 400),
            ("/api/v1/reload", 405),
        ])
    func refused(_ path: String, _ status: Int) async throws {
        let told = try await ask(path)
        #expect(told.status == status)
        #expect(told.headers[.contentType] == "application/problem+json" && told.text.contains("\"status\": \(status)"))
    }

    @Test("Who reads pages gets problems as pages, but not of the interface")
    func problemPages() async throws {
        let page = try await ask("/nothing", .get, [.accept: "text/html,*/*"])
        #expect(page.status == 404 && page.text.hasPrefix("<!doctype html>"))
        #expect(try await ask("/api/v1/nothing", .get, [.accept: "text/html,*/*"]).text.hasPrefix("{"))
    }

    @Test("Without the token nothing is asked of the service that changes something")
    func token() async throws {
        for path in ["/api/v1/datasets/a/trigger", "/api/v1/datasets/a/pause", "/api/v1/reload"] {
            #expect(try await ask(path, .post).status == 401)
            #expect(try await ask(path, .post, [.authorization: "Bearer wrong"]).status == 401)
        }
        #expect(fake.asked.withLock { $0 }.isEmpty)
        let secret = String(decoding: try token.read().get(), as: UTF8.self)
        let told = try await ask("/api/v1/datasets/a/trigger", .post, [.authorization: "bearer \(secret)"])
        #expect(told.status == 200 && told.text.contains("a-1"))
        #expect(try await ask("/api/v1/datasets/c/trigger", .post, [.authorization: "Bearer \(secret)"]).status == 404)
        #expect(try await ask("/api/v1/datasets/a/pause", .post, [.authorization: "Bearer \(secret)"]).status == 500)
    }

    @Test("Texts from configs are text on the page")
    func escaped() async throws {
        let page = try await ask("/")
        #expect(page.text.contains("b.yaml:2:16") && page.text.contains("&lt;-3&gt; is below 1") && !page.text.contains("<-3>"))
        #expect(page.text.contains("href=\"/datasets/b%20b\""))
    }

    @Test("HEAD is GET without a body")
    func head() async throws {
        let told = try await ask("/api/v1/status", .head)
        #expect(told.status == 200 && told.text.isEmpty && told.headers[.contentLength] != "0")
    }
}
