public import Core
import Glibc

/// The state directory: one small JSON file per dataset, replaced atomically and durably.
///
/// ```
/// {directory}/datasets/web.json            the state
/// {directory}/datasets/web.json.damaged    a file that could not be read, set aside for whoever wants to know why
/// ```
/// What a person broke or a disk lost never keeps the service from starting: such a dataset begins anew, with a warning. The actor does one
/// thing at a time and blocks its thread while the disk works. One service has the directory, by a lock on its folder.
public actor StateStore {
    /// A file that was set aside or could not be read. The dataset starts without memory.
    public struct Warning: Hashable, Sendable {
        /// The dataset.
        public let dataset: String
        /// What is wrong with which file, and what happens instead.
        public let message: String
    }

    /// The largest file that is read: several times what is ever written.
    public static let maximumBytes: UInt64 = 131_072

    private static let folder = "datasets/"
    private let store: LocalStore
    /// Held for life: two services with one memory would take each other's pauses and scheduled times back.
    private var lock: (any WriterLock)?
    private var states: [String: DatasetState] = [:]

    /// - Parameter directory: The service's state directory; created by the first write.
    public init(directory: String) { store = LocalStore(root: directory) }

    package init(store: LocalStore) { self.store = store }

    /// Reads every dataset's state, sets damaged files aside and removes what a crash left unfinished.
    ///
    /// - Throws: Where the directory cannot be made or read, or another service has it (code `busy`); a file that cannot is a warning.
    public func open() async throws(StoreError) -> [Warning] {
        lock = try await store.lock(try ObjectKey(String(Self.folder.dropLast())))
        var warnings: [Warning] = []
        for listed in try await store.list(Self.folder) {
            if case .staged(let token, _) = listed.kind {
                await (try? store.resume(listed.key, token: token))?.discard()
            } else if listed.key.folder + "/" == Self.folder, listed.key.name.hasSuffix(".json") {
                let dataset = String(listed.key.name.dropLast(".json".count))
                switch await read(listed.key) {
                case .success(let state): states[dataset] = state
                case .failure(let damage): warnings.append(Warning(dataset: dataset, message: setAside(listed.key, damage)))
                }
            }
        }
        return warnings
    }

    /// Lets another service have the directory, as the end of the process does.
    public func close() async {
        await lock?.release()
        lock = nil
    }

    /// The datasets that something is known about, sorted.
    public var datasets: [String] { states.keys.sorted() }

    /// The datasets whose last run failed, sorted.
    public var failed: [String] { states.filter { $0.value.hasFailed }.keys.sorted() }

    /// What is known about a dataset.
    public subscript(dataset: String) -> DatasetState { states[dataset] ?? DatasetState() }

    /// Changes a dataset's state and makes that durable; without a difference nothing is written.
    ///
    /// - Throws: Where it could not be written. The service goes on with the new state, and the next change tries to write it again.
    public func update(_ dataset: String, _ change: @Sendable (inout DatasetState) -> Void) async throws(StoreError) {
        let old = states[dataset]
        var state = old ?? DatasetState()
        change(&state)
        if let schedule = state.schedule {
            precondition(schedule.utf8.count <= DatasetState.maximumScheduleBytes, "a schedule's memory is small")
        }
        guard state != old || unwritten.contains(dataset) else { return }
        states[dataset] = state
        unwritten.insert(dataset)
        _ = try await store.put(Self.key(dataset), state.bytes, if: .none)
        if states[dataset] == state { unwritten.remove(dataset) }
    }

    /// Changes a dataset's state in memory; its next `update` makes that durable. For what a crash may take back.
    public func note(_ dataset: String, _ change: @Sendable (inout DatasetState) -> Void) {
        let old = states[dataset]
        var state = old ?? DatasetState()
        change(&state)
        guard state != old else { return }
        states[dataset] = state
        unwritten.insert(dataset)
    }

    /// Forgets a dataset whose config is gone.
    public func remove(_ dataset: String) async throws(StoreError) {
        states[dataset] = nil
        unwritten.remove(dataset)
        try await store.delete(Self.key(dataset))
    }

    /// Datasets whose file is older than what is known here.
    private var unwritten: Set<String> = []

    private static func key(_ dataset: String) throws(StoreError) -> ObjectKey { try ObjectKey(folder + dataset + ".json") }

    private func read(_ key: ObjectKey) async -> Result<DatasetState, StateDamage> {
        do {
            guard let object = try await store.get(key, limit: Self.maximumBytes) else { return .failure(StateDamage("it went away")) }
            return .success(try DatasetState(reading: object.bytes))
        } catch let damage as StateDamage {
            return .failure(damage)
        } catch {
            return .failure(StateDamage("\(error)"))
        }
    }

    private func setAside(_ key: ObjectKey, _ damage: StateDamage) -> String {
        let path = store.path(of: key)
        let start = "\(path) cannot be used: \(damage.problem)."
        let rest = "The dataset starts without memory: it is compared with its config and, if it has a schedule, waits for the next time."
        if rename(path, path + ".damaged") == 0 { return "\(start) It was set aside as \(path).damaged. \(rest)" }
        return "\(start) It could not be set aside (\(String(cString: strerror(errno)))) and will be replaced. \(rest)"
    }
}
