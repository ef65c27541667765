import Glibc

/// An absolute http or https URL from outside, taken apart strictly: no user part, no fragment, no white space, nothing that two readers
/// could read in two ways. The decision who may see a token rests on it.
package struct EndpointURL: Sendable, Equatable {
    package let isSecure: Bool
    /// Lower case, without the brackets of IPv6.
    package let host: String
    package let port: Int?
    /// Path and query: empty, or begins with `/` or `?`.
    package let rest: String
    /// As it was given.
    package let text: String

    package init?(_ text: String) {
        guard (8...2048).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains("\\"),
            !text.contains("#")
        else { return nil }
        let lower = text.lowercased()
        isSecure = lower.hasPrefix("https://")
        guard isSecure || lower.hasPrefix("http://") else { return nil }
        let body = text.dropFirst(isSecure ? 8 : 7)
        let authority = body.prefix { $0 != "/" && $0 != "?" }
        rest = String(body.dropFirst(authority.count))
        self.text = text
        var name = authority
        var portText: Substring?
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            name = authority[authority.index(after: authority.startIndex)..<end]
            let tail = authority[authority.index(after: end)...]
            guard tail.isEmpty || tail.first == ":" else { return nil }
            portText = tail.isEmpty ? nil : tail.dropFirst()
            guard Self.address(String(name), AF_INET6) != nil else { return nil }
        } else {
            if let colon = authority.firstIndex(of: ":") {
                name = authority[..<colon]
                portText = authority[authority.index(after: colon)...]
            }
            guard !name.isEmpty, name.utf8.allSatisfy({ Self.isHostByte($0) }) else { return nil }
        }
        host = name.lowercased()
        if let portText {
            guard portText.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(portText), (1...65_535).contains(number) else {
                return nil
            }
            port = number
        } else {
            port = nil
        }
    }

    /// 127.0.0.0/8, ::1 and the name `localhost`.
    package var isLoopback: Bool {
        if let address = Self.address(host, AF_INET) { return address[0] == 127 }
        return host == "localhost" || isAddress("::1")
    }

    /// Whether the host is this address, however it is written.
    package func isAddress(_ other: String) -> Bool {
        [AF_INET, AF_INET6].contains { family in
            Self.address(host, family).map { $0 == Self.address(other, family) } ?? false
        }
    }

    /// The URL with `suffix` instead of its final slash.
    package func appending(_ suffix: String) -> String { (text.hasSuffix("/") ? String(text.dropLast()) : text) + suffix }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 48...57, UInt8(ascii: "."), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// The bytes of an address in its strict form (inet_pton(3)): no octal parts, no `127.1`.
    private static func address(_ text: String, _ family: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: family == AF_INET ? 4 : 16)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }
}
