/// Whether a run has anything to do.
public enum UpToDate: Hashable, Sendable {
    /// The latest generation is what the run would make, and every byte of it is in place.
    case upToDate(Manifest)
    /// What differs, at least one.
    case stale([Difference])

    /// One reason for a run.
    public enum Difference: Hashable, Sendable, CustomStringConvertible {
        /// Nothing usable is published.
        case noGeneration
        /// A generation after the latest is damaged.
        case damaged(Int)
        /// The effective configuration.
        case configuration
        /// The part of it that decides the bytes.
        case data
        /// The version of the arithmetic.
        case algorithm(published: Int, now: Int)
        /// The panel's days.
        case window(published: DayRange, now: DayRange)
        /// A published file is gone.
        case missing(ObjectKey)
        /// A published file has other bytes.
        case changed(ObjectKey, expected: ContentHash, actual: ContentHash)

        /// A few words for the log.
        public var description: String {
            switch self {
            case .noGeneration: "nothing is published yet"
            case .damaged(let generation): "generation \(generation) is damaged"
            case .configuration: "the configuration changed"
            case .data: "the configuration of the data changed"
            case .algorithm(let published, let now): "algorithm version \(published) became \(now)"
            case .window(let published, let now):
                "the window \(published.start.iso) to \(published.end.iso) became \(now.start.iso) to \(now.end.iso)"
            case .missing(let key): "\(key) is missing"
            case .changed(let key, let expected, let actual): "\(key) has SHA-256 \(actual) instead of \(expected)"
            }
        }
    }
}

extension PublisherSession {
    /// Compares a run with the latest generation, and that generation with its files.
    ///
    /// - Complexity: Reads every artifact, unless the identity differs already.
    public func isUpToDate(_ run: RunIdentity) async throws(StoreError) -> UpToDate {
        if let damaged = damagedAfterLatest { return .stale([.damaged(damaged)]) }
        guard let latest else { return .stale([.noGeneration]) }
        let published = latest.run.identity
        var differences: [UpToDate.Difference] = []
        // A change of the data is a change of the whole configuration too; one reason is enough.
        if published.dataSHA256 != run.dataSHA256 {
            differences.append(.data)
        } else if published.configSHA256 != run.configSHA256 {
            differences.append(.configuration)
        }
        if published.algorithmVersion != run.algorithmVersion {
            differences.append(.algorithm(published: published.algorithmVersion, now: run.algorithmVersion))
        }
        if published.window != run.window { differences.append(.window(published: published.window, now: run.window)) }
        guard differences.isEmpty else { return .stale(differences) }
        for artifact in latest.artifacts {
            guard let actual = try await store.digest(of: artifact.key) else {
                differences.append(.missing(artifact.key))
                continue
            }
            if actual.sha256 != artifact.sha256 {
                differences.append(.changed(artifact.key, expected: artifact.sha256, actual: actual.sha256))
            }
        }
        return differences.isEmpty ? .upToDate(latest) : .stale(differences)
    }
}
