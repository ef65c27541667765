extension Shard {
    /// How many shards there are, where an engine does not say so itself.
    public static let countVariable = "FLEETSYNTH_SHARDS"

    /// Which shard this process is, by what its engine set.
    ///
    /// ```
    /// Slurm       SLURM_ARRAY_TASK_ID      less SLURM_ARRAY_TASK_MIN, of SLURM_ARRAY_TASK_COUNT
    /// Kubernetes  JOB_COMPLETION_INDEX     of FLEETSYNTH_SHARDS
    /// AWS Batch   AWS_BATCH_JOB_ARRAY_INDEX  of AWS_BATCH_JOB_ARRAY_SIZE
    /// ```
    /// Where `FLEETSYNTH_SHARDS` is set the engine's number is the shard's, so that an array of only those that are missing works.
    /// - Throws: `ShardProblem.environment`, with the variables that are wrong or missing.
    public init(environment: [String: String]) throws(ShardProblem) {
        let engines = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX"].filter { environment[$0] != nil }
        guard let engine = engines.first else {
            throw .environment(
                "no engine says which shard this is: none of SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX and AWS_BATCH_JOB_ARRAY_INDEX is set. "
                    + "Give --shard 3/64, or start it as an array job")
        }
        guard engines.count == 1 else {
            throw .environment(
                "\(engines.joined(separator: " and ")) are both set, so it is not clear which shard this is. Give --shard 3/64")
        }
        let number = try Self.number(engine, environment)
        let given = environment[Self.countVariable] == nil ? nil : try Self.number(Self.countVariable, environment)
        switch engine {
        case "SLURM_ARRAY_TASK_ID" where given == nil: self = try Self.ofWholeArray(number, environment)
        case "AWS_BATCH_JOB_ARRAY_INDEX" where given == nil:
            self = try Self.checked(engine, number, try Self.number("AWS_BATCH_JOB_ARRAY_SIZE", environment))
        default:
            let count = if let given { given } else { try Self.number(Self.countVariable, environment) }
            self = try Self.checked(engine, number, count)
        }
    }

    /// How many shards there are, by `FLEETSYNTH_SHARDS`.
    public static func count(environment: [String: String]) throws(ShardProblem) -> Int {
        let count = try number(countVariable, environment)
        guard (1...most).contains(count) else { throw .environment("\(countVariable) is \(count); it takes 1 to \(most)") }
        return count
    }

    /// A task of a Slurm array that has a task for every shard, numbered from 0 or from 1.
    ///
    /// An array of a few shards that are made again looks the same but for where it begins: `--array=3-5`, or `--array=1` alone.
    private static func ofWholeArray(_ task: Int, _ environment: [String: String]) throws(ShardProblem) -> Shard {
        let count = try number("SLURM_ARRAY_TASK_COUNT", environment)
        let first = try number("SLURM_ARRAY_TASK_MIN", environment)
        let last = environment["SLURM_ARRAY_TASK_MAX"] == nil ? first + count - 1 : try number("SLURM_ARRAY_TASK_MAX", environment)
        guard last - first + 1 == count, first == 0 || (first == 1 && count > 1) else {
            let tasks = count == 1 ? "1 task, number \(first)" : "\(count) tasks numbered from \(first) to \(last)"
            throw .environment(
                "the Slurm array has \(tasks), so it does not tell how many shards there are, nor a task's number its shard's. Set "
                    + "\(countVariable) to the number of shards; then task 3 makes shard 3")
        }
        return try checked("SLURM_ARRAY_TASK_ID less SLURM_ARRAY_TASK_MIN", task - first, count)
    }

    private static func checked(_ name: String, _ index: Int, _ count: Int) throws(ShardProblem) -> Shard {
        do throws(ShardProblem) {
            return try Shard(index: index, count: count)
        } catch {
            throw .environment(
                "\(name) is \(index) and there are \(count) shards, which are numbered from 0 to \(max(0, count - 1)), at most \(most) of them. "
                    + "Let the array have one task for each shard, the first with number 0")
        }
    }

    private static func number(_ name: String, _ environment: [String: String]) throws(ShardProblem) -> Int {
        guard let text = environment[name] else { throw .environment("\(name) is not set. Set \(countVariable) to the number of shards") }
        guard let value = Int(text), value >= 0, value <= 1 << 40 else {
            throw .environment("\(name) is '\(text)', which is no number from 0")
        }
        return value
    }
}
