extension Day: LosslessStringConvertible {
    /// Reads `YYYY-MM-DD`, exactly ten ASCII characters: no sign, no spaces, no missing zeros.
    ///
    /// - Parameter text: For example `2024-02-29`.
    /// - Returns: nil for any other form and for days that do not exist.
    public init?(iso text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for byte in bytes[range] {
                guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// The same as `init(iso:)`.
    public init?(_ description: String) { self.init(iso: description) }

    /// `YYYY-MM-DD`, the text `init(iso:)` reads; years outside 0...9999 carry a sign or more digits, and that text is not read back.
    public var iso: String {
        let (year, month, day) = civil
        return (year < 0 ? "-" : "") + Day.padded(Int(year.magnitude), 4) + "-" + Day.padded(month, 2) + "-" + Day.padded(day, 2)
    }

    /// The same as `iso`.
    public var description: String { iso }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
