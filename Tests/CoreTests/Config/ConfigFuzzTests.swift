import Core
import Testing

/// Mutations of good configs: whatever the bytes, loading ends soon, and what is accepted has a canonical text.
@Suite("Config fuzzing")
struct ConfigFuzzTests {
    /// SplitMix64 (Steele, Lea, Flood 2014): the same mutations on every machine.
    private struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let tokens: [String] = [
        "null", "~", "true", "yes", "-1", "1e999", "1e-999", ".inf", ".nan", "0x10", "99999999999999999999999999999999999999999999", "\"\"",
        "''", "[]", "{}", "<<",
        "&a", "*a", "!!str", "!!binary", "!x", "---", "...", "%YAML 9.9", "? ", ": ", "- ", "|\n", ">-\n", "\t", "\r", "\u{85}", "\u{2028}",
        "\u{FEFF}", "\u{0}",
        "#", "\\", "{a: &b [*b]}", "[[[[[[[[", "}}}}", "2262-01-01", "today-400y", "data_generation", "metrics", "name", "日本",
        "e\u{301}",
    ]

    private static func mutate(_ bytes: inout [UInt8], _ random: inout Random) {
        let place = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 0...40, using: &random))
        switch Int.random(in: 0..<10, using: &random) {
        case 0: if !bytes.isEmpty { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        case 1: if !bytes.isEmpty { bytes[place] = UInt8.random(in: 0...255, using: &random) }
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 4: bytes.removeSubrange(end...)
        case 5, 6, 7:
            if let token = tokens.randomElement(using: &random) { bytes.replaceSubrange(place..<min(end, place + 3), with: token.utf8) }
        case 8: bytes.insert(contentsOf: nesting(Int.random(in: 1...200, using: &random), using: &random).utf8, at: place)
        default: swapWords(&bytes, &random)
        }
    }

    private static func nesting(_ depth: Int, using random: inout Random) -> String {
        let (open, close) = [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")].randomElement(using: &random) ?? ("[", "]")
        return String(repeating: open, count: depth) + "x" + String(repeating: close, count: depth)
    }

    private static func swapWords(_ bytes: inout [UInt8], _ random: inout Random) {
        var words = bytes.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count > 1 else { return }
        words.swapAt(Int.random(in: 0..<words.count, using: &random), Int.random(in: 0..<words.count, using: &random))
        bytes = Array(words.joined(separator: [UInt8(ascii: " ")]))
    }

    /// Loads, and checks what must hold of any result.
    ///
    /// - Returns: Whether the text was accepted.
    private static func examine(_ bytes: [UInt8], _ label: String) throws -> Bool {
        let start = ContinuousClock.now
        defer { #expect(ContinuousClock.now - start < .seconds(10), "\(label) took too long") }
        let loaded: LoadedConfig
        do {
            loaded = try ConfigLoader.load(bytes: bytes, file: "fuzz.yaml", today: ConfigSupport.today)
        } catch {
            #expect(error.problems.contains { $0.severity == .error } && !error.text.isEmpty && !error.json.isEmpty)
            #expect(!error.text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" }, "\(label) leaks control characters")
            return false
        }
        let canonical = Array(loaded.effective.canonicalJSON().utf8)
        let again = try ConfigLoader.load(bytes: canonical, file: "fuzz.yaml", today: ConfigSupport.today)
        #expect(again.spec == loaded.spec && Array(again.effective.canonicalJSON().utf8) == canonical, "\(label) is no fixed point")
        return true
    }

    @Test("three thousand mutated configs neither crash nor hang, and what is accepted is a fixed point", arguments: 0..<6)
    func mutations(part: Int) throws {
        let seeds = try ConfigSupport.fixtures(".good.yaml").map { try ConfigSupport.fixture($0) }
        var random = Random(state: UInt64(part))
        var accepted = 0
        for round in 0..<500 {
            var bytes = try #require(seeds.randomElement(using: &random))
            for _ in 0...Int.random(in: 0..<4, using: &random) { Self.mutate(&bytes, &random) }
            if try Self.examine(bytes, "part \(part), round \(round)") { accepted += 1 }
        }
        // Neither all nor none: otherwise the mutations are too weak or too wild to say anything.
        #expect(accepted > 4 && accepted < 400, "\(accepted) of 500 were accepted")
    }

    @Test(
        "texts made to be slow are refused in time",
        arguments: [
            String(repeating: "[", count: 500_000), String(repeating: "{a: ", count: 200_000), String(repeating: "- ", count: 400_000),
            String(repeating: "? ", count: 400_000), String(repeating: "a: &a [*a, *a]\n", count: 50_000),
            String(repeating: "!", count: 500_000),
            String(repeating: "\"", count: 500_000), String(repeating: "#", count: 1_000_000), String(repeating: "\n", count: 1_000_000),
            String(repeating: "x", count: 1_000_000), String(repeating: "- x\n", count: 200_000),
            String(repeating: "k\u{301}: 1\n", count: 100_000),
            "a: &a [" + String(repeating: "x,", count: 9_000) + "]\nb: [" + String(repeating: "*a,", count: 9_000) + "]\n",
            "data_generation: {" + (0..<45_000).map { "u\($0)" }.joined(separator: ",") + "}",
            "data_generation: {" + String(repeating: "num_servers: 1,", count: 24_000) + "}",
            "? {" + String(repeating: "a", count: 900_000) + ": 1}\n: 2",
            "data_generation: { num_servers: " + String(repeating: "9", count: 60_000) + " }",
            "data_generation: { missing_rate: 0." + String(repeating: "9", count: 60_000) + " }",
            "data_generation: { missing_rate: 1e" + String(repeating: "9", count: 60_000) + " }",
        ])
    func slow(text: String) throws { #expect(try !Self.examine(Array(text.utf8), String(text.prefix(20)))) }

    @Test("the largest config that is allowed loads in time, and is a fixed point")
    func largest() throws {
        let metrics = (0..<500).map { "{ name: metric_\($0), base_mean: \($0 % 100), unit: \"u\($0)\" }" }.joined(separator: ", ")
        let labels = (0..<1000).map { "label_\($0)_\(String(repeating: "x", count: 100))" }.joined(separator: ", ")
        let weights = (0..<1000).map { "weight_\($0): 0.001" }.joined(separator: ", ")
        let text = "data_generation: { metrics: [\(metrics)], metadata: { regions: [\(labels)], business_units: { \(weights) } } }"
        #expect(try Self.examine(Array(text.utf8), "largest"))
    }
}
