import ArgumentParser
import CLinux
import Core
import Glibc
import Reports

/// `fleetsynth generate`: one run of one dataset.
struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Generates, checks and publishes one dataset.",
        discussion: """
            Publishes the Parquet panel with its JSON summary, sample CSV, report and manifest, or says that it is up to date. With --output it \
            writes the panel, or the part of it that --from, --to and --servers name, to that file and publishes nothing. With --shard it \
            stages one of the parts that `fleetsynth commit` publishes together.
            """)

    @OptionGroup var options: ConfigOptions

    @Flag(
        help: "Publish a new generation even if nothing changed, and replace files that no dataset lists; with --output, replace that file."
    )
    var force = false

    @Flag(help: "Print the result as one JSON document, and nothing else but errors.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "Column chunks made at once; by default as many as there are processors. The data is always the same.", valueName: "n"))
    var threads: Int?

    @Option(help: ArgumentHelp("First day of a slice, YYYY-MM-DD.", valueName: "day"))
    var from: String?

    @Option(help: ArgumentHelp("Last day of a slice, YYYY-MM-DD.", valueName: "day"))
    var to: String?

    @Option(help: ArgumentHelp("Servers of a slice by number, from 1: 11-20.", valueName: "a-b"))
    var servers: String?

    @Option(help: ArgumentHelp("Write this Parquet file instead of publishing.", valueName: "file"))
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Make one shard, 3/64 the fourth of 64, and stage it for `commit`; auto takes the numbers from Slurm, Kubernetes or AWS Batch.",
            valueName: "i/n|auto"))
    var shard: String?

    @Option(help: ArgumentHelp("The day that relative dates of shards are measured from, the same for all, YYYY-MM-DD.", valueName: "day"))
    var today: String?

    private var isSlice: Bool { from != nil || to != nil || servers != nil }

    func validate() throws {
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads takes a number from 1 to 1024.") }
        if isSlice && output == nil {
            throw ValidationError("A slice is not published: give --output FILE with --from, --to or --servers.")
        }
        if let output, ["", ".", ".."].contains(Self.split(output).name) {
            throw ValidationError("--output takes the name of a file to write, for example slice.parquet.")
        }
        if shard != nil, isSlice || output != nil {
            throw ValidationError("--shard makes a part of the published table; it does not go with --output, --from, --to or --servers.")
        }
        if today != nil, shard == nil, options.sageMaker == nil {
            throw ValidationError("--today is for shards: a run of its own measures relative dates from the day it starts.")
        }
        for day in [from, to, today].compactMap({ $0 }) where Day(iso: day) == nil {
            throw ValidationError("'\(day)' is not a day; write YYYY-MM-DD.")
        }
        if servers != nil && serverRange == nil { throw ValidationError("--servers takes numbers from 1 as A-B, for example 11-20.") }
    }

    private var serverRange: ClosedRange<Int>? {
        let bounds = (servers ?? "").split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard bounds.count == 2, let first = bounds[0], let last = bounds[1], first >= 1, first <= last else { return nil }
        return first...last
    }

    @MainActor
    func run() async throws {
        try await SageMakerJob.reportingFailure(options.sageMaker) { job in try await run(&job) }
    }

    /// - Parameter job: Set where the config says that this is one of SageMaker's.
    @MainActor
    private func run(_ job: inout SageMakerJob?) async throws {
        let today = today.flatMap(Day.init(iso:)) ?? WallClock.today
        let shard = try self.shard.map(ShardOptions.shard)
        let config = try options.load(today: today)
        if config.spec.environment == .sagemaker {
            job = .ofThisProcess
        }
        let host = try job?.host(for: config, hasShard: shard != nil)
        let sageMaker = job
        let threads = threads ?? Int(fleetsynth_usable_cpus())
        fleetsynth_keep_memory()
        let target = output == nil ? try target(config) : nil
        try await Stoppable.run { () throws(RunError) in
            if let target, let shard {
                let result = try await stage(config, shard, in: target, today: today, threads: threads)
                Console.result(json ? JSONText.compact(result) : result.text)
                sageMaker?.report(result.text)
            } else if let target, let host {
                let sentence = try await work(as: host, config, in: target, today: today, threads: threads)
                sageMaker?.report(sentence)
            } else if let target {
                _ = try await publish(config, to: target, today: today, threads: threads)
            } else if let output {
                let sentence = try await export(config, today: today, to: output, threads: threads)
                sageMaker?.report(sentence)
            }
        }
    }

    private func target(_ config: LoadedConfig) throws -> PublishTarget { try .ofCommand(config, isQuiet: json) }

    /// - Returns: How it ended, in a line.
    @MainActor
    func publish(_ config: LoadedConfig, to target: PublishTarget, today: Day, threads: Int) async throws(RunError) -> String {
        let now = WallClock.now
        var runOptions = DatasetRun.Options(
            runID: "\(config.spec.name)-\(now)", reason: "manual", threads: threads, toolVersion: Version.text)
        runOptions.force = force
        runOptions.report = HTMLReport()
        let run = try DatasetRun(config, today: today, options: runOptions)
        var report = RunReport(target, isJSON: json)
        let outcome = try await run(in: target.store, clock: { WallClock.now }, observe: { report.observe($0) })
        report.finish(outcome)
        return report.sentence(outcome)
    }

    /// - Returns: How it ended, in a line.
    @MainActor
    private func export(_ config: LoadedConfig, today: Day, to path: String, threads: Int) async throws(RunError) -> String {
        let plan: PanelPlan
        do throws(PlanError) {
            plan = try PanelPlan(config.spec, today: today).slice(
                from: from.flatMap(Day.init(iso:)), to: to.flatMap(Day.init(iso:)), servers: serverRange)
        } catch {
            throw .plan(error)
        }
        let (folder, name) = Self.split(path)
        try OutputFile(path: path, folder: folder).check(config: options.config ?? "", spec: config.spec, replaces: force)
        let key: ObjectKey
        do throws(StoreError) {
            key = try ObjectKey(name)
        } catch {
            throw .store(error)
        }
        var progress = ProgressLine(total: plan.rows, isTerminal: Console.isTerminal, isSilent: json)
        let result = try await SliceExport(config, plan: plan)(
            to: key, in: LocalStore(root: folder), threads: threads, progress: { progress.update(rows: $0) })
        progress.clear()
        for failure in result.quality.failures { Console.note("warning: written although a check failed: \(failure.sentence)") }
        let sentence =
            "wrote \(path): \(Humane.many(result.rows, "row")), "
            + "\(Humane.shape(rows: result.rows, servers: plan.servers.count, steps: plan.rowSteps)), "
            + "\(Humane.bytes(result.bytes)), \(Humane.seconds(progress.elapsed))"
        Console.result(json ? JSONText.compact(SliceResult(result, output: path, seconds: progress.elapsed)) : sentence)
        return sentence
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = String(path[..<slash])
        return (folder.isEmpty ? "/" : folder, String(path[path.index(after: slash)...]))
    }
}

/// The target of `--output`: a new file, or one that may be replaced.
private struct OutputFile {
    let path: String
    let folder: String

    /// - Throws: Where writing would destroy what is not meant, or cannot work.
    func check(config: String, spec: DatasetSpec, replaces: Bool) throws(RunError) {
        guard let place = Self.resolved(folder) else {
            throw refusal(.notFound, "\(folder) is no folder, so \(path) cannot be written. Create it, or choose another --output.")
        }
        if let base = Self.resolved(spec.storage.localBasePath), place == base || place.hasPrefix(base + "/") {
            throw refusal(
                .owned,
                "\(path) lies inside the dataset's own store, \(spec.storage.localBasePath). Choose a place outside it for --output.")
        }
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw refusal(.owned, "\(path) exists and is no regular file, so it is not replaced. Choose another --output.")
        }
        if let own = Self.resolved(config), own == Self.resolved(path) {
            throw refusal(.owned, "\(path) is the config itself. Choose another --output.")
        }
        guard replaces else {
            throw refusal(.owned, "\(path) exists and is not replaced. Choose another --output, or add --force to replace it.")
        }
    }

    private func refusal(_ code: StoreError.Code, _ message: String) -> RunError { .store(StoreError(code, .permanent, message)) }

    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

private struct SliceResult: Encodable {
    let status = "written"
    let output: String
    let rows: Int
    let bytes: UInt64
    let sha256: String
    let seconds: Double

    init(_ result: SliceExport.Result, output: String, seconds: Double) {
        self.output = output
        rows = result.rows
        bytes = result.bytes
        sha256 = result.sha256.hex
        self.seconds = seconds
    }
}
