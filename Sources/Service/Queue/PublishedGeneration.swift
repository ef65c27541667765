public import Core

/// The generation that readers find after a run, whether this one made it or found it up to date.
public struct PublishedGeneration: Hashable, Sendable {
    /// Its number.
    public var number: Int
    /// Its rows.
    public var rows: Int
    /// When it was published; nil where its state was written by a version that did not keep that.
    public var created: Moment?
    /// How many checks of the quality gate it failed: 0, unless `quality.on_failure` is `warn`. Nil where nobody knows.
    public var failedChecks: Int?

    /// - Parameters: As the properties of the same names.
    public init(number: Int, rows: Int, created: Moment?, failedChecks: Int?) {
        self.number = number
        self.rows = rows
        self.created = created
        self.failedChecks = failedChecks
    }

    /// - Parameter manifest: The record that commits it.
    public init(_ manifest: Manifest) {
        let verdict = try? CanonicalJSON(parsing: Array(manifest.run.quality.utf8))
        self.init(
            number: manifest.generation, rows: manifest.run.rows, created: manifest.run.created,
            failedChecks: verdict?["passed"] == .bool(true) ? 0 : verdict?["failed"]?.array?.count)
    }
}
