/// Which generations stay, and how long the others linger.
public struct RetentionPolicy: Hashable, Sendable {
    /// Generations that stay listed, at least 1.
    public let keepLast: Int
    /// Hours between unlisting a generation and deleting its files: longer than any reader works with one generation.
    public let graceHours: Int

    /// - Precondition: `keepLast >= 1`, `graceHours >= 0`.
    public init(keepLast: Int, graceHours: Int) {
        precondition(keepLast >= 1 && graceHours >= 0, "at least the latest generation stays")
        self.keepLast = keepLast
        self.graceHours = graceHours
    }

    /// The policy of a validated config.
    public init(_ spec: RetentionSpec) { self.init(keepLast: spec.keepLast, graceHours: spec.graceHours) }
}

/// What a sweep did, for the caller's log.
public struct RetentionReport: Hashable, Sendable {
    /// A file that stays although its generation goes.
    public struct Kept: Hashable, Sendable {
        /// The file.
        public let key: ObjectKey
        /// Why it stays.
        public let reason: String
    }

    /// Generations that were taken off the list.
    public var unlisted: [Int] = []
    /// Generations that were deleted.
    public var deletedGenerations: [Int] = []
    /// Their files that were deleted.
    public var deletedKeys: [ObjectKey] = []
    /// Their files that stay.
    public var kept: [Kept] = []
    /// Why nothing was deleted although generations were due.
    public var refusal: StoreError?

    /// Whether there was nothing to do.
    public var isEmpty: Bool { self == RetentionReport() }
}

extension Pointer {
    /// The pointer that publishes a manifest: the generations beyond `keepLast` leave the list in the same step.
    /// - Parameter sha256: The hash of the manifest's text.
    init(announcing manifest: Manifest, sha256: ContentHash, after earlier: Pointer?, retention: RetentionPolicy) {
        let retained = (earlier?.retained ?? []) + [manifest.generation]
        self.init(
            dataset: manifest.dataset, generation: manifest.generation, manifestSHA256: sha256,
            retained: retained.suffix(retention.keepLast),
            unlisted: (earlier?.unlisted ?? [])
                + retained.dropLast(retention.keepLast).map { Unlisted(generation: $0, since: manifest.run.created) })
    }

    /// The same pointer with fewer generations on the list.
    ///
    /// - Parameter generations: Those with a manifest; what neither list knows (a pointer was restored from a backup) leaves as well.
    func unlisting(beyond keepLast: Int, generations: [Int], now: Moment) -> Pointer {
        let leaving = Set(unlisted.map(\.generation))
        let unknown = generations.filter { $0 < generation && !retained.contains($0) && !leaving.contains($0) }
        let going = (unknown + retained.dropLast(keepLast)).sorted()
        return Pointer(
            dataset: dataset, generation: generation, manifestSHA256: manifestSHA256, retained: retained.suffix(keepLast),
            unlisted: unlisted + going.map { Unlisted(generation: $0, since: now) })
    }

    /// The same pointer without generations that are gone.
    func forgetting(_ gone: Set<Int>) -> Pointer {
        Pointer(
            dataset: dataset, generation: generation, manifestSHA256: manifestSHA256, retained: retained,
            unlisted: unlisted.filter { !gone.contains($0.generation) })
    }
}
