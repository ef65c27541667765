import Core
import Glibc
import Testing

@Suite("Store errors")
struct StoreErrorTests {
    struct Expected: Sendable, CustomTestStringConvertible {
        let errno: Int32
        let code: StoreError.Code
        let exit: Int32
        let outcome: StoreError.Outcome
        let words: String
        var testDescription: String { words }
    }

    static let table = [
        Expected(errno: ENOSPC, code: .noSpace, exit: 73, outcome: .retryable, words: "the disk is full (ENOSPC)"),
        Expected(errno: EDQUOT, code: .quota, exit: 73, outcome: .retryable, words: "the disk quota is used up (EDQUOT)"),
        Expected(errno: EROFS, code: .readOnly, exit: 73, outcome: .permanent, words: "the file system is read-only (EROFS)"),
        Expected(errno: EACCES, code: .permissionDenied, exit: 77, outcome: .permanent, words: "permission denied (EACCES)"),
        Expected(errno: EPERM, code: .permissionDenied, exit: 77, outcome: .permanent, words: "permission denied (EPERM)"),
        Expected(errno: ENOENT, code: .notFound, exit: 73, outcome: .permanent, words: "it does not exist (ENOENT)"),
        Expected(errno: EIO, code: .inputOutput, exit: 74, outcome: .retryable, words: "the device reports an error (EIO)"),
        Expected(errno: EMFILE, code: .tooManyOpenFiles, exit: 75, outcome: .retryable, words: "too many files are open (EMFILE)"),
        Expected(errno: ETIMEDOUT, code: .unavailable, exit: 69, outcome: .retryable, words: "the file server does not answer"),
        Expected(errno: EDOM, code: .inputOutput, exit: 74, outcome: .retryable, words: "(errno \(EDOM))"),
    ]

    @Test("D7 Each cause has a sentence with path, what was kept and a remedy, a class and an exit status", arguments: table)
    func causes(expected: Expected) async throws {
        let bench = try StoreBench(.local)
        // Every time: a folder that went is made once more before a missing one is an error.
        let plan = FaultPlan { $0.last == .create ? .before(expected.errno) : nil }
        let store = bench.store(faults: plan.hook)
        let error = await #expect(throws: StoreError.self) { try await store.put(ObjectKey("raw/x"), [1], if: .none) }
        #expect(error?.code == expected.code)
        #expect(error?.exitCode == expected.exit)
        #expect(error?.outcome == expected.outcome)
        #expect(error?.systemError == expected.errno)
        let message = try #require(error?.message)
        #expect(message.hasPrefix("Cannot create \(bench.root)/raw/.x.put-"))
        #expect(message.contains(expected.words))
        #expect(message.contains("What is published stays as it was."))
        #expect(message.hasSuffix("."))
    }

    @Test("An error after the rename has an unknown outcome, whatever its cause", arguments: [ENOSPC, EIO, EROFS])
    func unknownAfterRename(code: Int32) async throws {
        let bench = try StoreBench(.local)
        // The folder exists and is durable, so the second sync of the put is the one after the rename.
        let plan = FaultPlan.recording
        _ = try await bench.store(faults: plan.hook).put(ObjectKey("x"), [1], if: .none)
        let last = plan.steps.count
        #expect(plan.steps.last == .sync)
        let store = bench.store(faults: FaultPlan.fail(at: last, .before(code)).hook)
        let error = await #expect(throws: StoreError.self) { try await store.put(ObjectKey("x"), [2], if: .none) }
        #expect(error?.outcome == .unknown)
        #expect(error?.message.contains("decided by content") == true)
    }
}
