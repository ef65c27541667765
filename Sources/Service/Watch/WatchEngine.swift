/// The watcher without its thread: takes events and the time, reads the directory when it is due, tells what changed.
///
/// ```
/// event --> settle time --\
/// second chance, grace ----+--> settled scan: read twice, judge, tell
/// start -------------------/
/// 60 s, request -----------> rescan: read; what differs starts a settle time, so nothing is judged that may still be being written
/// ```
/// Events are hints: every scan looks at everything, and the content's hash decides (W3). Each scan arms the watches first (W2).
public struct WatchEngine<Files: WatchFileSystem, Source: ChangeSource & ~Copyable>: ~Copyable {
    enum Trigger { case settled, rescan }

    private struct Request {
        let id: Int
        let deadline: ContinuousClock.Instant
        var isScanned = false
    }

    let settings: WatchSettings
    let files: Files
    let judge: ConfigJudge
    let makeSource: @Sendable () throws(WatchFailure) -> Source
    var source: Source?
    var table = WatchTable()
    var settle: SettleTimer
    var catalog: ConfigCatalog
    var output: [WatchEvent] = []
    /// The directory's identity at the last scan that found it.
    var lastIdentity: FileIdentity?
    /// The directory's own watch ended since then.
    var isDirectoryLost = false
    /// The config directory without links, as last armed.
    var realDirectory = ""
    var nextSourceTry: ContinuousClock.Instant?
    var unwatched: Set<String> = []
    private var requests: [Request] = []
    private var nextRescan: ContinuousClock.Instant?
    private var isDirectoryTold = false

    /// Counters and states.
    public internal(set) var status = WatchStatus()

    /// - Parameters:
    ///   - settings: What to watch.
    ///   - files: The file system.
    ///   - judge: Reads configs.
    ///   - incumbents: What was in force in an earlier life: the hash of its content in hexadecimal, by dataset.
    ///   - makeSource: Makes a source of events; called again after an overflow, and from time to time after an error.
    public init(
        settings: WatchSettings, files: Files, judge: @escaping ConfigJudge, incumbents: [String: String] = [:],
        makeSource: @escaping @Sendable () throws(WatchFailure) -> Source
    ) {
        self.settings = settings
        self.files = files
        self.judge = judge
        self.makeSource = makeSource
        source = nil
        settle = SettleTimer(quiet: settings.quiet, maxWait: settings.maxWait)
        catalog = ConfigCatalog(settings: settings, incumbents: incumbents)
    }

    /// Readable when `step` has events to take; nil without a source.
    public var descriptor: Int32? {
        switch source {
        case .some(let source): source.descriptor
        case .none: nil
        }
    }

    /// When `step` must be called at the latest; nil before the first call, which is due at once.
    public var nextStep: ContinuousClock.Instant? {
        let timers = settle.deadline ?? [nextCheck, nextRescan].compactMap(\.self).min()
        return ([timers] + requests.map(\.deadline)).compactMap(\.self).min()
    }

    /// Whether somebody waits for the answer to a request of theirs.
    private var isAsked: Bool { requests.contains { $0.id != 0 } }

    private var nextCheck: ContinuousClock.Instant? { catalog.nextCheck(isForced: isAsked) }

    /// Asks for a rescan; `step` answers with `.rescanned` when all verdicts are in, or twice `maxWait` later.
    public mutating func request(_ id: Int, at now: ContinuousClock.Instant) {
        requests.append(Request(id: id, deadline: now + settings.maxWait * 2))
        if nextRescan != nil { nextRescan = now }
    }

    /// Does what is due.
    /// - Returns: What happened, in order.
    public mutating func step(at now: ContinuousClock.Instant) -> [WatchEvent] {
        if nextRescan == nil {
            requests.insert(Request(id: 0, deadline: now + settings.maxWait * 2), at: 0)
            scan(.settled, at: now)
        } else {
            _ = takeEvents(at: now)
            if let deadline = settle.deadline {
                if deadline <= now { scan(.settled, at: now) }
            } else if let check = nextCheck, check <= now {
                scan(.settled, at: now)
            } else if let rescan = nextRescan, rescan <= now {
                scan(.rescan, at: now)
            }
        }
        answer(at: now)
        defer { output = [] }
        return output
    }

    // MARK: Scanning

    private mutating func scan(_ trigger: Trigger, at now: ContinuousClock.Instant) {
        settle.reset()
        status.rescans += 1
        let isForced = isAsked
        for index in requests.indices { requests[index].isScanned = true }
        switch survey(at: now) {
        case .away(let directory):
            catalog.loseDirectory()
            lastIdentity = nil
            enter(directory)
        case .here(let identity, let found):
            read(found, trigger, identity, isForced: isForced, at: now)
        }
        status.inForce = catalog.inForce
        status.refused = catalog.refused.count
        status.waiting = catalog.waiting.sorted()
        let isPolling = status.mode != .events || status.directory != .present
        nextRescan = now + (isPolling ? settings.pollInterval : settings.rescanInterval + settings.rescanJitter)
    }

    private mutating func read(
        _ found: [(file: String, resolution: PathResolver.Resolution)], _ trigger: Trigger, _ identity: FileIdentity, isForced: Bool,
        at now: ContinuousClock.Instant
    ) {
        let isReplaced = lastIdentity != identity || isDirectoryLost
        lastIdentity = identity
        isDirectoryLost = false

        var observations: [String: ConfigCatalog.Observation] = [:]
        var differing: [String] = []
        for (file, resolution) in found {
            guard let observation = observe(file, resolution, trigger, isForced: isForced) else { continue }
            observations[file] = observation
            if case .unsettled = observation, !catalog.isSuspect(file) || trigger == .settled { differing.append(file) }
        }
        if trigger == .rescan { differing += catalog.present.filter { observations[$0] == nil }.sorted() }
        let changes = catalog.take(observations, isReplaced: isReplaced, isForced: isForced, at: now)
        enter(catalog.isKeeping ? .replacedByEmpty : .present)

        if !differing.isEmpty {
            // An event that came meanwhile is not late.
            let isAnnounced = takeEvents(at: now)
            settle.touch(at: now)
            if trigger == .rescan, !isAnnounced, source != nil {
                status.missed += 1
                output.append(.notice(.missed(differing)))
            }
        }
        if let changes {
            status.generation = changes.generation
            status.lastChange = now
            output.append(.change(changes))
        }
        if settle.deadline == nil, !catalog.hasSuspects, catalog.refused.isEmpty, status.directory == .present { status.lastSuccess = now }
    }

    private mutating func enter(_ directory: WatchStatus.Directory) {
        defer {
            status.directory = directory
            isDirectoryTold = true
        }
        guard directory != status.directory || !isDirectoryTold else { return }
        if directory != .present {
            output.append(.notice(.directoryAway(settings.directory, directory, isKeeping: catalog.inForce > 0)))
        } else if isDirectoryTold {
            output.append(.notice(.directoryBack(settings.directory)))
        }
    }

    private mutating func answer(at now: ContinuousClock.Instant) {
        let isDone = settle.deadline == nil && !catalog.hasSuspects && !catalog.hasAbsent
        for request in requests where request.deadline <= now || (isDone && request.isScanned) {
            let report = RescanReport(
                generation: status.generation, inForce: status.inForce, refused: catalog.refused, isComplete: isDone && request.isScanned,
                directory: status.directory)
            output.append(.rescanned(request: request.id, report))
        }
        requests.removeAll { $0.deadline <= now || (isDone && $0.isScanned) }
    }

    // MARK: Events

    /// Takes what the source has.
    /// - Returns: Whether any of it matters.
    mutating func takeEvents(at now: ContinuousClock.Instant) -> Bool {
        if source == nil { return false }
        let events: [InotifyEvent]
        do throws(WatchFailure) {
            events = try source?.drain() ?? []
        } catch {
            restart(at: now)
            return true
        }
        var isRelevant = false
        for event in events where !event.mask.contains(.overflow) {
            let places = table.places(of: event)
            guard !places.isEmpty else { continue }
            isRelevant = true
            status.events += 1
            for place in places {
                settle.touch(place, event.mask, at: now)
                if place.directory == realDirectory, !event.mask.isDisjoint(with: .lost) { isDirectoryLost = true }
            }
        }
        guard events.contains(where: { $0.mask.contains(.overflow) }) else { return isRelevant }
        status.overflows += 1
        output.append(.notice(.overflow))
        restart(at: now)
        return true
    }

    /// Begins anew with another instance: after an overflow even the ends of watches may be lost, so everything is suspect (W7).
    private mutating func restart(at now: ContinuousClock.Instant) {
        source = nil
        table = WatchTable()
        nextSourceTry = nil
        _ = survey(at: now)
        settle.reset()
        settle.touch(at: now)
    }
}
