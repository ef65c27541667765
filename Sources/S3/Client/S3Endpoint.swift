/// Where requests go: Amazon's endpoint of a region, or another service's address.
package struct S3Endpoint: Hashable, Sendable {
    /// How the bucket is named in a request.
    package enum Addressing: String, Hashable, Sendable {
        /// `https://host/bucket/key`
        case path
        /// `https://bucket.host/key`
        case virtual
    }

    /// `http` or `https`.
    package let scheme: String
    /// Host and, where it is not the scheme's own, port; nil for Amazon's, whose host follows from the region.
    package let authority: String?
    package let addressing: Addressing
    package let bucket: String

    /// - Parameters:
    ///   - url: Scheme and authority without a path, as the config's check lets through; nil for Amazon's.
    ///   - addressing: Nil for the usual: buckets in the host at Amazon unless their name has a dot (its certificate would not fit), in the
    ///     path elsewhere.
    package init(url: String?, addressing: Addressing?, bucket: String) {
        self.bucket = bucket
        guard let url else {
            scheme = "https"
            authority = nil
            self.addressing = addressing ?? (bucket.contains(".") ? .path : .virtual)
            return
        }
        let isPlain = url.hasPrefix("http://")
        scheme = isPlain ? "http" : "https"
        var rest = String(url.dropFirst(isPlain ? 7 : 8).prefix { $0 != "/" })
        let standard = isPlain ? ":80" : ":443"
        if rest.hasSuffix(standard) { rest.removeLast(standard.count) }
        authority = rest.lowercased()
        self.addressing = addressing ?? .path
    }

    /// The service's host without the bucket, with the port where one is given.
    package func service(region: String) -> String {
        authority ?? "s3.\(region).amazonaws.com\(region.hasPrefix("cn-") ? ".cn" : "")"
    }

    /// The value of the header `host`.
    package func host(region: String) -> String {
        addressing == .virtual ? "\(bucket).\(service(region: region))" : service(region: region)
    }

    /// The path of a key, not encoded.
    package func path(key: String?) -> String {
        (addressing == .path ? "/\(bucket)" : "") + (key.map { "/\($0)" } ?? (addressing == .path ? "" : "/"))
    }

    /// The address without bucket; nil for Amazon's.
    package var url: String? { authority.map { "\(scheme)://\($0)" } }
}
