/// The ids of a fleet: prefix and one-based number, padded with zeros.
struct ServerName: Sendable {
    let prefix: String
    let width: Int

    /// `SRV-0001` for ordinal 0.
    func id(_ server: Int) -> String {
        let digits = String(server + 1)
        return prefix + String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// The ordinal of an id; nil for any other text.
    func ordinal(_ id: String) -> Int? {
        guard id.hasPrefix(prefix) else { return nil }
        let digits = id.utf8.dropFirst(prefix.utf8.count)
        guard digits.count >= width, digits.count <= 18, digits.allSatisfy(\.isDigit),
            let number = Int(String(decoding: digits, as: UTF8.self)),
            number >= 1, self.id(number - 1) == id
        else { return nil }
        return number - 1
    }
}
