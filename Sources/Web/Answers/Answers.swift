import Core
import Hummingbird
import Service

/// Answers by their kind of content.
extension Response {
    static func json(_ json: CanonicalJSON, status: HTTPResponse.Status = .ok) -> Response {
        content(json.bytes, "application/json", status: status)
    }

    static func html(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        content(Array(text.utf8), "text/html; charset=utf-8", status: status)
    }

    static func content(_ bytes: [UInt8], _ type: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: [.contentType: type], body: .pieces(bytes))
    }
}

extension ResponseBody {
    /// Small texts at once; others in pieces, so that a slow reader shows its progress and no socket's buffer holds the whole.
    static func pieces(_ bytes: [UInt8]) -> ResponseBody {
        let size = 65_536
        guard bytes.count > size else { return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)) }
        return ResponseBody(contentLength: bytes.count) { writer in
            for start in stride(from: 0, to: bytes.count, by: size) {
                try await writer.write(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
            }
            try await writer.finish(nil)
        }
    }
}

extension CanonicalJSON {
    /// One line, for streams.
    var line: String { String(decoding: ControlLine.bytes(self).dropLast(), as: UTF8.self) }

    static func text(_ text: String?) -> CanonicalJSON { text.map { .string($0) } ?? .null }

    /// The members of an object and others; a member of `others` wins.
    func adding(_ others: [String: CanonicalJSON]) -> CanonicalJSON {
        guard case .object(let members) = self else { return self }
        return .object(members.merging(others) { _, other in other })
    }
}
