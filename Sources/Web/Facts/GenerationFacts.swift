import Core

/// What a generation holds, as far as a table shows it.
struct GenerationFacts: Hashable, Sendable {
    /// A line in miniature.
    struct Overview: Hashable, Sendable {
        let metric: String
        /// Means over equal parts of the window, oldest first; nil where there is no value.
        let means: [Double?]

        /// The most points that are drawn.
        static let maximumPoints = 240
    }

    let generation: Int
    let created: Moment
    let rows: Int
    let servers: Int
    let bytes: UInt64
    let files: Int
    let windowStart: String
    let windowEnd: String
    let granularity: String
    /// The quality gate's verdict.
    let passed: Bool
    let checks: Int
    let notApplicable: Int
    /// Of those that passed, how many would have without their effect, too.
    let inconclusive: Int
    var overview: [Overview] = []

    /// - Parameter manifest: The record that commits the generation.
    init(_ manifest: Manifest) {
        generation = manifest.generation
        created = manifest.run.created
        rows = manifest.run.rows
        servers = manifest.run.servers
        bytes = manifest.artifacts.reduce(0) { $0 + $1.bytes }
        files = manifest.artifacts.count
        windowStart = manifest.run.window.start.iso
        windowEnd = manifest.run.window.end.iso
        granularity = manifest.run.granularity.description
        let quality = try? CanonicalJSON(parsing: Array(manifest.run.quality.utf8))
        passed = quality?["passed"] == .bool(true)
        checks = quality?["checks"]?.integer() ?? 0
        notApplicable = quality?["not_applicable"]?.integer() ?? 0
        inconclusive = quality?["inconclusive"]?.integer() ?? 0
    }

    /// Takes the lines in miniature of a summary; none where it has none.
    mutating func take(summary bytes: [UInt8]) {
        guard let lines = (try? CanonicalJSON(parsing: bytes))?["overview"]?.array else { return }
        overview = lines.compactMap { line in
            guard let metric = line["metric"]?.string, let means = line["means"]?.array, means.count <= Overview.maximumPoints else {
                return nil
            }
            return Overview(
                metric: metric,
                means: means.map { value in
                    guard case .number(let text) = value else { return nil }
                    return Double(text)
                })
        }
    }
}
