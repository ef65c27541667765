import Core
import Testing

@Suite("Shard")
struct ShardTests {
    @Test("numbers from 0, of at most 10,000, written one way", arguments: ["0/1", "3/64", "9999/10000"])
    func good(text: String) throws { #expect(try Shard(text).description == text) }

    @Test(
        "anything else is no shard",
        arguments: ["64/64", "-1/64", "0/0", "1/10001", "3", "3/", "/64", "03/64", "3/64/1", "3 / 64", "", "3/x", "99999999999999999999/3"])
    func bad(text: String) {
        #expect(throws: ShardProblem.number(text)) { try Shard(text) }
    }

    @Test(
        "an engine's environment names the shard",
        arguments: [
            (["SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "8", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_MAX": "7"], "3/8"),
            (["SLURM_ARRAY_TASK_ID": "8", "SLURM_ARRAY_TASK_COUNT": "8", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_MAX": "8"], "7/8"),
            (
                [
                    "SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_COUNT": "2", "SLURM_ARRAY_TASK_MIN": "3", "SLURM_ARRAY_TASK_MAX": "5",
                    "FLEETSYNTH_SHARDS": "8",
                ], "5/8"
            ),
            (["JOB_COMPLETION_INDEX": "0", "FLEETSYNTH_SHARDS": "64"], "0/64"),
            (["AWS_BATCH_JOB_ARRAY_INDEX": "63", "AWS_BATCH_JOB_ARRAY_SIZE": "64"], "63/64"),
            (["AWS_BATCH_JOB_ARRAY_INDEX": "1", "AWS_BATCH_JOB_ARRAY_SIZE": "2", "FLEETSYNTH_SHARDS": "64"], "1/64"),
        ])
    func environment(variables: [String: String], expected: String) throws {
        #expect(try Shard(environment: variables).description == expected)
    }

    @Test(
        "an environment that does not is refused with the variable",
        arguments: [
            ([:], "SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX and AWS_BATCH_JOB_ARRAY_INDEX"),
            (["JOB_COMPLETION_INDEX": "0"], "Set FLEETSYNTH_SHARDS to the number of shards"),
            (["SLURM_ARRAY_TASK_ID": "3"], "SLURM_ARRAY_TASK_COUNT is not set. Set FLEETSYNTH_SHARDS"),
            (["JOB_COMPLETION_INDEX": "8", "FLEETSYNTH_SHARDS": "8"], "numbered from 0 to 7"),
            (["JOB_COMPLETION_INDEX": "x", "FLEETSYNTH_SHARDS": "8"], "JOB_COMPLETION_INDEX is 'x'"),
            (["JOB_COMPLETION_INDEX": "0", "AWS_BATCH_JOB_ARRAY_INDEX": "0"], "both set"),
            (["AWS_BATCH_JOB_ARRAY_INDEX": "0"], "AWS_BATCH_JOB_ARRAY_SIZE is not set"),
            (
                ["SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_COUNT": "2", "SLURM_ARRAY_TASK_MIN": "3", "SLURM_ARRAY_TASK_MAX": "5"],
                "Set FLEETSYNTH_SHARDS"
            ),
            // Shards that are made again: a range, and one alone.
            (
                ["SLURM_ARRAY_TASK_ID": "4", "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_TASK_MIN": "3", "SLURM_ARRAY_TASK_MAX": "5"],
                "3 tasks numbered from 3 to 5, so it does not tell how many shards there are"
            ),
            (
                ["SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_COUNT": "1", "SLURM_ARRAY_TASK_MIN": "5", "SLURM_ARRAY_TASK_MAX": "5"],
                "1 task, number 5"
            ),
            (
                ["SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_COUNT": "1", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_MAX": "1"],
                "Set FLEETSYNTH_SHARDS"
            ),
        ])
    func unclear(variables: [String: String], words: String) {
        let error = #expect(throws: ShardProblem.self) { try Shard(environment: variables) }
        #expect(error?.description.contains(words) == true && error?.exitCode == 64)
    }

    @Test("missing shards are listed as runs, a dozen at most")
    func list() {
        let few = ShardProblem.missing([3, 5, 6, 7, 12], of: 64, others: []).description
        #expect(few.contains("Shards 3, 5-7, 12 of 64 are missing") && few.contains("--shard 3/64"))
        let many = ShardProblem.missing(Array(stride(from: 0, to: 100, by: 2)), of: 100, others: []).description
        #expect(many.contains("0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22 and 38 more of 100"))
    }
}
