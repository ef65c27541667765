import Core
import Testing

@Suite("Canonical JSON")
struct CanonicalJSONTests {
    @Test(
        "Text has one canonical form, which is a fixed point",
        arguments: [
            ("{}", "{}\n"), (" [ ] ", "[]\n"), ("null", "null\n"), ("-0.50E+3", "-0.50E+3\n"),
            ("{\"b\":1,\"a\":[true,\"x\"]}", "{\n  \"a\": [\n    true,\n    \"x\"\n  ],\n  \"b\": 1\n}\n"),
            ("\"\\u00e9\\/\\u0041\\ud83d\\ude00\\u001f\\b\\n\"", "\"é/A😀\\u001f\\u0008\\n\"\n"),
            ("{\"Z\":1,\"a\":2,\"é\":3,\"_\":4}", "{\n  \"Z\": 1,\n  \"_\": 4,\n  \"a\": 2,\n  \"é\": 3\n}\n"),
        ])
    func canonical(text: String, expected: String) throws {
        let bytes = try CanonicalJSON(parsing: Array(text.utf8)).bytes
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
        #expect(try CanonicalJSON(parsing: bytes).bytes == bytes)
    }

    @Test(
        "Text that is not JSON is refused with its place",
        arguments: [
            ("", 0), ("{", 1), ("{\"a\":1,\"a\":2}", 12), ("[1,]", 3), ("01", 1), ("1.", 2), ("-", 1), ("tru", 0), ("\"a", 2),
            ("\"\n\"", 2),
            ("\"\\x\"", 3), ("\"\\ud800\"", 7), ("\"\\ud800\\u0041\"", 13), ("{\"a\" 1}", 5), ("{a:1}", 1), ("1 2", 2), ("\"\\u12\"", 3),
            ("1e", 2), ("NaN", 0),
        ])
    func refused(text: String, offset: Int) {
        let error = #expect(throws: CanonicalJSON.ParseError.self) { try CanonicalJSON(parsing: Array(text.utf8)) }
        #expect(error?.offset == offset)
    }

    @Test("Nesting is bounded, and invalid UTF-8 is refused")
    func hostile() {
        let deep = Array(String(repeating: "[", count: 100_000).utf8)
        #expect(throws: CanonicalJSON.ParseError.self) { try CanonicalJSON(parsing: deep) }
        #expect(throws: CanonicalJSON.ParseError.self) { try CanonicalJSON(parsing: [0x22, 0xFF, 0x22]) }
    }
}

@Suite("Moments")
struct MomentTests {
    @Test(
        "A moment's text is RFC 3339 in UTC and reads back",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (951_827_696, "2000-02-29T12:34:56Z"), (-1, "1969-12-31T23:59:59Z"),
            (-86_400, "1969-12-31T00:00:00Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] as [(Int64, String)])
    func text(seconds: Int64, text: String) {
        #expect(Moment(secondsSince1970: seconds).description == text)
        #expect(Moment(text) == Moment(secondsSince1970: seconds))
    }

    @Test(
        "Other texts are no moments",
        arguments: [
            "2000-02-30T00:00:00Z", "2000-02-29T24:00:00Z", "2000-02-29T00:60:00Z", "2000-02-29T00:00:00", "2000-02-29T00:00:00+00:00",
            "2000-02-29 00:00:00Z", "2000-02-29T+1:00:00Z",
        ])
    func refused(text: String) { #expect(Moment(text) == nil) }
}
