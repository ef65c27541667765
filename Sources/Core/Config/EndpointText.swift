/// Addresses of services, as text.
public enum EndpointText {
    /// What is wrong with an address, in words that do not show it (it might hold a password), or nil for scheme, host and optional port.
    public static func problem(of url: String) -> String? {
        url.utf8.count > TextRule.endpoint.maximumBytes ? "the address is too long" : TextRule.endpoint.complaint(url)?.message
    }

    /// Whether the address is plain http to another machine.
    public static func isExposed(_ url: String) -> Bool { url.hasPrefix("http://") && !isLoopback(String(url.dropFirst(7))) }

    /// Whether the address is on this machine.
    public static func isLocal(_ url: String) -> Bool {
        isLoopback(String(url.hasPrefix("https://") ? url.dropFirst(8) : url.dropFirst(7)))
    }

    /// Whether an authority (host and port, perhaps a slash) names this machine.
    static func isLoopback(_ authority: String) -> Bool {
        var host = authority.lowercased().prefix { $0 != "/" }
        if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") { host = host[..<colon] }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return host == "localhost" || host == "[::1]"
            || (parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil })
    }
}
