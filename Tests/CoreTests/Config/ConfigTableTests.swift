import Core
import Foundation
import Testing

@Suite("Config table")
struct ConfigTableTests {
    @Test("the checked-in reference page is the generated one")
    func reference() throws {
        let page = try String(contentsOf: ConfigSupport.root.appendingPathComponent("docs/CONFIG.md"), encoding: .utf8)
        #expect(page == ConfigReference.markdown, "run: fleetsynth schema --markdown > docs/CONFIG.md")
    }

    @Test("every example of the table is a right value that shows in the effective config", arguments: ConfigTable.keys.map(\.path))
    func examples(path: String) throws {
        let key = try #require(ConfigTable.key(path))
        let isMetric = path.hasPrefix("data_generation.metrics[].")
        let shown = path.replacingOccurrences(of: "metrics[]", with: key.name == "name" ? "metrics.x" : "metrics.cpu_p95")
        var flags = [(path: shown, value: key.example)]
        if path == "storage.use_s3" { flags.append(("storage.bucket_name", "my-bucket")) }
        if path == "truth.components" { flags.append(("truth.cells", "true")) }
        if path == "data_generation.aggregation.statistic" { flags.append(("data_generation.aggregation.of", "hourly")) }
        let text = key.name == "name" ? "data_generation: { metrics: [{ name: x }] }" : "data_generation: {}"
        let loaded = try ConfigSupport.load(text, flags)
        let origin = ConfigOrigin.flag(shown)
        let owner = isMetric && key.name == "name" ? "data_generation.metrics.cpu_p95.name" : shown
        if path == "data_generation.metrics" {
            #expect(loaded.spec.data.metrics.map(\.name) == ["cpu_p95"])
        } else {
            #expect(loaded.effective.lines.contains { $0.path == owner && $0.origin == origin })
        }
    }

    @Test("every key has words, and paths are unique")
    func words() {
        #expect(Set(ConfigTable.keys.map(\.path)).count == ConfigTable.keys.count)
        for key in ConfigTable.keys {
            #expect(!key.doc.isEmpty && !key.example.isEmpty && !key.expectation.isEmpty, "\(key.path)")
            #expect(ConfigReference.markdown.contains("| `\(key.name)` |"), "\(key.path)")
        }
    }

    @Test("the schema knows every key, and closes every mapping of keys")
    func schema() throws {
        let schema = try #require(JSONSerialization.jsonObject(with: Data(ConfigSchema.json.utf8)) as? [String: Any])
        #expect(schema["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["required"] as? [String] == ["data_generation"])
        for key in ConfigTable.keys {
            var node: [String: Any]? = schema
            for part in key.path.split(separator: ".") {
                let isMetrics = part == "metrics[]"
                if let alternatives = node?["anyOf"] as? [[String: Any]] { node = alternatives.first { $0["properties"] != nil } }
                node = (node?["properties"] as? [String: Any])?[isMetrics ? "metrics" : String(part)] as? [String: Any]
                if isMetrics { node = (node?["anyOf"] as? [[String: Any]])?.first?["items"] as? [String: Any] }
                if node?["properties"] != nil { #expect(node?["additionalProperties"] as? Bool == false) }
            }
            #expect(node != nil, "\(key.path) is missing")
            #expect(node?["description"] as? String == key.doc)
        }
    }
}
