import Core
import Testing

@Suite("Config fixtures")
struct FixtureTests {
    /// One expectation of a fixture's first line: `# expect 4:14 "words"; 5:3 "other words"`.
    private struct Expectation: CustomStringConvertible {
        var line: Int
        var column: Int
        var words: String
        var description: String { "\(line):\(column) \(words)" }
    }

    private static func expectations(in bytes: [UInt8]) -> [Expectation] {
        let head = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
        return head.matches(of: /(\d+):(\d+) "(.*?)"(?:;|$)/).compactMap { match in
            guard let line = Int(match.1), let column = Int(match.2) else { return nil }
            return Expectation(line: line, column: column, words: String(match.3))
        }
    }

    @Test("there are enough of them")
    func count() {
        #expect(ConfigSupport.fixtures(".bad.yaml").count >= 60)
        #expect(ConfigSupport.fixtures(".good.yaml").count >= 15)
    }

    @Test("a bad config is refused with exactly the problems its first line names", arguments: ConfigSupport.fixtures(".bad.yaml"))
    func bad(name: String) throws {
        let bytes = try ConfigSupport.fixture(name)
        let expected = Self.expectations(in: bytes)
        try #require(!expected.isEmpty, "the first line of \(name) names no problem")
        let error = try #require(throws: ConfigProblems.self) {
            try ConfigLoader.load(bytes: bytes, file: name, name: "test", today: ConfigSupport.today)
        }
        let found = error.problems
        #expect(found.count == expected.count, "\(error.text)")
        for (problem, expectation) in zip(found, expected) {
            #expect(
                problem.line == expectation.line && problem.column == expectation.column, "\(problem.headline), expected \(expectation)")
            #expect(problem.text.contains(expectation.words), "\(problem.text), expected \(expectation)")
            #expect(problem.severity == .error)
            #expect(problem.remedy?.isEmpty == false, "\(problem.headline) has no remedy")
            #expect(problem.excerpt?.contains("^") == true, "\(problem.headline) has no excerpt")
        }
    }

    @Test("a good config loads, and its canonical text is a fixed point", arguments: ConfigSupport.fixtures(".good.yaml"))
    func good(name: String) throws {
        let loaded = try ConfigLoader.load(bytes: try ConfigSupport.fixture(name), file: name, name: "test", today: ConfigSupport.today)
        #expect(loaded.warnings.isEmpty)
        let canonical = loaded.effective.canonicalJSON()
        let again = try ConfigLoader.load(bytes: Array(canonical.utf8), file: "canonical", name: "test", today: ConfigSupport.today)
        #expect(again.spec == loaded.spec)
        #expect(Array(again.effective.canonicalJSON().utf8) == Array(canonical.utf8))
    }
}
