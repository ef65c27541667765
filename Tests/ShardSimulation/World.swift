import Core
import Glibc
import Synchronization

/// A seeded stream of numbers: the same world every time.
struct Chance {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}

/// One attempt of an engine at a shard.
struct Attempt: Sendable {
    let time: Int64
    let shard: Int
    /// The step of the store before which the process dies; nil where it lives.
    let death: Int?
}

/// The fleet of processes, the store and the clock.
struct World {
    private let shards: Int
    private let config: LoadedConfig
    /// What is published before any shard begins: the same fleet by another seed.
    private let former: LoadedConfig
    let store = InMemoryStore()
    var rivalry = Rivalry()
    private var chance = Chance(seed: 2026)
    private var deaths = 0
    private var duplicates = 0
    private var refusals = 0
    private var late = 0
    private var attempts = 0
    private var commitSeconds = 0.0
    private var commitProcessorSeconds = 0.0
    private var commitBytes = 0
    private var seconds = 0.0
    private var readings = 0
    private var torn = 0

    private static let start: Int64 = 1_770_000_000
    private static let today = Day(number: 20_454)

    init(shards: Int, servers: Int, days: Int, metrics: Int) throws {
        self.shards = shards
        let names = (1...metrics).map { "m\($0): { base_mean: \(30 + 5 * $0), base_std: 8, server_bias_std: 3 }" }
        let yaml = """
            data_generation:
              num_servers: \(servers)
              start_date: \((Self.today - days).iso)
              end_date: yesterday
              metrics: { \(names.joined(separator: ", ")) }
            """
        config = try ConfigLoader.load(bytes: Array(yaml.utf8), file: "fleet.yaml", today: Self.today)
        former = try ConfigLoader.load(
            bytes: Array((yaml + "\n  random_seed: 41").utf8), file: "fleet.yaml", today: Self.today)
    }

    /// Two of three shards go well at once; others die once or twice before, are started twice, or come hours after all others.
    private mutating func schedule() -> [Attempt] {
        var result: [Attempt] = []
        for shard in 0..<shards {
            var time = Self.start + Int64(chance.next(below: 3600))
            switch chance.next(below: 12) {
            case 0, 1:
                for _ in 0...chance.next(below: 2) {
                    result.append(Attempt(time: time, shard: shard, death: chance.next(below: 9)))
                    deaths += 1
                    time += 60
                }
            case 2:
                // The engine believes it dead and starts it again; both run on.
                result.append(Attempt(time: time, shard: shard, death: nil))
                duplicates += 1
            case 3 where shard % 7 == 0: time += 20_000
            default: break
            }
            result.append(Attempt(time: time, shard: shard, death: nil))
            // A duplicate that comes to itself after the commit.
            if chance.next(below: 200) == 0 {
                result.append(Attempt(time: Self.start + 90_000, shard: shard, death: nil))
                late += 1
            }
        }
        attempts = result.count
        return result.sorted { ($0.time, $0.shard) < ($1.time, $1.shard) }
    }

    mutating func run() async throws {
        let clock = ContinuousClock()
        let begin = clock.now
        let plan = schedule()
        _ = try await DatasetRun(former, today: Self.today, options: options(at: Self.start))(
            in: store, clock: { Moment(secondsSince1970: Self.start) }, observe: { _ in })
        // Commits that come too early, one for each hour until all are there.
        var hour = Self.start + 1800
        var next = 0
        while next < plan.count {
            let until = hour
            let batch = plan[next...].prefix { $0.time < until }
            try await start(Array(batch))
            next += batch.count
            if rivalry.commits == 0, try await store.keys("raw/_staging/fleet/").count == shards { try await rival(at: until) }
            try await commit(at: until)
            await read()
            hour += 7200
            if next == plan.count { break }
        }
        try await commit(at: hour)
        await read()
        seconds = (clock.now - begin) / .seconds(1)
    }

    /// Runs attempts, several at once.
    private func start(_ batch: [Attempt]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            var left = batch[...]
            for _ in 0..<8 { if let attempt = left.popFirst() { tasks.addTask { await Self.make(attempt, config, store, of: shards) } } }
            while try await tasks.next() != nil {
                if let attempt = left.popFirst() { tasks.addTask { await Self.make(attempt, config, store, of: shards) } }
            }
        }
    }

    @concurrent
    private static func make(_ attempt: Attempt, _ config: LoadedConfig, _ store: InMemoryStore, of shards: Int) async {
        let steps = Mutex(0)
        // A dead process takes no further step.
        let own = store.sharing(faults: { _ in
            steps.withLock { steps in
                steps += 1
                return attempt.death.map { steps > $0 } == true ? .before(EIO) : nil
            }
        })
        guard let shard = try? Shard(index: attempt.shard, count: shards),
            let run = try? ShardRun(config, shard: shard, today: today, options: .init(threads: 1, toolVersion: "0"))
        else { return }
        _ = try? await run(in: own, clock: { Moment(secondsSince1970: attempt.time) })
    }

    private func options(at time: Int64) -> DatasetRun.Options {
        DatasetRun.Options(runID: "run-\(time)", reason: "manual", threads: 2, toolVersion: "0")
    }

    /// One commit, in whatever store.
    func attempt(in store: InMemoryStore, at time: Int64) async throws(RunError) -> DatasetRun.Outcome {
        try await ShardCommit(config, shards: shards, today: Self.today, options: options(at: time))(
            in: store, clock: { Moment(secondsSince1970: time) }, observe: { _ in })
    }

    private mutating func commit(at time: Int64) async throws {
        let clock = ContinuousClock()
        let before = ResidentMemory.settle()
        let (begin, work) = (clock.now, Self.processorSeconds)
        do throws(RunError) {
            guard case .published = try await attempt(in: store, at: time) else { return }
            commitSeconds = (clock.now - begin) / .seconds(1)
            commitProcessorSeconds = Self.processorSeconds - work
            commitBytes = ResidentMemory.peak - before
        } catch {
            guard case .shards(.missing) = error else { throw error }
            refusals += 1
        }
    }

    /// Processor time of all threads so far: what others do on the machine does not show in it.
    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// A reader who follows the pointer: there is nothing yet, or all of one generation.
    private mutating func read() async {
        readings += 1
        do {
            let report = try await Verifier(store).verify(.dataset("fleet"))
            for dataset in report.datasets where !dataset.isWhole { torn += 1 }
        } catch {
            torn += 1
        }
    }

    /// What happened, as one line of JSON.
    var report: String {
        get async throws {
            let names = try await store.list("manifests/fleet/").map(\.key.name).sorted()
            let generations = names.filter { $0 != "latest.json" && $0.hasSuffix(".json") }.count
            var manifests: [Manifest] = []
            for name in ["1.json", "2.json"] {
                if let object = try await store.get(ObjectKey("manifests/fleet/\(name)")) {
                    manifests.append(try Manifest(parsing: object.bytes, path: name))
                }
            }
            let manifest = manifests.last
            let named = Set(manifests.flatMap(\.artifacts).map(\.key.path))
            let debris = try await store.list("").filter { !named.contains($0.key.path) && !$0.key.path.hasPrefix("manifests/") }.count
            let fields: [(String, String)] = [
                ("shards", "\(shards)"), ("attempts", "\(attempts)"), ("killed", "\(deaths)"), ("duplicates", "\(duplicates)"),
                ("late", "\(late)"), ("refused_commits", "\(refusals)"), ("readings", "\(readings)"), ("torn", "\(torn)"),
                ("generations", "\(generations)"), ("parts", "\(manifest?.parts.count ?? 0)"), ("rows", "\(manifest?.run.rows ?? 0)"),
                ("debris", "\(debris)"), ("commit_seconds", "\(commitSeconds)"), ("commit_processor_seconds", "\(commitProcessorSeconds)"),
                ("commit_bytes", "\(commitBytes)"), ("rival_commits", "\(rivalry.commits)"), ("rivals_refused", "\(rivalry.busy)"),
                ("dead_commits", "\(rivalry.deaths)"), ("looks", "\(rivalry.looks)"), ("problems", JSONText.compact(rivalry.problems)),
                ("rivals_seconds", "\(rivalry.seconds)"), ("seconds", "\(seconds)"),
            ]
            return "{" + fields.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
        }
    }
}
