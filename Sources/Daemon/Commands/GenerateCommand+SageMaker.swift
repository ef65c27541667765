import ArgumentParser
import Core
import FoundationEssentials
import Reports

extension GenerateCommand {
    /// This host's part of a job: the whole dataset where it is alone; else its shard, and on the first host the commit of all.
    ///
    /// - Returns: How it ended, in a line.
    @MainActor
    func work(
        as host: SageMakerJob.Host, _ config: LoadedConfig, in target: PublishTarget, today: Day, threads: Int
    ) async throws(RunError) -> String {
        guard host.count > 1 else { return try await publish(config, to: target, today: today, threads: threads) }
        let shard: Shard
        do throws(ShardProblem) {
            shard = try Shard(index: host.index, count: host.count)
        } catch {
            throw .shards(error)
        }
        let staged = try await stage(config, shard, in: target, today: today, threads: threads)
        guard host.index == 0 else {
            Console.result(json ? JSONText.compact(staged) : staged.text)
            return staged.text
        }
        Console.note(staged.text)
        return try await commit(host.count, config, in: target, today: today, threads: threads, within: host.wait)
    }

    /// Commits when every shard is there; looks again after pauses that grow to a quarter of a minute.
    @MainActor
    private func commit(
        _ shards: Int, _ config: LoadedConfig, in target: PublishTarget, today: Day, threads: Int, within limit: Duration
    ) async throws(RunError) -> String {
        var options = DatasetRun.Options(
            runID: "\(config.spec.name)-\(WallClock.now)", reason: "manual", threads: threads, toolVersion: Version.text)
        options.force = force
        options.report = HTMLReport()
        let commit = try ShardCommit(config, shards: shards, today: today, options: options)
        let end = ContinuousClock.now + limit
        var pause = Duration.milliseconds(500)
        while true {
            do throws(RunError) {
                var report = RunReport(target, isJSON: json)
                let outcome = try await commit(in: target.store, clock: { WallClock.now }, observe: { report.observe($0) })
                report.finish(outcome)
                return report.sentence(outcome)
            } catch {
                guard case .shards(.missing) = error, ContinuousClock.now < end else { throw error }
            }
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw .cancelled
            }
            pause = min(pause * 2, .seconds(15))
        }
    }
}
