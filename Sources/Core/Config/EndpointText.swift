/// Addresses of services, as text.
public enum EndpointText {
    /// What is wrong with an address, in words that do not show it (it might hold a password), or nil for scheme, host and optional port.
    public static func problem(of url: String) -> String? {
        url.utf8.count > TextRule.endpoint.maximumBytes ? "the address is too long" : TextRule.endpoint.complaint(url)?.message
    }

    /// What is wrong with the name of a region, or nil.
    public static func problem(ofRegion name: String) -> String? { TextRule.region.complaint(name)?.message }

    /// What is wrong with the name of a bucket, or nil.
    public static func problem(ofBucket name: String) -> String? {
        name.isEmpty ? "it is empty" : TextRule.bucket.complaint(name)?.message
    }

    /// Whether the address is plain http to another machine.
    public static func isExposed(_ url: String) -> Bool {
        guard let endpoint = EndpointURL(url) else { return url.hasPrefix("http://") }
        return !endpoint.isSecure && !endpoint.isLoopback
    }

    /// Whether the address is on this machine.
    public static func isLocal(_ url: String) -> Bool { EndpointURL(url)?.isLoopback ?? false }
}
