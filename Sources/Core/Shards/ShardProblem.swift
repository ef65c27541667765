/// Why shards cannot be made or committed.
public enum ShardProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// No such shard: the text.
    case number(String)
    /// What an engine set does not tell which shard this is: why, and the remedy.
    case environment(String)
    /// A folder that parts cannot be in, `/` at its end.
    case place(String)
    /// Shards that are not there, and what is there in their place.
    case missing([Int], of: Int, others: [String])
    /// Files of a published table whose shards are used up, and how many more.
    case gone(generation: Int, file: String, more: Int)
    /// A published table whose shards are used up, and a config that makes the same parts and judges or presents them otherwise.
    case otherConfig(generation: Int)
    /// Shards that are there but not whole, and why the first is not.
    case damaged([Int], of: Int, because: String)

    /// A sentence with the remedy.
    public var description: String {
        switch self {
        case .number(let text):
            return "'\(text)' is no shard; write 3/64 for the fourth of 64: from 0/64 to 63/64, of at most \(Shard.most)."
        case .environment(let problem): return "\(problem)."
        case .place(let folder):
            return
                "The parts of this dataset would be in \(folder), a folder that is kept for the records of what was published. Set "
                + "storage.raw_prefix, to raw/ for example, or give the config's file another name."
        case .missing(let shards, let count, let others):
            let (noun, verb) = shards.count == 1 ? ("Shard", "is") : ("Shards", "are")
            return
                (["\(noun) \(Self.list(shards)) of \(count) \(verb) missing, so nothing was published."] + others + [
                    Self.again(shards, count)
                ])
                .joined(separator: " ")
        case .gone(let generation, let file, let more):
            return
                "Generation \(generation) is this table, but \(file) is gone\(more > 0 ? " and \(more) more" : ""). Nothing was changed. "
                + "Run every shard with --force, then commit again."
        case .otherConfig(let generation):
            return
                "Generation \(generation) is this table, judged and drawn by another config, and its shards are used up, so whether this one "
                + "would publish it is not known. Nothing was changed. Run every shard with --force, then commit again."
        case .damaged(let shards, let count, let reason):
            let (noun, verb) = shards.count == 1 ? ("Shard", "is") : ("Shards", "are")
            return
                "\(noun) \(Self.list(shards)) of \(count) \(verb) not whole, so nothing was published: \(reason). \(Self.again(shards, count))"
        }
    }

    private static func again(_ shards: [Int], _ count: Int) -> String {
        "Run `generate --shard \(shards.first ?? 0)/\(count)`\(shards.count > 1 ? " and so on" : "") with this config, then commit again."
    }

    /// Runs of numbers, the first twelve: `3, 5-9, 12 and 100 more`.
    static func list(_ numbers: [Int]) -> String {
        var runs: [ClosedRange<Int>] = []
        for number in numbers.sorted() {
            if let last = runs.last, last.upperBound + 1 >= number {
                runs[runs.count - 1] = last.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        let shown = runs.prefix(12)
        let rest = runs.dropFirst(12).reduce(0) { $0 + $1.count }
        let text = shown.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ", ")
        return rest == 0 ? text : "\(text) and \(rest) more"
    }

    /// The program's exit status, after sysexits(3).
    public var exitCode: Int32 {
        switch self {
        case .number, .environment: 64
        case .missing, .gone, .otherConfig: 66
        case .damaged: 65
        case .place: 78
        }
    }
}
