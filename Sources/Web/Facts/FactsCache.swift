import Core
import Service

/// What the latest generation of each dataset holds, read once per generation: a page of a thousand datasets must not read a thousand
/// manifests each time, least of all from a bucket.
actor FactsCache {
    private struct Entry {
        let generation: Int
        /// Nil where it could not be read.
        let facts: GenerationFacts?
    }

    private let backend: WebBackend
    private let limit: UInt64
    private var entries: [String: Entry] = [:]
    private var loading: Task<Void, Never>?
    private var wanted: [String: Int] = [:]
    /// Who waits until everything wanted is read.
    private var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    private var lastTicket = 0
    /// Readers at the same time.
    private static let width = 4

    init(_ backend: WebBackend, limit: UInt64) {
        self.backend = backend
        self.limit = limit
    }

    /// What is known of the datasets' latest generations.
    ///
    /// - Parameter patience: How long to wait for what must be read; reading goes on, and the next call finds it.
    func facts(of rows: [DatasetStatus], within patience: Duration) async -> [String: GenerationFacts] {
        for row in rows {
            guard let generation = row.published?.generation.number, entries[row.dataset]?.generation != generation else { continue }
            wanted[row.dataset] = generation
        }
        if !wanted.isEmpty {
            start()
            await wait(patience)
        }
        var known: [String: GenerationFacts] = [:]
        for row in rows {
            if let facts = entries[row.dataset]?.facts, facts.generation == row.published?.generation.number { known[row.dataset] = facts }
        }
        return known
    }

    /// Forgets datasets that are gone.
    func keep(only datasets: Set<String>) { entries = entries.filter { datasets.contains($0.key) } }

    private func start() {
        guard loading == nil else { return }
        loading = Task(priority: .utility) {
            while !wanted.isEmpty {
                let batch = wanted.prefix(Self.width).map { ($0.key, $0.value) }
                for (dataset, _) in batch { wanted[dataset] = nil }
                let (backend, limit) = (backend, limit)
                await withTaskGroup(of: (String, Int, GenerationFacts?).self) { readers in
                    for (dataset, generation) in batch {
                        readers.addTask { (dataset, generation, await Self.read(dataset, generation, backend, limit)) }
                    }
                    for await (dataset, generation, facts) in readers {
                        entries[dataset] = Entry(generation: generation, facts: facts)
                    }
                }
            }
            loading = nil
            for ticket in Array(waiting.keys) { release(ticket) }
        }
    }

    /// Returns when everything wanted is read, when patience ends, or when nobody wants the answer any more.
    private func wait(_ patience: Duration) async {
        guard loading != nil else { return }
        lastTicket += 1
        let ticket = lastTicket
        let alarm = Task {
            try await Task.sleep(for: patience)
            release(ticket)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiting[ticket] = $0 }
        } onCancel: {
            Task { await release(ticket) }
        }
        alarm.cancel()
    }

    private func release(_ ticket: Int) { waiting.removeValue(forKey: ticket)?.resume() }

    @concurrent
    private static func read(_ dataset: String, _ generation: Int, _ backend: WebBackend, _ limit: UInt64) async -> GenerationFacts? {
        guard let published = await backend.published(dataset), let manifest = try? await published.manifest(generation) else { return nil }
        var facts = GenerationFacts(manifest)
        if let summary = manifest.artifact(.summary), let bytes = try? await published.bytes(of: summary, limit: limit) {
            facts.take(summary: bytes)
        }
        return facts
    }
}
