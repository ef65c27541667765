public import Core
import Synchronization

extension S3Store: WriterLocking {
    /// How long a holder on another machine may be silent before its lock is taken over.
    static let lease = 180
    private static let heartbeat = Duration.seconds(45)

    /// Creates `writer.lock` in the scope, on the condition that it is not there (D15).
    ///
    /// A holder of this machine that has died is known by the kernel, and its lock is taken over at once; one of another machine counts as dead
    /// after three minutes of silence, measured by the store's own clock. Whoever is mistaken for dead cannot publish: its next manifest and pointer
    /// are conditional as well.
    ///
    /// - Throws: Code `busy` with the holder's name.
    public func lock(_ scope: ObjectKey) async throws(StoreError) -> any WriterLock {
        let key = try ObjectKey(scope.path + "/writer.lock")
        let own = WriterLease.ofThisProcess()
        guard let processGuard = ProcessGuard("\(settings.endpointText) \(settings.bucket) \(scope)") else {
            let holder = try? await get(key, limit: 4096).flatMap { WriterLease($0.bytes) }
            throw busy(scope, holder?.process ?? "another process on this machine")
        }
        guard let holderGuard = ProcessGuard(own.holder) else { throw busy(scope, "another process on this machine") }
        let guards = [processGuard, holderGuard]
        for _ in 1...3 {
            do throws(StoreError) {
                let version = try await put(key, own.bytes, if: .absent)
                return S3WriterLock(
                    store: self, key: key, lease: own, version: version, guards: guards, heartbeat: Self.heartbeat)
            } catch {
                guard error.code == .preconditionFailed else { throw error }
            }
            guard let there = try await holding(of: key) else { continue }
            // Whoever can have its name knows that the holder is gone.
            let isGone = there.lease.map { $0.machine == own.machine && ProcessGuard($0.holder) != nil } ?? false
            if !isGone, there.silence < Self.lease {
                throw busy(scope, there.lease?.process ?? "an unknown writer", silence: there.silence)
            }
            do throws(StoreError) {
                let version = try await put(key, own.bytes, if: .matches(there.version))
                return S3WriterLock(
                    store: self, key: key, lease: own, version: version, guards: guards, heartbeat: Self.heartbeat)
            } catch {
                guard error.code == .preconditionFailed else { throw error }
            }
        }
        throw busy(scope, "another process")
    }

    /// What a lock object says, and for how many seconds its holder has been silent by the store's clock.
    private func holding(of key: ObjectKey) async throws(StoreError) -> (lease: WriterLease?, silence: Int, version: ObjectVersion)? {
        do throws(S3Failure) {
            let response = try await call(.getObject, "GET", key: key.path, limit: 64 << 10).response
            let version = ObjectVersion(of: ContentHash(of: response.body))
            if let tag = response.header("etag") { tags.note(key, version, tag: tag) }
            let times = ["date", "last-modified"].compactMap { response.header($0).flatMap(HTTPDate.seconds) }
            // A store without clock: nobody is ever called dead.
            let silence = times.count == 2 ? Int(max(0, times[0] - times[1])) : 0
            return (WriterLease(response.body), silence, version)
        } catch {
            guard error.status == 404, error.code != "NoSuchBucket" else { throw storeError(error) }
            return nil
        }
    }

    private func busy(_ scope: ObjectKey, _ holder: String, silence: Int? = nil) -> StoreError {
        let patience = silence.map { " If it is gone, its lock ends by itself in \(max(1, Self.lease - $0)) s." } ?? ""
        return StoreError(
            .busy, .retryable,
            "\(path(of: scope)) is being written by \(holder). Nothing was changed; wait for it to finish, or stop it, and run again.\(patience)"
        )
    }
}

/// The lock object, kept fresh while it is held.
private final class S3WriterLock: WriterLock {
    private let store: S3Store
    private let key: ObjectKey
    private let state: Mutex<State>
    private let held: LeaseVersion
    private let keeper: Task<Void, Never>

    private struct State {
        /// Keep the names among this machine's processes; empty once released.
        var guards: [ProcessGuard]
    }

    init(
        store: S3Store, key: ObjectKey, lease: WriterLease, version: ObjectVersion, guards: [ProcessGuard], heartbeat: Duration
    ) {
        self.store = store
        self.key = key
        state = Mutex(State(guards: guards))
        let held = LeaseVersion(version)
        self.held = held
        keeper = Task.detached {
            while !Task.isCancelled {
                do { try await Task.sleep(for: heartbeat) } catch { return }
                guard let version = held.value else { return }
                do throws(StoreError) {
                    // Other bytes than before, because some stores derive the version from them alone.
                    held.value = try await store.put(key, lease.renewed().bytes, if: .matches(version))
                } catch {
                    guard error.code == .preconditionFailed else { continue }
                    held.value = nil
                    store.observe(.lockLost(key))
                    return
                }
            }
        }
    }

    func release() async {
        let guards = state.withLock { state in
            defer { state.guards = [] }
            return state.guards
        }
        guard !guards.isEmpty else { return }
        keeper.cancel()
        await keeper.value
        if held.value != nil {
            do throws(StoreError) {
                try await store.delete(key)
            } catch {
                if error.code == .permissionDenied { store.observe(.cannotDelete(key)) }
            }
        }
        // Until here nobody of this machine takes the lock for a dead one's.
        withExtendedLifetime(guards) {}
    }

    deinit { keeper.cancel() }
}

/// The version of the lock object that is ours; nil once somebody else has taken it.
private final class LeaseVersion: Sendable {
    private let state: Mutex<ObjectVersion?>

    init(_ version: ObjectVersion) { state = Mutex(version) }

    var value: ObjectVersion? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
