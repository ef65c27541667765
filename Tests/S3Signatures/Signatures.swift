import FoundationEssentials
import S3

/// Signs the requests that standard input lists, one JSON object a line, and prints every stage of each: the other side of Tests/Interop's comparison
/// with botocore.
@main
struct Signatures {
    private struct Pair: Decodable {
        let name: String
        let value: String

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            name = try container.decode(String.self)
            value = try container.decode(String.self)
        }
    }

    private struct Case: Decodable {
        let method: String
        let path: String
        let query: [Pair]
        let headers: [Pair]
        let payloadHash: String
        let keyID: String
        let secret: String
        let region: String
        let service: String
        let stamp: String
    }

    private struct Stages: Encodable {
        let canonicalRequest: String
        let stringToSign: String
        let signature: String
        let authorization: String
        let url: String
    }

    static func main() throws {
        let (decoder, encoder) = (JSONDecoder(), JSONEncoder())
        while let line = readLine() {
            let given = try decoder.decode(Case.self, from: Data(line.utf8))
            let query = given.query.map { (name: $0.name, value: $0.value) }
            let signed = SignatureV4(
                SignableRequest(
                    method: given.method, path: given.path, query: query, headers: given.headers.map { (name: $0.name, value: $0.value) },
                    payloadHash: given.payloadHash),
                keyID: given.keyID, secret: Secret(given.secret), scope: .init(region: given.region, service: given.service),
                time: SigningTime(stamp: given.stamp))
            let stages = Stages(
                canonicalRequest: signed.canonicalRequest, stringToSign: signed.stringToSign, signature: signed.signature,
                authorization: signed.authorization,
                url: URIEncoding.encode(given.path, keepingSlashes: true) + "?" + SignatureV4.canonicalQuery(query))
            print(String(decoding: try encoder.encode(stages), as: UTF8.self))
        }
    }
}
