import Core
import Foundation
import Testing

/// What the tests of the configuration share.
enum ConfigSupport {
    /// The day that relative dates of the fixtures are measured from.
    static let today = Day(iso: "2026-06-15") ?? Day(number: 0)

    /// The repository's root.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Names of the fixtures that end in `suffix`, sorted.
    static func fixtures(_ suffix: String) -> [String] {
        let folder = Bundle.module.url(forResource: "Fixtures", withExtension: nil)
        let names = folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0.path) } ?? []
        return names.filter { $0.hasSuffix(suffix) }.sorted()
    }

    static func fixture(_ name: String) throws -> [UInt8] {
        let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
        return try ConfigFile.read(path: folder.appendingPathComponent(name).path)
    }

    /// Loads a text as `test.yaml`.
    static func load(
        _ text: String = "data_generation: {}", environment: [String: String] = [:], _ flags: [(path: String, value: String)] = []
    ) throws(ConfigProblems) -> LoadedConfig {
        try ConfigLoader.load(bytes: Array(text.utf8), file: "test.yaml", environment: environment, flags: flags, today: today)
    }

    /// Loads the default dataset with flags.
    static func load(flags: [(path: String, value: String)]) throws(ConfigProblems) -> LoadedConfig {
        try load("data_generation: {}", flags)
    }

    /// The problems of flags on the default dataset.
    static func problems(flags: [(path: String, value: String)]) -> [ConfigProblem] { problems("data_generation: {}", flags) }

    /// The problems of a text that must be refused.
    static func problems(
        _ text: String = "data_generation: {}", environment: [String: String] = [:], _ flags: [(path: String, value: String)] = []
    ) -> [ConfigProblem] {
        do throws(ConfigProblems) {
            _ = try load(text, environment: environment, flags)
            return []
        } catch {
            return error.problems
        }
    }
}
