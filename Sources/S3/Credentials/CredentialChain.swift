/// The sources of credentials in their order, with memory: the first one that is set up answers.
///
/// 1. the credential file of the service manager, 2. a profile that the config names, and then nothing else; otherwise 2. the environment,
/// 3. web identity, 4. profile files, 5. the container's endpoint, 6. the instance metadata service. A source that is set up and fails ends
/// the search: signing with other keys than those that were meant hides the fault.
public struct CredentialChain: CredentialProvider {
    private let cache: CredentialCache

    /// - Parameters:
    ///   - settings: What the dataset's config says.
    ///   - inputs: Everything from outside.
    ///   - jitter: Seconds, drawn for each load; credentials are renewed so much earlier than five minutes before their end.
    ///   - observe: Gets every load and every failure, for the log; called on the cache's actor, so it must not wait.
    public init(
        _ settings: CredentialSettings = CredentialSettings(), inputs: CredentialInputs, jitter: @escaping @Sendable () -> Int64 = { 0 },
        observe: @escaping @Sendable (CredentialEvent) -> Void = { _ in }
    ) {
        let sources = Self.sources(settings, inputs)
        cache = CredentialCache(files: inputs.files, now: inputs.clock.now, jitter: jitter, observe: observe) {
            await Self.load(sources, settings)
        }
    }

    /// - Throws: `.missing` with each source's reason, or the error of the source that is set up.
    public func credentials() async throws(CredentialError) -> Credentials { try await cache.credentials() }

    /// - Throws: `.expired` if the source still hands out the rejected ones.
    public func refresh(rejected: Credentials) async throws(CredentialError) -> Credentials { try await cache.refresh(rejected: rejected) }

    private static func sources(_ settings: CredentialSettings, _ inputs: CredentialInputs) -> [any CredentialSource] {
        let explicit = ExplicitSource(inputs: inputs, credential: settings.credentialName)
        let profile = ProfileSource(inputs: inputs, settings: settings)
        guard settings.profile == nil else { return [explicit, profile] }
        return [
            explicit, EnvironmentSource(inputs: inputs), WebIdentitySource(inputs: inputs, settings: settings), profile,
            ContainerSource(inputs: inputs), InstanceMetadataSource(inputs: inputs),
        ]
    }

    private static func load(
        _ sources: [any CredentialSource], _ settings: CredentialSettings
    ) async -> Result<CredentialCache.Loaded, CredentialError> {
        var stamps: [FileStamp] = []
        var reasons: [String] = []
        var mayAppear = false
        var isLastResort = false
        do throws(CredentialError) {
            for source in sources {
                isLastResort = source is InstanceMetadataSource
                switch try await source.load(watching: &stamps) {
                case .found(let credentials): return .success((credentials, stamps))
                case .notApplicable(let reason, let later):
                    reasons.append("\(source.name): \(reason)")
                    mayAppear = mayAppear || later
                }
            }
        } catch {
            // On clouds other than Amazon's something else may answer at the metadata service's address: it is asked only for want of other keys.
            guard isLastResort else { return .failure(error) }
            return .failure(
                CredentialError(
                    error.code, "\(error.sentence) No other source has credentials (\(reasons.joined(separator: "; "))).",
                    remedy: "\(error.remedy) Elsewhere: \(remedy(settings))", isRetryable: error.isRetryable))
        }
        return .failure(
            CredentialError(
                .missing, "No source has credentials (\(reasons.joined(separator: "; "))).", remedy: remedy(settings),
                isRetryable: mayAppear))
    }

    private static func remedy(_ settings: CredentialSettings) -> String {
        "Hand over a systemd credential named \(quoted(settings.credentialName)), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; "
            + "docs/S3.md lists the other ways."
    }
}
