public import Core
public import Service

/// All that the pages and the interface know of the service. A value of closures, so that tests and the service itself stand behind the
/// same pages.
public struct WebBackend: Sendable {
    /// Answers what the control socket answers, too.
    public var answer: @Sendable (ControlRequest) async -> ControlResponse
    /// Configs that are refused now, in the order of their files.
    public var refused: @Sendable () async -> [RefusedConfig]
    /// Where a dataset is published; nil for a dataset without a config in force.
    public var published: @Sendable (_ dataset: String) async -> PublishedGenerations?
    /// Metrics in the text format of Prometheus.
    public var metrics: @Sendable () async -> String
    /// The time.
    public var now: @Sendable () -> Moment

    /// - Parameters: As the properties of the same names.
    public init(
        answer: @escaping @Sendable (ControlRequest) async -> ControlResponse,
        refused: @escaping @Sendable () async -> [RefusedConfig],
        published: @escaping @Sendable (_ dataset: String) async -> PublishedGenerations?,
        metrics: @escaping @Sendable () async -> String,
        now: @escaping @Sendable () -> Moment
    ) {
        self.answer = answer
        self.refused = refused
        self.published = published
        self.metrics = metrics
        self.now = now
    }

    /// How things are; nil while the service cannot tell.
    func report() async -> StatusReport? {
        guard case .status(let report) = await answer(.status(dataset: nil)) else { return nil }
        return report
    }
}
