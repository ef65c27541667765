import S3
import Testing

@Suite("Profile files")
struct ProfileParserTests {
    private func parse(_ text: String, bare: Bool = false) throws -> [String: [String: String]] {
        let sections = try ProfileParser.sections(Array(text.utf8), allowsBareProperties: bare)
        return Dictionary(uniqueKeysWithValues: sections.map { ($0.header, $0.properties) })
    }

    @Test(
        "A text is read as AWS's tools read it",
        arguments: [
            ("[a]\nk = v", ["a": ["k": "v"]]),
            ("\u{FEFF}[a]\r\nk = v\r\n\r\n[b]\r\n", ["a": ["k": "v"], "b": [:]]),
            (
                "# c\n; c\n  # indented\n[a] # c\n[b];c\nk=v # c\nl=v;c\nm=v#c\nn = # nothing",
                ["a": [:], "b": ["k": "v", "l": "v;c", "m": "v#c", "n": ""]]
            ),
            ("[a]\nk = 1\nK = 2", ["a": ["k": "2"]]),
            ("[a]\nk = 1\n[b]\n[a]\nl = 2", ["a": ["k": "1", "l": "2"], "b": [:]]),
            ("[ profile  x ]\nk=a=b==", ["profile  x": ["k": "a=b=="]]),
            ("[a]\ns3 =\n  one = 1\n\ttwo = 2 # c\nk = v\n  more", ["a": ["s3": "\none = 1\ntwo = 2", "k": "v\nmore"]]),
            ("[a]\n\n   \nk\t=\tv\t", ["a": ["k": "v"]]),
            ("[ü]\nk = é", ["ü": ["k": "é"]]),
            ("", [:]),
        ])
    func canonicalTexts(text: String, expected: [String: [String: String]]) throws {
        #expect(try parse(text) == expected)
    }

    @Test(
        "What cannot be read is an error with its line",
        arguments: [
            ("k = v", 1, "before any"), ("[a\nk = v", 1, "']' is missing"), ("[a]\nhello", 2, "neither"), ("[]", 1, "without a name"),
            ("[a] b", 1, "after ']'"), ("[a]\n= v", 2, "without a name"), ("[a]\n  k = v", 2, "continues nothing"),
            ("[a]\nk = \u{0}", 2, "UTF-8"),
        ])
    func errors(text: String, line: Int, words: String) throws {
        let error = try #require(throws: ProfileParseError.self) { try parse(text) }
        #expect(error.line == line && error.problem.contains(words), "\(error)")
    }

    @Test("Bytes that are no UTF-8 are an error")
    func invalidBytes() {
        #expect(throws: ProfileParseError.self) { try ProfileParser.sections([0x5B, 0x61, 0x5D, 0x0A, 0x6B, 0x3D, 0xFF]) }
    }

    @Test("Lines before any section are of section default where that is allowed")
    func bareProperties() throws {
        #expect(try parse("k = v\n[b]\n", bare: true) == ["default": ["k": "v"], "b": [:]])
    }

    @Test("Neither a section nor an error shows a value")
    func nothingLeaks() throws {
        let sections = try ProfileParser.sections(Array("[a]\naws_secret_access_key = \(secretKey)".utf8))
        expectNoSecret(in: sections)
        let error = try #require(throws: ProfileParseError.self) { try parse("[a]\n\(sessionToken.replacing("=", with: ""))") }
        expectNoSecret(in: error)
    }

    @Test("Twenty thousand mutated texts are read or refused, and what is read is a fixed point when written again")
    func mutations() throws {
        let base = Array(
            "\u{FEFF}[default]\r\naws_access_key_id = AKIA # c\n[profile x] ; c\nrole_arn=a=b\ns3 =\n  nested = 1\n\n[sso-session é]\nsso_region = eu\n"
                .utf8)
        let pieces: [[UInt8]] =
            ["[", "]", "=", "\n", "\r\n", " ", "\t", "#", ";", "\u{FEFF}", "é", "\0"].map { Array($0.utf8) } + [[0xFF], [0xC3]]
        var random = SeededGenerator(seed: 4)
        var read = 0
        for _ in 0..<20_000 {
            var bytes = base
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0...bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.insert(contentsOf: pieces[Int.random(in: 0..<pieces.count, using: &random)], at: place)
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0...9, using: &random)))
                default: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
                }
            }
            guard let sections = try? ProfileParser.sections(bytes) else { continue }
            read += 1
            let again = try ProfileParser.sections(Array(written(sections).utf8))
            #expect(again == sections)
        }
        // Both outcomes must be common, or the mutations prove nothing.
        #expect((2_000...18_000).contains(read), "\(read)")
    }

    private func written(_ sections: [ProfileSection]) -> String {
        sections.map { section in
            let lines = section.properties.sorted { $0.key < $1.key }.map { name, value in
                "\(name)=\(value.replacing("\n", with: "\n  "))\n"
            }
            return "[\(section.header)]\n\(lines.joined())"
        }.joined()
    }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
