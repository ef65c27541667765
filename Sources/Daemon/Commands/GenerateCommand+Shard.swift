import Core

extension GenerateCommand {
    /// Makes one shard.
    @MainActor
    func stage(
        _ config: LoadedConfig, _ shard: Shard, in target: PublishTarget, today: Day, threads: Int
    ) async throws(RunError) -> ShardResult {
        var runOptions = ShardRun.Options(threads: threads, toolVersion: Version.text)
        runOptions.force = force
        let run = try ShardRun(config, shard: shard, today: today, options: runOptions)
        if let note = run.note { Console.note("warning: \(note)") }
        var progress = ProgressLine(total: max(1, run.rows), isTerminal: Console.isTerminal, isSilent: json)
        let outcome = try await run(in: target.store, clock: { WallClock.now }, progress: { progress.update(rows: $0) })
        progress.clear()
        return ShardResult(outcome, config.spec.name, shard, target, seconds: progress.elapsed)
    }
}

/// The result of a shard for machines; `text` is the same for people.
struct ShardResult: Encodable {
    let status: String
    let dataset: String
    let shard: String
    var rows: Int?
    var servers: Int?
    var bytes: UInt64?
    var sha256: String?
    var part: String?
    var generation: Int?
    let seconds: Double

    init(_ outcome: ShardRun.Outcome, _ dataset: String, _ shard: Shard, _ target: PublishTarget, seconds: Double) {
        self.dataset = dataset
        self.shard = "\(shard)"
        self.seconds = seconds
        switch outcome {
        case .staged(let made), .alreadyStaged(let made):
            if case .staged = outcome { status = "staged" } else { status = "already-staged" }
            (rows, servers, bytes) = (made.rows, made.servers, made.bytes)
            (sha256, part) = (made.sha256?.hex, made.part.map(target.path))
        case .published(let number):
            status = "published"
            generation = number
        }
    }

    var text: String {
        if let generation { return "shard \(shard) of \(dataset) is published already: generation \(generation) has it" }
        let what = "\(Humane.count(rows ?? 0)) rows, \(Humane.count(servers ?? 0)) servers, \(Humane.bytes(bytes ?? 0))"
        let place = part.map { "will be \($0)" } ?? "no rows, so no file"
        let head = status == "staged" ? "staged" : "had been staged already:"
        return "\(head) shard \(shard) of \(dataset): \(what), \(place)"
    }
}
