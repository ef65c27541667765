import Core
import Service

/// What has changed since when, for every stream at once: however many clients look, the service is asked once per beat.
actor StatusHub {
    /// What a client has not seen yet.
    struct Changes: Sendable {
        let place: StreamPlace
        let report: StatusReport
        /// Datasets whose status is another one, by name.
        let rows: [DatasetStatus]
        /// There are other datasets, or other problems, than the client knows.
        let isAnotherSet: Bool
    }

    private let backend: WebBackend
    private let life: String
    private var revision = 0
    private var setRevision = 0
    private var seen: [String: (row: DatasetStatus, revision: Int)] = [:]
    private var latest: (report: StatusReport, at: ContinuousClock.Instant)?
    private var looking: Task<Void, Never>?

    init(_ backend: WebBackend) {
        self.backend = backend
        life = String(UInt32.random(in: 0...UInt32.max), radix: 36)
    }

    /// Everything as it is now, and the place from which a stream goes on.
    func view() async -> (report: StatusReport, place: StreamPlace)? {
        await look(maximumAge: .zero)
        return latest.map { ($0.report, StreamPlace(life: life, revision: revision)) }
    }

    /// - Parameters:
    ///   - place: Where the client is; nil, or a place in another life: at the beginning.
    ///   - age: How old the answer may be.
    /// - Returns: Nil where there is nothing new.
    func changes(since place: StreamPlace?, maximumAge age: Duration) async -> Changes? {
        await look(maximumAge: age)
        let known = place?.life == life ? place?.revision ?? -1 : -1
        guard let latest, known < revision || place == nil else { return nil }
        return Changes(
            place: StreamPlace(life: life, revision: revision), report: latest.report,
            rows: latest.report.datasets.filter { (seen[$0.dataset]?.revision ?? 0) > known }, isAnotherSet: setRevision > known)
    }

    private func look(maximumAge age: Duration) async {
        if let looking { return await looking.value }
        if let latest, ContinuousClock.now - latest.at < age { return }
        let task = Task {
            if let report = await backend.report() { take(report) }
            looking = nil
        }
        looking = task
        await task.value
    }

    private func take(_ report: StatusReport) {
        let next = revision + 1
        var isNew = false
        var isAnotherSet = report.datasets.count != seen.count
        var now: [String: (row: DatasetStatus, revision: Int)] = [:]
        for row in report.datasets {
            let old = seen[row.dataset]
            isAnotherSet = isAnotherSet || old.map { Self.problems($0.row) != Self.problems(row) } ?? true
            if let old, old.row == row {
                now[row.dataset] = old
            } else {
                now[row.dataset] = (row, next)
                isNew = true
            }
        }
        seen = now
        if isNew || isAnotherSet { revision = next }
        if isAnotherSet { setRevision = next }
        latest = (report, .now)
    }

    /// What is wrong with a dataset's config; the message of a run that failed is no part of it.
    private static func problems(_ row: DatasetStatus) -> [String] { row.errors.filter { $0 != row.lastRun?.end?.message } }
}
