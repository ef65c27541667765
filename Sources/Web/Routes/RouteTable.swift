import Hummingbird

/// The paths that there are with their methods, beside the router, which does not tell a wrong method from a wrong path.
final class RouteTable: Sendable {
    private let routes: [(pattern: [Substring], method: HTTPRequest.Method)]

    init(_ routes: [WebRoute]) { self.routes = routes.map { (Self.parts($0.path), $0.method) } }

    /// The methods of a path, HEAD with GET; empty where there is no such path.
    func methods(of path: String) -> [HTTPRequest.Method] {
        let parts = Self.parts(path)
        var found: [HTTPRequest.Method] = []
        for route in routes where route.pattern.count == parts.count {
            guard zip(route.pattern, parts).allSatisfy({ $0.0.hasPrefix("{") || $0.0 == $0.1 }) else { continue }
            found += route.method == .get ? [.get, .head] : [route.method]
        }
        return found
    }

    private static func parts(_ path: String) -> [Substring] { path.split(separator: "/") }
}

/// One path with one method.
struct WebRoute: Sendable {
    typealias Handler = @Sendable (Request, WebContext) async throws -> Response

    let method: HTTPRequest.Method
    /// `/datasets/{name}`.
    let path: String
    let handler: Handler

    static func get(_ path: String, _ handler: @escaping Handler) -> WebRoute { WebRoute(method: .get, path: path, handler: handler) }
    static func post(_ path: String, _ handler: @escaping Handler) -> WebRoute { WebRoute(method: .post, path: path, handler: handler) }
}

extension WebContext {
    /// The dataset that the path names.
    var dataset: String {
        get throws(WebProblem) {
            guard let name = parameters.get("name").flatMap(Form.decode(path:)) else { throw .unknownDataset }
            return name
        }
    }

    /// The generation that the path names.
    var generation: Int {
        get throws(WebProblem) {
            guard let text = parameters.get("generation"), let number = Int(text), number > 0, String(number) == text else {
                throw .unknownGeneration
            }
            return number
        }
    }
}
