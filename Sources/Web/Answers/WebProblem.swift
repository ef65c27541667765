import Core
import Hummingbird
import Service

/// Why a request is not done: an answer as problem details (RFC 9457), or as a page for whoever reads pages.
struct WebProblem: Error {
    let status: HTTPResponse.Status
    /// The kind in a word; the same words as on the control socket.
    let code: String
    /// What is wrong, and what to do.
    let detail: String
    var headers: HTTPFields = [:]

    init(_ status: HTTPResponse.Status, _ code: String, _ detail: String, headers: HTTPFields = [:]) {
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers
    }

    /// - Parameter refusal: Of the control socket.
    init(_ refusal: ControlRefusal) {
        let status: HTTPResponse.Status =
            switch refusal.code {
            case .badRequest, .unknownProtocol, .unknownVerb, .tooLarge: .badRequest
            case .unknownDataset: .notFound
            case .paused: .conflict
            case .stopping, .busy: .serviceUnavailable
            case .permission: .forbidden
            case .notKept, .internalError: .internalServerError
            }
        self.init(status, refusal.code.rawValue, refusal.message)
    }

    /// - Parameter error: Of a store that a page wanted to read.
    init(_ error: StoreError) { self.init(.badGateway, "store-failed", error.message) }

    static let unknownDataset = WebProblem(
        .notFound, "unknown-dataset", "There is no dataset of this name. /api/v1/datasets lists those that there are.")
    static let unknownGeneration = WebProblem(
        .notFound, "unknown-generation",
        "The dataset has no such generation. /api/v1/datasets/{name}/generations lists those that there are.")
    static let notFound = WebProblem(.notFound, "not-found", "There is nothing here. /openapi.json lists what there is.")
    static let tokenWanted = WebProblem(
        .unauthorized, "token-wanted",
        "This needs the token of the service: the content of http.token in its state directory, as `Authorization: Bearer TOKEN`.",
        headers: [.wwwAuthenticate: #"Bearer realm="fleetsynth""#])
    static let tokenWrong = WebProblem(
        .unauthorized, "token-wrong", "The token is not that of the service, which is in http.token in its state directory.",
        headers: [.wwwAuthenticate: #"Bearer realm="fleetsynth", error="invalid_token""#])

    private var json: CanonicalJSON {
        .object([
            "type": .string("urn:fleetsynth:problem:\(code)"), "title": .string(status.reasonPhrase), "status": .integer(status.code),
            "detail": .string(detail), "code": .string(code),
        ])
    }

    /// The answer for programs.
    var response: Response {
        var response = Response(
            status: status, headers: [.contentType: "application/problem+json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes)))
        for field in headers { response.headers[field.name] = field.value }
        return response
    }
}
