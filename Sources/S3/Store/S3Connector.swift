public import Core
import Synchronization

/// Opens stores, one per bucket and settings, so that what a store has learnt and its connections serve every run of a process.
public final class S3Connector: Sendable {
    private let environment: [String: String]
    private let now: @Sendable () -> Int64
    private let traffic: @Sendable (S3Traffic) -> Void
    private let observe: @Sendable (S3Settings, S3Store.Notice) -> Void
    private let stores = Mutex<[S3Settings: S3Store]>([:])

    /// - Parameters:
    ///   - environment: Of the process: endpoint, region, proxy, credentials.
    ///   - now: The wall clock in Unix seconds, for signatures and for the end of keys.
    ///   - traffic: Told of every request, from any thread.
    ///   - observe: Told what stores find out, from any thread.
    public init(
        environment: [String: String], now: @escaping @Sendable () -> Int64, traffic: @escaping @Sendable (S3Traffic) -> Void = { _ in },
        observe: @escaping @Sendable (S3Settings, S3Store.Notice) -> Void = { _, _ in }
    ) {
        self.environment = environment
        self.now = now
        self.traffic = traffic
        self.observe = observe
    }

    /// The store of a config.
    /// - Throws: What is wrong with the settings; nothing is asked of the network.
    public func store(_ spec: StorageSpec) throws(S3Settings.Problem) -> S3Store { try store(S3Settings(spec, environment: environment)) }

    /// The store of a bucket, by the environment alone.
    public func store(bucket: String) throws(S3Settings.Problem) -> S3Store {
        try store(S3Settings(bucket: bucket, environment: environment))
    }

    private func store(_ settings: S3Settings) throws(S3Settings.Problem) -> S3Store {
        if let known = stores.withLock({ $0[settings] }) { return known }
        let transport: HTTPTransport
        do {
            transport = try HTTPTransport(caFile: settings.authorities?.path, proxy: try settings.proxy(environment))
        } catch let error as TransportError {
            throw S3Settings.Problem("\(settings.authorities?.setting ?? "TLS"): \(error.reason).")
        } catch {
            throw S3Settings.Problem("\(error)")
        }
        let client = S3Client(
            endpoint: settings.endpoint, region: settings.region,
            surroundings: .init(transport: transport, credentials: try provider(settings), now: now, traffic: traffic))
        let observe = observe
        let store = S3Store(settings: settings, client: client) { observe(settings, $0) }
        return stores.withLock { stores in
            if stores.count >= 64 { stores.removeAll() }
            stores[settings] = store
            return store
        }
    }

    /// Which source the keys come from, in words.
    public func credentialSource(_ store: S3Store) async throws(CredentialError) -> String {
        try await store.client.surroundings.credentials.credentials().source
    }

    /// The sources of docs/S3.md, asked without the bucket's own authorities.
    private func provider(_ settings: S3Settings) throws(S3Settings.Problem) -> any CredentialProvider {
        let transport: CredentialTransport
        do throws(TransportError) {
            transport = try CredentialTransport(
                environment: environment, caFile: environment["AWS_CA_BUNDLE"].flatMap { $0.isEmpty ? nil : $0 })
        } catch {
            throw S3Settings.Problem("AWS_CA_BUNDLE: \(error.reason).")
        }
        let inputs = CredentialInputs(
            environment: environment, http: transport,
            clock: CredentialClock(now: now, sleep: { try await Task.sleep(for: $0) }), signer: FetchSigning.signer(now: now))
        let observe = observe
        return CredentialChain(
            CredentialSettings(
                credentialName: settings.credentialsName, profile: settings.profile, region: settings.region,
                allowsPlainHTTP: settings.allowsPlainHTTP),
            inputs: inputs, jitter: { Int64.random(in: 0...60) },
            observe: { event in
                switch event {
                case .loaded(let source, _): observe(settings, .keys(source: source))
                case .keptOld(_, _, let error): observe(settings, .keysNotRenewed(error.description))
                case .failed: break
                }
            })
    }
}
