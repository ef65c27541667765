import Core

/// What became of commits of copies of the store.
struct Rivalry: Sendable {
    var commits = 0
    var deaths = 0
    /// Commits that found another at work.
    var busy = 0
    var looks = 0
    var seconds = 0.0
    var problems: [String] = []
}

extension World {
    /// Lets commits die and others come after them, two at once, each time in a copy of the store as the shards have left it, with a reader who
    /// looks between any two changes.
    mutating func rival(at time: Int64) async throws {
        let clock = ContinuousClock()
        let begin = clock.now
        let parts = Set(try await store.staged("raw/fleet/").map(\.key)).sorted()
        let first = store.copy()
        let reader = try Watcher(first, dataset: "fleet", parts: parts)
        let steps = CommitSteps(reader)
        guard case .published = try await attempt(in: first.sharing(faults: steps.hook), at: time) else {
            rivalry.problems.append("undisturbed: the commit publishes nothing")
            return
        }
        try await settle(first, reader, "undisturbed")
        for death in steps.deaths {
            let copy = store.copy()
            let watcher = try Watcher(copy, dataset: "fleet", parts: parts)
            do throws(RunError) {
                _ = try await attempt(in: copy.sharing(faults: CommitSteps(watcher, death: death.step).hook), at: time)
                // Old records and what lies about are a matter of room: then the table is published all the same.
                if death.phase != "removing records" { rivalry.problems.append("\(death.phase): the commit lived") }
            } catch {}
            rivalry.deaths += 1
            try await together(copy, watcher, at: time + 60)
            try await settle(copy, watcher, death.phase)
        }
        rivalry.seconds = (clock.now - begin) / .seconds(1)
    }

    /// Two commits: the second tries for as long as the first is at work.
    private mutating func together(_ copy: InMemoryStore, _ watcher: Watcher, at time: Int64) async throws {
        let (world, hook) = (self, CommitSteps(watcher).hook)
        let busy = try await withThrowingTaskGroup(of: Int.self) { tasks in
            for rival in 0..<2 {
                tasks.addTask {
                    var refused = 0
                    while true {
                        do throws(RunError) {
                            _ = try await world.attempt(in: copy.sharing(faults: hook), at: time + Int64(rival))
                            return refused
                        } catch {
                            guard case .store(let problem) = error, problem.code == .busy else { throw error }
                            refused += 1
                        }
                        try await Task.sleep(for: .milliseconds(5))
                    }
                }
            }
            var all = 0
            for try await refused in tasks { all += refused }
            return all
        }
        rivalry.commits += 2
        rivalry.busy += busy
    }

    /// One generation beyond that of before, whole, and nothing else.
    private mutating func settle(_ copy: InMemoryStore, _ watcher: Watcher, _ label: String) async throws {
        watcher.look()
        let (looks, problems) = watcher.outcome
        rivalry.looks += looks
        rivalry.problems += problems.map { "\(label): \($0)" }
        let report = try await Verifier(copy).verify(.everything)
        let generations = report.datasets.flatMap(\.generations)
        if report.exitCode != 0 || generations.map(\.number) != [2, 1] || !report.datasets.flatMap(\.announced).isEmpty {
            rivalry.problems.append("\(label): generations \(generations.map(\.number)), exit status \(report.exitCode)")
        }
        let named = Set(generations.flatMap(\.files).map(\.artifact.key))
        let debris = try await copy.list("").filter { !named.contains($0.key) && !$0.key.path.hasPrefix("manifests/") }
        if let example = debris.first { rivalry.problems.append("\(label): \(debris.count) files lie about, \(example.key) for one") }
    }
}
