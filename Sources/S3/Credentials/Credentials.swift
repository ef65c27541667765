/// Keys that sign requests, and where they came from.
public struct Credentials: Sendable, Equatable {
    /// The public half of the key, for example `AKIA...`. It stands in every request in clear text.
    public var accessKeyID: String
    /// The secret half.
    public var secretAccessKey: Secret
    /// Goes with temporary keys.
    public var sessionToken: Secret?
    /// When the keys stop working, in Unix seconds; nil: never by themselves.
    public var expiration: Int64?
    /// Which source answered, in words: `environment`, `profile 'etl' (role)`. Never a secret.
    public var source: String

    /// - Parameters: as the properties of these names.
    public init(accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret? = nil, expiration: Int64? = nil, source: String) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiration = expiration
        self.source = source
    }

    /// Whether both sign the same way, whatever their source and their end.
    func signsLike(_ other: Credentials) -> Bool {
        accessKeyID == other.accessKeyID && secretAccessKey == other.secretAccessKey && sessionToken == other.sessionToken
    }
}

/// Hands out credentials that work now.
public protocol CredentialProvider: Sendable {
    /// Current credentials, from memory while they last.
    func credentials() async throws(CredentialError) -> Credentials
    /// Other credentials than `rejected`, which a server has refused as expired: those that somebody else has fetched meanwhile, or new ones.
    func refresh(rejected: Credentials) async throws(CredentialError) -> Credentials
}
