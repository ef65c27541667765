public import Logging
import Synchronization

/// Keeps repeats of one message about one dataset from filling the journal, whose own limit (10,000 entries in 30 s) drops whatever comes
/// next (S20). One limiter serves all handlers of the process.
public final class RepeatLimiter: Sendable {
    private struct Key: Hashable {
        let level: Logger.Level
        let message: String
        let event: String?
        let dataset: String?
    }

    private struct Sample {
        let handler: any LogHandler
        let event: LogEvent
    }

    private let filter: Mutex<RepeatFilter<Key, Sample>>
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - burst: Entries per window that pass.
    ///   - window: Time from the first entry until the summary.
    public init(
        burst: Int = 5, window: Duration = .seconds(30), now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        filter = Mutex(RepeatFilter(burst: burst, window: window))
        self.now = now
    }

    /// Writes the summaries whose time has come; they are written before the next entry too.
    /// - Returns: When to call again, or nil: at the next entry.
    @discardableResult
    public func flush() -> ContinuousClock.Instant? {
        let time = now()
        let (summaries, next) = filter.withLock { ($0.due(now: time), $0.nextDue) }
        write(summaries)
        // A thousand windows that began together end one by one: they are not worth a thousand wake-ups.
        return next.map { max($0, time + .seconds(1)) }
    }

    /// Writes all summaries, at shutdown.
    public func finish() { write(filter.withLock { $0.drain() }) }

    fileprivate func log(_ event: LogEvent, to handler: any LogHandler) {
        let record = LogRecord(event, logger: handler.metadata, provider: handler.metadataProvider)
        let key = Key(level: record.level, message: record.message, event: record.event, dataset: record.text(of: "dataset"))
        let (summaries, passes) = filter.withLock { $0.admit(key, Sample(handler: handler, event: event), now: now()) }
        write(summaries)
        if passes { handler.log(event: event) }
    }

    private func write(_ summaries: [RepeatFilter<Key, Sample>.Summary]) {
        for summary in summaries {
            var event = summary.sample.event
            event.message = "repeated: \(event.message.description)"
            event.metadata = (event.metadata ?? [:]).merging([
                "repeats": .stringConvertible(summary.count), "repeat_seconds": .stringConvertible(summary.span.components.seconds),
            ]) { _, own in own }
            summary.sample.handler.log(event: event)
        }
    }
}

/// Any handler behind a `RepeatLimiter`.
public struct SummarisingLogHandler: LogHandler {
    private var base: any LogHandler
    private let limiter: RepeatLimiter

    /// - Parameters:
    ///   - base: Takes what passes, and the summaries.
    ///   - limiter: Shared by all handlers of the process.
    public init(_ base: any LogHandler, limiter: RepeatLimiter) {
        self.base = base
        self.limiter = limiter
    }

    /// Entries below it are left out.
    public var logLevel: Logger.Level {
        get { base.logLevel }
        set { base.logLevel = newValue }
    }
    /// Data of every entry.
    public var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }
    /// Data of the task that logs.
    public var metadataProvider: Logger.MetadataProvider? {
        get { base.metadataProvider }
        set { base.metadataProvider = newValue }
    }
    /// Data of every entry, by key.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }

    /// Passes the entry on, or counts it.
    public func log(event: LogEvent) { limiter.log(event, to: base) }
}
