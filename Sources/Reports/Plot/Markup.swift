/// HTML or SVG in the making. Markup goes in as it is written here; every text from elsewhere goes through `text`.
package struct Markup {
    package private(set) var bytes: [UInt8] = []

    /// Nothing yet.
    package init() {}

    /// Markup of our own, as it is.
    package mutating func raw(_ markup: String) { bytes.append(contentsOf: markup.utf8) }

    /// What another piece holds.
    mutating func append(_ other: Markup) { bytes.append(contentsOf: other.bytes) }

    /// Text as text, in an element or in an attribute's quotes.
    package mutating func text(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): raw("&amp;")
            case UInt8(ascii: "<"): raw("&lt;")
            case UInt8(ascii: ">"): raw("&gt;")
            case UInt8(ascii: "\""): raw("&quot;")
            case UInt8(ascii: "'"): raw("&#39;")
            // What HTML has no way to write.
            case 0..<9, 11, 12, 14..<32, 127: raw("\u{FFFD}")
            default: bytes.append(byte)
            }
        }
    }

    /// A number of a coordinate: one decimal at most, no more digits than it needs.
    package mutating func coordinate(_ value: Double) {
        var tenths = Int((value * 10).rounded())
        if tenths < 0 {
            bytes.append(UInt8(ascii: "-"))
            tenths = -tenths
        }
        integer(tenths / 10)
        if tenths % 10 != 0 {
            bytes.append(UInt8(ascii: "."))
            bytes.append(UInt8(ascii: "0") + UInt8(tenths % 10))
        }
    }

    /// A whole number that is not negative.
    private mutating func integer(_ value: Int) {
        if value >= 10 { integer(value / 10) }
        bytes.append(UInt8(ascii: "0") + UInt8(value % 10))
    }

    /// The same as text of its own.
    package static func escaped(_ text: String) -> String {
        var markup = Markup()
        markup.text(text)
        return markup.string
    }

    /// The whole.
    package var string: String { String(decoding: bytes, as: UTF8.self) }
}
