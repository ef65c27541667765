import Testing
import Web

@Suite("Host and Origin checks") struct HostPolicyTests {
    private static let port = HostPolicy(port: 9750, names: ["status.example.com"])
    private static let socket = HostPolicy(port: nil, names: [])

    @Test(
        "Only names of this machine with its port, and names that were given, are answered",
        arguments: [
            ("localhost:9750", true), ("LOCALHOST:9750", true), ("127.0.0.1:9750", true), ("[::1]:9750", true),
            ("status.example.com", true), ("Status.Example.com:443", true), ("localhost", false), ("localhost:80", false),
            ("localhost:9751", false), ("127.0.0.2:9750", false), ("evil.example:9750", false), ("localhost.evil.example:9750", false),
            ("localhost:9750@evil.example", false), ("", false), ("localhost:", false), ("localhost:+9750", false),
            ("localhost:09750", true), ("[::1", false), ("localhost :9750", false), ("localhost:9750/", false),
        ])
    func authorities(_ authority: String, _ isAdmitted: Bool) {
        #expect(Self.port.admits(authority: authority) == isAdmitted)
    }

    @Test("A Unix socket has no port to name", arguments: ["localhost", "localhost:1", "127.0.0.1", "[::1]:80"])
    func unix(_ authority: String) {
        #expect(Self.socket.admits(authority: authority))
        #expect(!Self.socket.admits(authority: "evil.example"))
    }

    @Test(
        "A page of another origin may change nothing",
        arguments: [
            ("http://localhost:9750", true), ("https://status.example.com", true), ("http://status.example.com:8080", true),
            ("null", false), ("", false), ("http://localhost", false), ("https://localhost", false), ("file://localhost:9750", false),
            ("http://evil.example:9750", false), ("localhost:9750", false), ("http://localhost:9750/", false),
        ])
    func origins(_ origin: String, _ isAdmitted: Bool) {
        #expect(Self.port.admits(origin: origin) == isAdmitted)
    }
}
