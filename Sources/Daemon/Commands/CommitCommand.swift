import ArgumentParser
import CLinux
import Core
import Reports

/// `fleetsynth commit`: publishes a table whose shards are all there.
struct CommitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "commit", abstract: "Checks and publishes the shards of a dataset as one table.",
        discussion: """
            Every shard of `generate --shard` must be there and whole: its rows, its hash and what it counted are checked, the quality gate judges \
            all of it together, and then the parts, the summary, the sample, the manifest and the pointer are published as one generation. \
            Exit status 66 names the shards that are missing, 65 those that are not whole.
            """)

    @OptionGroup var options: ConfigOptions

    @Option(help: ArgumentHelp("The number of shards, as in --shard 3/64; auto takes it from FLEETSYNTH_SHARDS.", valueName: "n|auto"))
    var shards: String

    @Option(help: ArgumentHelp("The day that relative dates are measured from, the same as for the shards, YYYY-MM-DD.", valueName: "day"))
    var today: String?

    @Flag(help: "Publish a new generation even if this table is published, and replace files that no dataset lists.")
    var force = false

    @Flag(help: "Print the result as one JSON document, and nothing else but errors.")
    var json = false

    @Option(help: ArgumentHelp("Shards read at once; by default as many as there are processors.", valueName: "n"))
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads takes a number from 1 to 1024.") }
        if let today, Day(iso: today) == nil { throw ValidationError("'\(today)' is not a day; write YYYY-MM-DD.") }
    }

    @MainActor
    func run() async throws {
        try await SageMakerJob.reportingFailure(options.sageMaker) { job in try await run(&job) }
    }

    /// - Parameter job: Set where the config says that this is one of SageMaker's, which shows how it ended.
    @MainActor
    private func run(_ job: inout SageMakerJob?) async throws {
        let today = today.flatMap(Day.init(iso:)) ?? WallClock.today
        let count = try ShardOptions.count(shards)
        let config = try options.load(today: today)
        if config.spec.environment == .sagemaker { job = .ofThisProcess }
        let sageMaker = job
        let target = try PublishTarget.ofCommand(config, isQuiet: json)
        try await Stoppable.run { () throws(RunError) in
            var runOptions = DatasetRun.Options(
                runID: "\(config.spec.name)-\(WallClock.now)", reason: "manual", threads: threads ?? Int(fleetsynth_usable_cpus()),
                toolVersion: Version.text)
            runOptions.force = force
            runOptions.report = HTMLReport()
            let commit = try ShardCommit(config, shards: count, today: today, options: runOptions)
            var report = RunReport(target, isJSON: json, isCommit: true)
            let outcome = try await commit(in: target.store, clock: { WallClock.now }, observe: { report.observe($0) })
            report.finish(outcome)
            sageMaker?.report(report.sentence(outcome))
        }
    }
}
