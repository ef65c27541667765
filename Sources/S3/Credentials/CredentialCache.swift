/// What a chain tells those who keep its log. No event holds a secret.
public enum CredentialEvent: Sendable, Equatable {
    /// New credentials: their source and their end in Unix seconds.
    case loaded(source: String, expiration: Int64?)
    /// New ones could not be had, and the old ones are still good.
    case keptOld(source: String, expiration: Int64?, error: CredentialError)
    /// New ones could not be had, and there are none.
    case failed(CredentialError)
}

/// Keeps credentials while they last; one load at a time, shared by all who wait.
///
/// ```
/// load ---------------- early window ------------ expiration
///      from memory       a load; old ones if it     a load, or an error
///                        fails; next try after
///                        `retryPause`
/// ```
/// A change of a file that the credentials came from makes a load due as well (X13).
actor CredentialCache {
    typealias Loaded = (credentials: Credentials, stamps: [FileStamp])
    typealias Load = @concurrent @Sendable () async -> Result<Loaded, CredentialError>

    /// How long before the end new credentials are fetched, in seconds; never more than half of what is left when they are loaded.
    static let refreshLead: Int64 = 300
    /// Seconds between tries while the old credentials are good.
    static let retryPause: Int64 = 30

    private struct Flight {
        let id: Int
        let task: Task<Void, Never>
    }

    private let load: Load
    private let files: any CredentialFiles
    private let now: @Sendable () -> Int64
    private let jitter: @Sendable () -> Int64
    private let observe: @Sendable (CredentialEvent) -> Void
    private var loaded: Loaded?
    private var refreshAt = Int64.max
    private var holdUntil = Int64.min
    private var flight: Flight?
    private var waiters: [Int: CheckedContinuation<Result<Credentials, CredentialError>, Never>] = [:]
    private var lastNumber = 0

    /// - Parameter jitter: Seconds on top of `refreshLead`, drawn for each load, so that many machines do not ask at once.
    init(
        files: any CredentialFiles, now: @escaping @Sendable () -> Int64, jitter: @escaping @Sendable () -> Int64,
        observe: @escaping @Sendable (CredentialEvent) -> Void, load: @escaping Load
    ) {
        self.load = load
        self.files = files
        self.now = now
        self.jitter = jitter
        self.observe = observe
    }

    func credentials() async throws(CredentialError) -> Credentials {
        if let loaded, !isDue(loaded) { return loaded.credentials }
        return try await join().get()
    }

    func refresh(rejected: Credentials) async throws(CredentialError) -> Credentials {
        if let loaded, !loaded.credentials.signsLike(rejected), !hasExpired(loaded.credentials) { return loaded.credentials }
        // A load that began before the rejection may bring the rejected ones once more, so there are two tries.
        for isFirst in [true, false] {
            forget(rejected)
            let isShared = flight != nil
            let found = try await join().get()
            if !found.signsLike(rejected) { return found }
            if !(isFirst && isShared) { break }
        }
        forget(rejected)
        throw CredentialError(
            .expired, "The store refuses the credentials of source \(rejected.source), and the source has no others.",
            remedy: "Renew them at their source, and check this machine's clock.", isRetryable: rejected.expiration != nil)
    }

    private func forget(_ rejected: Credentials) {
        if let loaded, loaded.credentials.signsLike(rejected) { self.loaded = nil }
    }

    private func hasExpired(_ credentials: Credentials) -> Bool { credentials.expiration.map { $0 <= now() } ?? false }

    private func isDue(_ loaded: Loaded) -> Bool {
        if hasExpired(loaded.credentials) { return true }
        guard now() >= holdUntil else { return false }
        return now() >= refreshAt || loaded.stamps.contains { files.stamp($0.path) != $0 }
    }

    /// Waits for the load under way, or begins one. A caller that is cancelled stops waiting; the last one takes the load with it.
    private func join() async -> Result<Credentials, CredentialError> {
        lastNumber += 1
        let number = lastNumber
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else { return continuation.resume(returning: .failure(.cancelled)) }
                waiters[number] = continuation
                if flight == nil { begin() }
            }
        } onCancel: {
            Task { await self.leave(number) }
        }
    }

    private func leave(_ number: Int) {
        waiters.removeValue(forKey: number)?.resume(returning: .failure(.cancelled))
        guard waiters.isEmpty, let flight else { return }
        flight.task.cancel()
        self.flight = nil
    }

    private func begin() {
        lastNumber += 1
        let id = lastNumber
        let load = load
        flight = Flight(
            id: id,
            task: Task {
                let result = await load()
                self.end(id, result)
            })
    }

    private func end(_ id: Int, _ result: Result<Loaded, CredentialError>) {
        // Nobody waits for a load that was cancelled; another one may be under way.
        guard flight?.id == id else { return }
        flight = nil
        let answer = settle(result)
        let waiting = waiters.sorted { $0.key < $1.key }
        waiters = [:]
        for (_, continuation) in waiting { continuation.resume(returning: answer) }
    }

    private func settle(_ result: Result<Loaded, CredentialError>) -> Result<Credentials, CredentialError> {
        switch result {
        case .success(let new) where !hasExpired(new.credentials):
            loaded = new
            holdUntil = .min
            refreshAt = refreshTime(of: new.credentials)
            observe(.loaded(source: new.credentials.source, expiration: new.credentials.expiration))
            return .success(new.credentials)
        case .success(let new):
            return fail(
                CredentialError(
                    .expired, "The credentials of source \(new.credentials.source) have expired already.",
                    remedy: "Renew them at their source, and check this machine's clock.", isRetryable: true))
        case .failure(let error): return fail(error)
        }
    }

    private func fail(_ error: CredentialError) -> Result<Credentials, CredentialError> {
        guard let old = loaded?.credentials, !hasExpired(old) else {
            loaded = nil
            observe(.failed(error))
            return .failure(error)
        }
        holdUntil = now() + Self.retryPause
        observe(.keptOld(source: old.source, expiration: old.expiration, error: error))
        return .success(old)
    }

    private func refreshTime(of credentials: Credentials) -> Int64 {
        guard let expiration = credentials.expiration else { return .max }
        let lead = min(Self.refreshLead + max(0, jitter()), (expiration - now()) / 2)
        return expiration - lead
    }
}
