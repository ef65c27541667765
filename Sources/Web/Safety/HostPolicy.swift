/// Which names a request may give the service. A page of another site whose name was made to point at this machine (DNS rebinding) still
/// names that site, and is refused.
package struct HostPolicy: Hashable, Sendable {
    /// The port of the socket, nil for a Unix socket, to which no browser can be led.
    let port: Int?
    /// Names beside those of the loopback interface, in lower case; with any port, because a proxy has its own.
    let names: Set<String>

    package init(port: Int?, names: Set<String>) {
        self.port = port
        self.names = names
    }

    private static let loopback: Set<String> = ["localhost", "127.0.0.1", "[::1]"]

    /// Whether `Host: authority` may be answered.
    package func admits(authority: String) -> Bool { admits(authority, defaultPort: 80) }

    /// Whether a page of this origin may change something: `http://localhost:9750`. An opaque origin, `null`, may not.
    package func admits(origin: String) -> Bool {
        for (scheme, defaultPort) in [("http://", 80), ("https://", 443)] where origin.lowercased().hasPrefix(scheme) {
            return admits(String(origin.dropFirst(scheme.count)), defaultPort: defaultPort)
        }
        return false
    }

    private func admits(_ authority: String, defaultPort: Int) -> Bool {
        guard let (host, port) = Self.split(authority.lowercased()) else { return false }
        if names.contains(host) { return true }
        guard Self.loopback.contains(host) else { return false }
        guard let own = self.port else { return true }
        return (port ?? defaultPort) == own
    }

    /// `name`, `name:80`, `[::1]:80`; nil for anything else.
    private static func split(_ authority: String) -> (host: String, port: Int?)? {
        guard !authority.isEmpty, authority.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "@") && $0 != UInt8(ascii: "/") })
        else { return nil }
        let bracket = authority.hasPrefix("[") ? authority.firstIndex(of: "]") : authority.startIndex
        guard let bracket, let colon = authority[bracket...].firstIndex(of: ":") else { return (authority, nil) }
        let digits = authority[authority.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = Int(digits) else {
            return nil
        }
        return (String(authority[..<colon]), port)
    }
}
