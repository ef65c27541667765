extension CredentialInputs {
    /// Sends a request up to `attempts` times, with short pauses.
    ///
    /// - Parameters:
    ///   - place: Names the other side in errors: `the container's credential endpoint`.
    ///   - isTransient: Whether a response is worth another try; by default 429 and 5xx.
    /// - Returns: the last response, transient or not.
    func fetch(
        _ request: HTTPFetchRequest, from place: String, attempts: Int = 3,
        isTransient: (HTTPFetchResponse) -> Bool = { $0.status == 429 || $0.status >= 500 }
    ) async throws(CredentialError) -> HTTPFetchResponse {
        var attempt = 1
        while true {
            do throws(HTTPFetchError) {
                let response = try await http.fetch(request)
                guard response.body.count <= HTTPFetchResponse.bodyLimit else { throw .tooLarge }
                if attempt >= attempts || !isTransient(response) { return response }
            } catch {
                let problem = Self.error(error, place)
                if attempt >= attempts || !problem.isRetryable || problem.code == .cancelled { throw problem }
            }
            do {
                try await clock.sleep(.milliseconds(100 << min(attempt - 1, 4)))
            } catch {
                throw .cancelled
            }
            attempt += 1
        }
    }

    /// The error of a response that is no answer: busy and broken servers may recover, refusals do not.
    ///
    /// - Parameter detail: A sentence about the cause, scrubbed.
    static func refused(
        _ response: HTTPFetchResponse, _ place: String, detail: String = "", remedy: String
    ) -> CredentialError {
        let sentence = "\(place) answered with status \(response.status).\(detail.isEmpty ? "" : " \(detail)")"
        return switch response.status {
        case 429, 500...: CredentialError(.unavailable, sentence, remedy: remedy)
        // A redirect of a metadata endpoint was seen to pass by itself; nothing is sent where it points.
        case 300..<400: CredentialError(.unavailable, sentence, remedy: remedy)
        case 401, 403: CredentialError(.denied, sentence, remedy: remedy)
        default: CredentialError(.invalid, sentence, remedy: remedy)
        }
    }

    private static func error(_ error: HTTPFetchError, _ place: String) -> CredentialError {
        let remedy = "Check the network and the endpoint; it is tried again with the next request."
        return switch error {
        case .timeout: CredentialError(.unavailable, "\(place) did not answer in time.", remedy: remedy)
        case .connection(let reason):
            CredentialError(.unavailable, "\(place) cannot be reached: \(quoted(reason)).", remedy: remedy)
        case .tls(let reason):
            CredentialError(
                .unavailable, "\(place) has no certificate that can be trusted: \(quoted(reason)).",
                remedy: "Check the endpoint and the certificates of this machine.", isRetryable: false)
        case .tooLarge:
            CredentialError(
                .invalid, "\(place) answered with more than \(HTTPFetchResponse.bodyLimit) bytes.",
                remedy: "It is probably another service: check the endpoint.")
        case .cancelled: .cancelled
        }
    }
}

/// Takes secrets out of what a server says, before any of it reaches an error: a server may echo what it was sent, whole or in part.
///
/// Every run of eight bytes that stands in a secret, plain or percent-encoded, is taken out.
func scrubbed(_ text: String, of secrets: [Secret], limit: Int = 300) -> String {
    let bytes = Array(text.utf8)
    var isSecret = [Bool](repeating: false, count: bytes.count)
    for form in secrets.flatMap({ [Array($0.revealed.utf8), Array(FormText.encoded($0.revealed).utf8)] }) where !form.isEmpty {
        let length = min(8, form.count)
        let windows = Set((0...form.count - length).map { form[$0..<$0 + length] })
        guard bytes.count >= length else { continue }
        for start in 0...bytes.count - length where windows.contains(bytes[start..<start + length]) {
            for place in start..<start + length { isSecret[place] = true }
        }
    }
    var result: [UInt8] = []
    for (place, byte) in bytes.enumerated() {
        if !isSecret[place] {
            result.append(byte)
        } else if place == 0 || !isSecret[place - 1] {
            result += "<redacted>".utf8
        }
    }
    return quoted(String(decoding: result, as: UTF8.self), limit: limit)
}

/// `application/x-www-form-urlencoded`, with the strict set of unreserved characters that signatures expect.
enum FormText {
    static func encoded(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 48...57, UInt8(ascii: "-"),
                UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.append(byte)
            default: result += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    static func body(_ fields: [(String, String)]) -> [UInt8] {
        Array(fields.map { "\(encoded($0.0))=\(encoded($0.1))" }.joined(separator: "&").utf8)
    }
}
