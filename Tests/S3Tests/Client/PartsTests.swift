import S3
import Testing

@Suite("S3's answers and waits")
struct PartsTests {
    @Test("X9 X10 Waits are even draws below a bound that doubles up to the cap")
    func waits() {
        let policy = RetryPolicy()
        #expect(policy.wait(after: 1, .transient, share: 1) == .milliseconds(50))
        #expect(policy.wait(after: 3, .transient, share: 0.5) == .milliseconds(100))
        #expect(policy.wait(after: 1, .throttled, share: 1) == .seconds(1))
        #expect(policy.wait(after: 40, .throttled, share: 1) == .seconds(20))
        #expect(policy.wait(after: 1, .transient, share: 0) == .zero)
        #expect(policy.wait(after: 1, .transient, share: 0, asked: .seconds(2)) == .seconds(2))
        #expect(policy.wait(after: 1, .transient, share: 0, asked: .seconds(60)) == .milliseconds(5050))
    }

    @Test("X10 The quota ends retries of a store in trouble, and successes bring them back")
    func quota() {
        var quota = RetryQuota()
        var taken = 0
        while quota.take(.transient) { taken += 1 }
        #expect(taken == 35)
        quota.succeed(after: .transient)
        let isTaken = quota.take(.transient)
        #expect(isTaken)
        for _ in 0..<1000 { quota.succeed(after: nil) }
        #expect(quota.tokens == RetryQuota.capacity)
    }

    @Test("An answer is read with white space before it, and without its name spaces")
    func xml() throws {
        let text = "\n \n<?xml version=\"1.0\"?><a:Error xmlns:a='x'><Code>Slow&amp;Down</Code><B><C/></B></a:Error>"
        let root = try #require(XMLNode(parsing: Array(text.utf8)))
        #expect(root.name == "Error" && root.value("Code") == "Slow&Down" && root.first("B")?.children.count == 1)
    }

    @Test(
        "What is no answer of S3 is refused",
        arguments: [
            "", " ", "no", "<a>", "<a></b>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a/><b/>",
            String(repeating: "<a>", count: 17) + String(repeating: "</a>", count: 17),
        ])
    func refused(text: String) { #expect(XMLNode(parsing: Array(text.utf8)) == nil) }

    @Test(
        "X15 Addresses: style, host, port, IPv6",
        arguments: [
            (String?.none, S3Endpoint.Addressing?.none, "bucket", "bucket.s3.eu-west-1.amazonaws.com", "/k"),
            (nil, nil, "with.dots", "s3.eu-west-1.amazonaws.com", "/with.dots/k"),
            ("https://minio.example.com:9000/", nil, "bucket", "minio.example.com:9000", "/bucket/k"),
            ("https://s3.example.com:443", .virtual, "bucket", "bucket.s3.example.com", "/k"),
            ("http://[::1]:9000", nil, "bucket", "[::1]:9000", "/bucket/k"),
        ])
    func endpoints(url: String?, style: S3Endpoint.Addressing?, bucket: String, host: String, path: String) {
        let endpoint = S3Endpoint(url: url, addressing: style, bucket: bucket)
        #expect(endpoint.host(region: "eu-west-1") == host)
        #expect(endpoint.path(key: "k") == path)
    }
}
