public import Core

/// What the config directory holds, what is in force, and what to tell of the difference.
///
/// Pure: observations and the time come in as values.
///
/// A file goes through these states; `live` is the content in force, which neither a wrong file nor a missing one nor a missing directory
/// touches.
/// ```
/// new content --right--> candidate --no conflict--> live          apply, or restore where it is in force already
///             \--wrong--> suspect --wrong after the quiet time--> refused
/// gone --grace--> removed      at once where nothing is in force, after the quiet time where somebody asked for a look
/// ```
/// Files are independent of one another except where they conflict (the same dataset, or the same key of the same store): then who was
/// there first stays, the newcomer is refused alone, and newcomers that came together are all refused. Who was there first is remembered
/// over restarts (`incumbents`), so that a start comes to the same set. No file takes a key that content in force still owns.
public struct ConfigCatalog: Sendable {
    /// What a file's content is, as far as comparing goes.
    public enum Fingerprint: Equatable, Sendable {
        case bytes(ContentHash)
        case failure(ConfigFileError.Code)
    }

    /// What was seen of a file that is there.
    public enum Observation: Sendable {
        /// The content that was decided on (see `isDecided`).
        case same
        /// It is changing, or nobody had the time to look twice.
        case unsettled
        case right(ContentHash, LoadedConfig)
        case wrong(Fingerprint, [ConfigProblem])
    }

    struct Live: Sendable {
        let hash: ContentHash
        let spec: DatasetSpec
    }

    struct Record: Sendable {
        /// What is in force.
        var live: Live?
        /// The content that the verdict is about.
        var seen: Fingerprint?
        /// What is wrong with the content; conflicts are not in here.
        var ownProblems: [ConfigProblem] = []
        /// What was told to be wrong.
        var reported: [ConfigProblem] = []
        /// Right content that is not in force yet.
        var candidate: WatchedConfig?
        /// When the content was first found wrong, until that is told.
        var suspectSince: ContinuousClock.Instant?
        /// When the file was first found gone.
        var absentSince: ContinuousClock.Instant?

        var isPresent: Bool { absentSince == nil }
        /// The spec that is or would be in force; nil for what is gone or wrong.
        var spec: DatasetSpec? {
            isPresent && suspectSince == nil && ownProblems.isEmpty ? candidate?.loaded.spec ?? live?.spec : nil
        }
    }

    private let settings: WatchSettings
    /// What was in force in an earlier life and is not yet in this one: the hash of the content in hexadecimal, by dataset.
    var incumbents: [String: String]
    var records: [String: Record] = [:]
    /// Right files that wait until something in their way is gone, or is judged.
    var waiting: Set<String> = []
    private var isFirst = true
    /// The directory is not the one it was; an empty one is not believed.
    private var awaitsContent = false
    private var deferredSince: ContinuousClock.Instant?
    private var needsDecision = true
    private var generation = 0

    /// A catalog of nothing.
    ///
    /// - Parameters:
    ///   - settings: What to watch, and how patiently.
    ///   - incumbents: What was in force in an earlier life: the hash of its content in hexadecimal, by dataset.
    public init(settings: WatchSettings, incumbents: [String: String] = [:]) {
        self.settings = settings
        self.incumbents = incumbents
    }

    /// The path of a file, for messages.
    public func path(of file: String) -> String { PathResolver.join(settings.directory, file) }

    /// Whether this content of the file was decided on, so that nobody need look at it again.
    public func isDecided(_ file: String, _ fingerprint: Fingerprint) -> Bool {
        guard let record = records[file] else { return false }
        return record.seen == fingerprint
    }

    /// Whether the file is refused for its own sake, so that it may be worth judging the same content again.
    public func isWrong(_ file: String) -> Bool { records[file]?.ownProblems.isEmpty == false }

    /// Whether the file was found wrong and that is not told yet.
    public func isSuspect(_ file: String) -> Bool { records[file]?.suspectSince != nil }

    /// Files that are known to be there.
    public var present: [String] { records.filter(\.value.isPresent).map(\.key) }

    /// Whether some file's verdict is still open.
    public var hasSuspects: Bool { records.values.contains { $0.suspectSince != nil } }

    /// Whether some file is gone and it is not told yet.
    public var hasAbsent: Bool { records.values.contains { !$0.isPresent } }

    /// Whether the directory is another one, without configs, and what is in force is kept.
    public var isKeeping: Bool { awaitsContent }

    /// How many configs are in force.
    public var inForce: Int { records.values.reduce(0) { $0 + ($1.live == nil ? 0 : 1) } }

    /// What is there and refused now, by file name.
    public var refused: [RefusedConfig] {
        records.filter { $0.value.isPresent && !$0.value.reported.isEmpty }.map { refusal($0.key, $0.value) }
            .sorted { $0.file.utf8.lexicographicallyPrecedes($1.file.utf8) }
    }

    /// When to observe the directory again, whatever happens: a wrong file gets its second chance, a missing one counts as deleted.
    ///
    /// - Parameter isForced: As for `take`.
    public func nextCheck(isForced: Bool = false) -> ContinuousClock.Instant? {
        let suspects = records.values.compactMap { $0.suspectSince.map { $0 + settings.quiet } }
        // While verdicts are open nothing else is decided.
        return suspects.min() ?? records.values.compactMap { $0.absentSince.map { $0 + grace(isForced) } }.min()
    }

    /// How long a file must be gone. Who asks for a look means what is there now; a second look still tells a rename from a deletion.
    private func grace(_ isForced: Bool) -> Duration { isForced ? min(settings.quiet, settings.grace) : settings.grace }

    /// The directory cannot be read: everything stays, and no time runs.
    public mutating func loseDirectory() {
        awaitsContent = !records.isEmpty
        for file in records.keys {
            records[file]?.suspectSince = nil
            records[file]?.absentSince = nil
        }
        needsDecision = true
    }

    /// Takes one look at the whole directory.
    ///
    /// - Parameters:
    ///   - observations: Every config that is there, by file name.
    ///   - isReplaced: Whether the directory is another one than last time.
    ///   - isForced: Whether somebody asked for it, so that even an empty directory is meant, and a file need not be gone for long.
    ///   - now: The time of the look.
    /// - Returns: What changed, or nil. Each change is returned once.
    /// - Complexity: O(files), and O(files²) when something changed, for the conflicts.
    public mutating func take(
        _ observations: [String: Observation], isReplaced: Bool = false, isForced: Bool = false, at now: ContinuousClock.Instant
    ) -> ConfigChangeSet? {
        if isReplaced, !records.isEmpty { awaitsContent = true }
        if awaitsContent, observations.isEmpty, !isForced {
            loseDirectory()
            return nil
        }
        awaitsContent = false
        for (file, observation) in observations { note(file, observation, at: now) }
        for file in records.keys where observations[file] == nil { noteAbsence(of: file, at: now) }

        // What changed together is told together, so one open verdict holds up the rest; not at the start, and not for ever (W5).
        if hasSuspects, !isFirst {
            let since = deferredSince ?? now
            deferredSince = since
            if now - since < settings.maxWait { return nil }
        }
        isFirst = false
        deferredSince = nil

        let removed = records.filter { _, record in
            record.absentSince.map { record.live == nil || now - $0 >= grace(isForced) } == true
        }
        for file in removed.keys { records[file] = nil }
        guard needsDecision || !removed.isEmpty else { return nil }
        needsDecision = false
        let changes = removals(of: removed) + decide()
        guard !changes.isEmpty else { return nil }
        generation += 1
        return ConfigChangeSet(generation: generation, changes: changes)
    }

    private mutating func note(_ file: String, _ observation: Observation, at now: ContinuousClock.Instant) {
        var record = records[file] ?? Record()
        let wasPresent = record.isPresent
        record.absentSince = nil
        switch observation {
        case .unsettled: break
        case .same:
            needsDecision = needsDecision || record.suspectSince != nil
            record.suspectSince = nil
        case .right(let hash, let loaded):
            record.seen = .bytes(hash)
            record.ownProblems = []
            record.candidate = WatchedConfig(file: file, hash: hash, loaded: loaded)
            record.suspectSince = nil
            needsDecision = true
        case .wrong(let fingerprint, let problems):
            let since = record.suspectSince ?? now
            if record.seen == fingerprint || now - since >= settings.quiet {
                record.seen = fingerprint
                record.ownProblems = problems
                record.candidate = nil
                record.suspectSince = nil
            } else {
                record.suspectSince = since
            }
            needsDecision = true
        }
        needsDecision = needsDecision || !wasPresent
        records[file] = record
    }

    private mutating func noteAbsence(of file: String, at now: ContinuousClock.Instant) {
        guard let record = records[file], record.isPresent else { return }
        records[file]?.absentSince = now
        records[file]?.suspectSince = nil
        needsDecision = true
    }

    func refusal(_ file: String, _ record: Record) -> RefusedConfig {
        RefusedConfig(file: file, dataset: ConfigLoader.name(ofFile: file), problems: record.reported, keeps: record.live?.hash)
    }
}
