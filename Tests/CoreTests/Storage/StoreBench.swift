import Core
import FoundationEssentials
import Glibc
import Synchronization
import Testing

/// One place for objects that outlives any number of "processes": each `store` is what one of them sees of it.
final class StoreBench: Sendable {
    /// The stores that every rule must hold for.
    enum Kind: String, CaseIterable, CustomTestStringConvertible, Sendable {
        case local, memory
        var testDescription: String { rawValue }
        /// The code of an error whose cause is the device.
        var deviceFailure: StoreError.Code { .inputOutput }
        /// Whether an object stays void after a seal that failed.
        var isVoidAfterFailedSeal: Bool { self == .local }
    }

    let kind: Kind
    /// The local store's folder.
    let root: String
    private let memory = InMemoryStore()

    init(_ kind: Kind) throws {
        self.kind = kind
        // In memory where there is such a file system: the tests make thousands of files, and none about what a disk does.
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/store-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXProblem(code: errno) }
        root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// The same objects, through a store with faults of its own.
    func store(faults: FaultHook? = nil) -> any ObjectStore & WriterLocking {
        switch kind {
        // The store keeps its folder alive.
        case .local: LocalStore(root: root, faults: { [self] step in withExtendedLifetime(self) { faults?(step) } })
        case .memory: memory.sharing(faults: faults)
        }
    }

    /// Writes an object behind the stores' back, as a user or a bad disk would.
    func overwrite(_ key: ObjectKey, _ bytes: [UInt8]) async throws {
        _ = try await store().put(key, bytes, if: .none)
    }
}

struct POSIXProblem: Error { let code: Int32 }

/// Counts the steps of a store and makes some of them fail.
final class FaultPlan: Sendable {
    private let seen = Mutex<[StoreStep]>([])
    private let decide: Decide

    /// Gets all steps so far; the last is the one to decide about.
    typealias Decide = @Sendable (_ steps: [StoreStep]) -> InjectedFault?

    init(_ decide: @escaping Decide) { self.decide = decide }

    /// Only records.
    static var recording: FaultPlan { FaultPlan { _ in nil } }

    /// The process dies before its n-th step: neither that nor any later one has an effect.
    static func crash(at number: Int) -> FaultPlan { FaultPlan { $0.count >= number ? .before(EIO) : nil } }

    /// The n-th step fails, the others do not.
    static func fail(at number: Int, _ fault: InjectedFault) -> FaultPlan { FaultPlan { $0.count == number ? fault : nil } }

    /// Only the n-th step of one kind fails.
    static func fail(at number: Int, _ step: StoreStep, _ fault: InjectedFault) -> FaultPlan {
        FaultPlan { steps in steps.last == step && steps.filter { $0 == step }.count == number ? fault : nil }
    }

    var steps: [StoreStep] { seen.withLock { $0 } }

    var hook: FaultHook {
        { step in
            self.seen.withLock { seen in
                seen.append(step)
                return self.decide(seen)
            }
        }
    }
}

/// What the contract waits for before its first test: nothing, for stores of this machine.
struct StoresReady: SuiteTrait {}

extension Trait where Self == StoresReady {
    static var storesReady: Self { Self() }
}
