import Core
import Crypto

/// What a signature covers.
package struct SignableRequest: Sendable {
    /// `GET`, `PUT`...
    package var method: String
    /// Not encoded, from the first slash.
    package var path: String
    /// Not encoded, in any order.
    package var query: [(name: String, value: String)]
    /// All of them are signed; `host` is one.
    package var headers: [(name: String, value: String)]
    /// SHA-256 of the payload in hexadecimal, or one of the fixed words such as `UNSIGNED-PAYLOAD`.
    package var payloadHash: String

    /// - Parameters: As the properties of the same names.
    package init(
        method: String, path: String, query: [(name: String, value: String)] = [], headers: [(name: String, value: String)],
        payloadHash: String
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.payloadHash = payloadHash
    }
}

/// Signature Version 4, a pure function from request, keys and time to the `Authorization` header, every stage open to inspection.
///
/// ```
/// canonical request -> string to sign (with its SHA-256) -> HMAC with a key derived from (secret, day, region, service) -> hexadecimal
/// ```
/// S3 encodes the path once and leaves `//`, `/./` and `/../` as they are, because they are keys; other services normalise the path and encode it
/// twice. Source: Amazon S3 API reference, "Authenticating requests: AWS Signature Version 4"; IAM user guide, "Create a signed request".
package struct SignatureV4: Sendable {
    /// Where a signature counts.
    package struct Scope: Hashable, Sendable {
        /// For example `us-east-1`.
        package var region: String
        /// `s3`, `sts`...
        package var service: String

        /// - Parameters: As the properties of the same names.
        package init(region: String, service: String) {
            self.region = region
            self.service = service
        }
    }

    /// The text that is hashed first.
    package let canonicalRequest: String
    /// The text that is signed.
    package let stringToSign: String
    /// 64 hexadecimal digits.
    package let signature: String
    /// The value of the header `authorization`. Never logged.
    package let authorization: String

    /// - Parameters:
    ///   - request: With all headers that are sent and to be signed, `x-amz-date` among them.
    ///   - time: The same as in `x-amz-date`.
    package init(_ request: SignableRequest, keyID: String, secret: Secret, scope: Scope, time: SigningTime) {
        let headers = Self.canonical(request.headers)
        let names = headers.map(\.name).joined(separator: ";")
        canonicalRequest = [
            request.method, Self.canonicalPath(request.path, service: scope.service), Self.canonicalQuery(request.query),
            headers.map { "\($0.name):\($0.value)\n" }.joined(), names, request.payloadHash,
        ].joined(separator: "\n")
        let place = "\(time.day)/\(scope.region)/\(scope.service)/aws4_request"
        stringToSign = "AWS4-HMAC-SHA256\n\(time.stamp)\n\(place)\n\(ContentHash(of: Array(canonicalRequest.utf8)).hex)"
        var key = SymmetricKey(data: Array("AWS4\(secret.revealed)".utf8))
        for part in [time.day, scope.region, scope.service, "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
        signature = Hexadecimal.text(HMAC<SHA256>.authenticationCode(for: Array(stringToSign.utf8), using: key))
        authorization = "AWS4-HMAC-SHA256 Credential=\(keyID)/\(place), SignedHeaders=\(names), Signature=\(signature)"
    }

    /// The query as it is signed and sent: encoded, sorted by name and then value.
    package static func canonicalQuery(_ query: [(name: String, value: String)]) -> String {
        let encoded: [(name: String, value: String)] = query.map { pair in
            (URIEncoding.encode(pair.name, keepingSlashes: false), URIEncoding.encode(pair.value, keepingSlashes: false))
        }
        let sorted = encoded.sorted { $0.name == $1.name ? $0.value < $1.value : $0.name < $1.name }
        return sorted.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    private static func canonicalPath(_ path: String, service: String) -> String {
        let encoded = URIEncoding.encode(path, keepingSlashes: true)
        return service == "s3" ? encoded : URIEncoding.encode(normalised(encoded), keepingSlashes: true)
    }

    /// RFC 3986, section 5.2.4, with runs of slashes as one.
    private static func normalised(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") {
            switch part {
            case ".": break
            case "..": _ = parts.popLast()
            default: parts.append(part)
            }
        }
        let isFolder = path.hasSuffix("/") && !parts.isEmpty
        return "/" + parts.joined(separator: "/") + (isFolder ? "/" : "")
    }

    /// Lower-case names in order; runs of white space as one space; values of one name joined by commas.
    private static func canonical(_ headers: [(name: String, value: String)]) -> [(name: String, value: String)] {
        var values: [String: [String]] = [:]
        for header in headers {
            let value = header.value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
            values[header.name.lowercased(), default: []].append(value)
        }
        return values.sorted { $0.key < $1.key }.map { ($0.key, $0.value.joined(separator: ",")) }
    }
}

/// Bytes as lower-case hexadecimal digits.
enum Hexadecimal {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// RFC 4648's alphabet with padding.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func text(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits: UInt32 = 0
            for byte in group { bits = bits << 8 | UInt32(byte) }
            bits <<= UInt32(8 * (3 - group.count))
            for position in 0..<4 {
                let digit = alphabet[Int(bits >> UInt32(18 - 6 * position) & 63)]
                result.append(position <= group.count ? digit : UInt8(ascii: "="))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
