/// Wall clock and pauses of the sources; the program passes its own, tests pass one that they move.
public struct CredentialClock: Sendable {
    /// Unix seconds.
    public var now: @Sendable () -> Int64
    /// Waits; throws when the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void

    /// - Parameters: as the properties of these names.
    public init(now: @escaping @Sendable () -> Int64, sleep: @escaping @Sendable (Duration) async throws -> Void) {
        self.now = now
        self.sleep = sleep
    }
}

/// What a request is signed for.
public struct SigningScope: Sendable, Equatable {
    /// For example `sts`.
    public var service: String
    /// For example `eu-west-1`.
    public var region: String

    /// - Parameters: as the properties of these names.
    public init(service: String, region: String) {
        self.service = service
        self.region = region
    }
}

/// Adds Signature V4 headers to a request, for calls that take credentials to get others.
public typealias RequestSigner = @Sendable (HTTPFetchRequest, Credentials, SigningScope) throws(CredentialError) -> HTTPFetchRequest

/// What the dataset's config says about credentials.
public struct CredentialSettings: Sendable, Equatable {
    /// The file's name in CREDENTIALS_DIRECTORY (`storage.credentials_name`).
    public var credentialName: String
    /// The profile that the config names (`storage.profile`): it then goes before the environment, and nothing else is asked.
    public var profile: String?
    /// Region for calls to STS where neither environment nor profile names one.
    public var region: String?
    /// Whether plain http is fine for STS and SSO endpoints beyond the loopback interface (`storage.allow_http`).
    public var allowsPlainHTTP: Bool

    /// - Parameters: as the properties of these names.
    public init(
        credentialName: String = "s3-credentials", profile: String? = nil, region: String? = nil, allowsPlainHTTP: Bool = false
    ) {
        self.credentialName = credentialName
        self.profile = profile
        self.region = region
        self.allowsPlainHTTP = allowsPlainHTTP
    }
}

/// Everything from outside that the sources look at.
public struct CredentialInputs: Sendable {
    /// Of the process.
    public var environment: [String: String]
    /// Reads files.
    public var files: any CredentialFiles
    /// Sends requests.
    public var http: any HTTPFetching
    /// Runs `credential_process`.
    public var processes: any CredentialProcesses
    /// Time.
    public var clock: CredentialClock
    /// Signs calls to STS; nil: profiles that assume a role with keys cannot be used.
    public var signer: RequestSigner?

    /// - Parameters: as the properties of these names.
    public init(
        environment: [String: String], files: any CredentialFiles = SystemCredentialFiles(), http: any HTTPFetching,
        processes: any CredentialProcesses = SystemCredentialProcesses(), clock: CredentialClock, signer: RequestSigner? = nil
    ) {
        self.environment = environment
        self.files = files
        self.http = http
        self.processes = processes
        self.clock = clock
        self.signer = signer
    }

    /// The variable's value; an empty one counts as not set.
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// A path as the tools of AWS read it: `~` is HOME.
    func expand(_ path: String) -> String {
        guard path == "~" || path.hasPrefix("~/"), let home = variable("HOME") else { return path }
        return home + path.dropFirst()
    }
}
