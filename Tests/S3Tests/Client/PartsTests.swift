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

    @Test("X3 Parts are equal for long, grow then, and ten thousand of them hold the largest object that memory allows")
    func partSizes() {
        let plan = PartPlan(base: 8 << 20)
        #expect((1...5000).allSatisfy { plan.size(of: $0) == 8 << 20 })
        #expect([5001, 6000, 6001, 9001, 10_000].map(plan.size) == [16 << 20, 16 << 20, 32 << 20, 256 << 20, 256 << 20])
        #expect((1...PartPlan.maximumParts).reduce(0) { $0 + plan.size(of: $1) } > 1 << 39)
        #expect((1...PartPlan.maximumParts).allSatisfy { PartPlan(base: 1 << 30).size(of: $0) <= 5 << 30 })
    }

    @Test(
        "X15 The proxy of the environment is asked, by scheme, unless NO_PROXY or this machine is meant",
        arguments: [
            ("https://s3.example.com", ["HTTPS_PROXY": "http://p.example.com:3128"], String?("p.example.com:3128")),
            ("https://s3.example.com", ["https_proxy": "p.example.com:3128", "HTTPS_PROXY": "http://other:1"], "p.example.com:3128"),
            ("https://s3.example.com", ["HTTPS_PROXY": "http://[fd00::1]:8080/"], "fd00::1:8080"),
            ("https://s3.example.com", ["HTTPS_PROXY": "http://p"], "p:80"),
            ("https://s3.example.com", ["HTTP_PROXY": "http://p:1"], nil),
            ("http://s3.example.com:9000", ["HTTP_PROXY": "http://p:1"], "p:1"),
            ("https://s3.example.com", ["HTTPS_PROXY": "http://p:1", "NO_PROXY": "a.org, .example.com"], nil),
            ("https://example.com", ["HTTPS_PROXY": "http://p:1", "no_proxy": "EXAMPLE.com"], nil),
            ("https://notexample.com", ["HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.com"], "p:1"),
            ("https://s3.example.com", ["HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"], nil),
            ("https://127.0.0.1:9000", ["HTTPS_PROXY": "http://p:1"], nil),
            ("https://localhost", ["HTTPS_PROXY": "http://p:1"], nil),
        ])
    func proxies(url: String, environment: [String: String], expected: String?) throws {
        let proxy = try ProxyAddress.choose(for: url, environment: environment)
        #expect(proxy.map { "\($0.host):\($0.port)" } == expected)
    }

    @Test("X15 A proxy may want a name and a password, which no text shows")
    func proxyLogin() throws {
        let proxy = try #require(
            try ProxyAddress.choose(for: "https://a.org", environment: ["HTTPS_PROXY": "http://me%40work:p%3A+w%2Fd@p:8080"]))
        #expect(proxy.login?.user == "me@work" && proxy.login?.password.revealed == "p:+w/d" && proxy.host == "p")
        #expect(!"\(proxy)".contains("w/d") && !String(reflecting: proxy).contains("w/d"))
    }

    @Test(
        "X15 A proxy that cannot be used is an error, never passed by",
        arguments: [
            "https://p:1", "socks5://p:1", "http://", "http://p:0", "http://p:x", "http://p:1/path", "http://:secret@p:1",
            "http://a%zz:secret@p",
        ])
    func badProxies(text: String) {
        let error = #expect(throws: ProxyAddress.Problem.self) {
            try ProxyAddress.choose(for: "https://a.org", environment: ["HTTPS_PROXY": text])
        }
        #expect(error?.description.contains("HTTPS_PROXY") == true && error?.description.contains("secret") == false)
    }
}
