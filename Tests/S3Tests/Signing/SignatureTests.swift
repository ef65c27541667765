import S3
import Testing

@Suite("Signature V4")
struct SignatureTests {
    private static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    /// Amazon S3 API reference, "Examples: Signature calculations": a GET with a range.
    @Test("X1 The documented example has the documented signature")
    func documented() {
        let request = SignableRequest(
            method: "GET", path: "/test.txt",
            headers: [
                ("host", "examplebucket.s3.amazonaws.com"), ("range", "bytes=0-9"), ("x-amz-content-sha256", Self.empty),
                ("x-amz-date", "20130524T000000Z"),
            ],
            payloadHash: Self.empty)
        let signed = SignatureV4(
            request, keyID: "AKIAIOSFODNN7EXAMPLE", secret: Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            scope: .init(region: "us-east-1", service: "s3"), time: SigningTime(stamp: "20130524T000000Z"))
        #expect(signed.signature == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    }

    @Test(
        "X1 S3 leaves a key's dots and slashes alone and encodes once; other services tidy up and encode twice",
        arguments: [("s3", "/a//b/../c%20d"), ("sts", "/a/c%2520d")])
    func paths(service: String, expected: String) {
        let signed = SignatureV4(
            SignableRequest(method: "GET", path: "/a//b/../c d", headers: [("host", "h")], payloadHash: Self.empty), keyID: "k",
            secret: Secret("s"), scope: .init(region: "r", service: service), time: SigningTime(seconds: 0))
        #expect(signed.canonicalRequest.split(separator: "\n")[1] == expected)
    }

    @Test("Encoding is undone by decoding, for every byte")
    func encoding() {
        let text = String(decoding: (1...127).map { UInt8($0) }, as: UTF8.self) + "é漢🚀"
        let encoded = URIEncoding.encode(text, keepingSlashes: false)
        #expect(URIEncoding.decode(encoded) == text)
        #expect(encoded.utf8.allSatisfy { $0 < 127 && $0 > 32 })
        #expect(URIEncoding.encode("a/b c", keepingSlashes: true) == "a/b%20c")
        for broken in ["%", "%4", "%zz", "%FF"] { #expect(URIEncoding.decode(broken) == nil) }
        #expect(URIEncoding.decode("a+b") == "a b")
    }

    @Test(
        "X2 Dates of HTTP headers are read, other texts are not",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Int64?(784_111_777)), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:37 CET", nil),
            ("1994-11-06T08:49:37Z", nil), ("Sun, 31 Feb 1994 08:49:37 GMT", nil), ("", nil),
        ])
    func dates(text: String, expected: Int64?) { #expect(HTTPDate.seconds(text) == expected) }
}
