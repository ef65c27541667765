import ArgumentParser
import Core
import FoundationEssentials

/// How shards are given on a command line.
enum ShardOptions {
    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// `3/64`, or `auto` for what the engine's environment says; leaves with 64 where that is no shard.
    static func shard(_ text: String) throws -> Shard {
        try checked { () throws(ShardProblem) in try text == "auto" ? Shard(environment: environment) : Shard(text) }
    }

    /// `64`, or `auto` for `FLEETSYNTH_SHARDS`.
    static func count(_ text: String) throws -> Int {
        try checked { () throws(ShardProblem) in
            if text == "auto" { return try Shard.count(environment: environment) }
            guard let count = Int(text), (1...Shard.most).contains(count) else {
                throw .environment("--shards takes the number of shards, from 1 to \(Shard.most), or auto for \(Shard.countVariable)")
            }
            return count
        }
    }

    private static func checked<Value>(_ work: () throws(ShardProblem) -> Value) throws -> Value {
        do throws(ShardProblem) {
            return try work()
        } catch {
            Console.failure("error: \(error)")
            throw ExitCode(error.exitCode)
        }
    }
}
