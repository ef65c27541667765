import Core

/// An HTTP proxy that the environment names.
package struct ProxyAddress: Sendable, Equatable {
    /// Why a proxy variable cannot be used: a sentence with the remedy, without the value, which may hold a password.
    package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// The sentence.
        package let description: String
    }

    /// Without the brackets of IPv6.
    package let host: String
    package let port: Int
    /// The user's name and password, where the variable has them.
    package let login: (user: String, password: Secret)?

    package static func == (left: ProxyAddress, right: ProxyAddress) -> Bool {
        left.host == right.host && left.port == right.port && left.login?.user == right.login?.user
            && left.login?.password == right.login?.password
    }

    /// The proxy for a request, or nil for none.
    ///
    /// `HTTPS_PROXY` or `HTTP_PROXY` by the scheme, in capitals or small letters, and `NO_PROXY`: names with all that is below them, or `*`. What is on
    /// this machine is never asked through a proxy.
    package static func choose(for url: String, environment: [String: String]) throws(Problem) -> ProxyAddress? {
        guard let target = EndpointURL(url), !target.isLoopback else { return nil }
        func variable(_ name: String) -> (name: String, value: String)? {
            for name in [name.lowercased(), name] { if let value = environment[name], !value.isEmpty { return (name, value) } }
            return nil
        }
        guard let given = variable(target.isSecure ? "HTTPS_PROXY" : "HTTP_PROXY") else { return nil }
        for entry in (variable("NO_PROXY")?.value ?? "").lowercased().split(whereSeparator: { $0 == "," || $0 == " " }) {
            let name = entry.drop { $0 == "." }
            if name == "*" || target.host == name || target.host.hasSuffix(".\(name)") { return nil }
        }
        guard let proxy = ProxyAddress(given.value) else {
            throw Problem(
                description: "The variable \(given.name) names no proxy that can be used. Write it like http://proxy.example.com:3128, or "
                    + "http://user:password@proxy.example.com:3128 with signs of the password as %xx; proxies of other kinds are not known."
            )
        }
        return proxy
    }

    /// - Parameter text: `http://user:password@host:port`; all but the host may be missing. The port is 80 then, as elsewhere.
    package init?(_ text: String) {
        var rest = text[...]
        if let scheme = text.firstRange(of: "://") {
            guard text[..<scheme.lowerBound].lowercased() == "http" else { return nil }
            rest = text[scheme.upperBound...]
        }
        var login: (user: String, password: Secret)?
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            // A plus is a plus here.
            let plain = parts.map {
                URIEncoding.decode($0.split(separator: "+", omittingEmptySubsequences: false).joined(separator: "%2B"))
            }
            guard let user = plain[0], !user.isEmpty, !user.contains(":"), let password = plain.count == 2 ? plain[1] : "" else {
                return nil
            }
            login = (user, Secret(password))
            rest = rest[rest.index(after: at)...]
        }
        guard let url = EndpointURL("http://\(rest)"), ["", "/"].contains(url.rest) else { return nil }
        host = url.host
        port = url.port ?? 80
        self.login = login
    }
}
