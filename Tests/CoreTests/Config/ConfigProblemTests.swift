import Core
import Foundation
import Testing

@Suite("Config problems")
struct ConfigProblemTests {
    @Test("a problem reads like a compiler's")
    func text() {
        let text = """
            data_generation:
              metrics:
                - { name: a,  base_std: -3 }
            """
        #expect(
            ConfigSupport.problems(text).map(\.text) == [
                """
                test.yaml:3:29: data_generation.metrics[0].base_std: -3 is below 0; expected a number from 0 to 1e9
                       3 |     - { name: a,  base_std: -3 }
                         |                             ^~
                    remedy: write for example base_std: 12
                """
            ])
    }

    @Test("columns count characters, and control characters are escaped in the excerpt")
    func excerpt() {
        let problem = ConfigSupport.problems("data_generation: { metadata: { regions: [\"日本\u{202E}\"] }, x\u{9}: 1 }\n").first
        #expect(problem?.column == 52)
        #expect(problem?.excerpt?.contains("日本\\u{202e}") == true)
        let marker = problem?.excerpt?.split(separator: "\n").last.map(String.init) ?? ""
        let line = problem?.excerpt?.split(separator: "\n").first.map(String.init) ?? ""
        let caret = Array(marker).firstIndex(of: "^")
        #expect(caret != nil && caret == Array(line).firstIndex(of: "x"))
    }

    @Test("a long line is cut around the place")
    func longLine() {
        let text = "data_generation: { metadata: { regions: [" + (0..<300).map { "label\($0)" }.joined(separator: ", ") + "] }, oops: 1 }"
        let excerpt = ConfigSupport.problems(text).first?.excerpt ?? ""
        #expect(excerpt.contains("..."))
        #expect(excerpt.split(separator: "\n").allSatisfy { $0.count < 130 })
        #expect(excerpt.contains("oops"))
    }

    @Test("credentials of a URL never show, whatever the problem")
    func credentials() {
        for text in [
            "data_generation: {}\nstorage: { endpoint_url: \"https://user:geheim@host\", bucket_name: A }",
            "data_generation: {}\nstorage: { endpoint: https://user:geheim@host }",
            "data_generation: {}\nstorage: { endpoint_url: https://user:geheim@host",
        ] {
            let problems = ConfigSupport.problems(text)
            #expect(!problems.isEmpty)
            #expect(!ConfigProblems(problems).text.contains("geheim") && !ConfigProblems(problems).json.contains("geheim"))
        }
        let flag = ConfigSupport.problems(flags: [("storage.endpoint_url", "https://user:geheim@host")])
        #expect(flag.count == 1 && !flag[0].text.contains("geheim"))
    }

    @Test("the JSON form is that of Codable")
    func json() throws {
        let problems = ConfigSupport.problems(
            "data_generation: { num_server: \"5\u{7F}é\" , random_seed: -1 }".replacingOccurrences(of: "\u{7F}", with: ""))
        let decoded = try JSONDecoder().decode([ConfigProblem].self, from: Data(ConfigProblems(problems).json.utf8))
        #expect(decoded == problems && decoded.count == 2)
    }

    @Test("many problems are counted, not all shown, and take no long time")
    func many() {
        let text = "data_generation:\n" + (0..<20_000).map { "  unknown_\($0): 1\n" }.joined()
        let clock = ContinuousClock()
        var problems: [ConfigProblem] = []
        let time = clock.measure { problems = ConfigSupport.problems(text) }
        #expect(problems.count == 201)
        #expect(problems.last?.message == "19800 further problems are not shown")
        #expect(time < .seconds(5))
    }

    @Test("problems are sorted by line, then column")
    func sorted() {
        let problems = ConfigSupport.problems("general: { b_: 1, a_: 1 }\nzz: 1\ndata_generation: { num_servers: 0, num_servers: 1 }\n")
        let places = problems.map { ($0.line ?? 0) * 1000 + ($0.column ?? 0) }
        #expect(places == places.sorted() && problems.count == 5)
    }
}
