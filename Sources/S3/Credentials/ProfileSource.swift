/// A profile of `~/.aws/credentials` and `~/.aws/config`: AWS_PROFILE, or the one that the config names, or `default`.
///
/// What a profile may hold, in the order in which it counts: a role (`role_arn` with `source_profile`, `credential_source` or
/// `web_identity_token_file`), a cached SSO login, `credential_process`, keys. Both files are read again when they change.
struct ProfileSource: CredentialSource {
    /// A profile that names a role names the profile with its keys, and so on; longer chains are mistakes.
    static let maximumDepth = 8

    let inputs: CredentialInputs
    let settings: CredentialSettings

    var name: String { "profile" }

    func load(watching stamps: inout [FileStamp]) async throws(CredentialError) -> SourceAnswer {
        let set = try ProfileSet(inputs, watching: &stamps)
        let named = settings.profile ?? inputs.variable("AWS_PROFILE") ?? inputs.variable("AWS_DEFAULT_PROFILE")
        let name = named ?? "default"
        guard set.profiles[name] != nil else {
            if named == nil { return .notApplicable("no profile 'default' in \(set.places)") }
            throw CredentialError(
                .missing, "There is no profile \(quoted(name)) in \(set.places).", remedy: "Check AWS_PROFILE or storage.profile, and HOME."
            )
        }
        guard let found = try await resolve(name, in: set, from: [], watching: &stamps) else {
            if named == nil { return .notApplicable("profile 'default' holds no credentials") }
            throw CredentialError(
                .missing, "Profile \(quoted(name)) holds no credentials.",
                remedy: "Give it keys, a role, credential_process or an SSO session in \(set.places).")
        }
        return .found(found)
    }

    /// - Parameter path: The profiles that led here.
    func resolve(
        _ name: String, in set: ProfileSet, from path: [String], watching stamps: inout [FileStamp]
    ) async throws(CredentialError) -> Credentials? {
        guard let profile = set.profiles[name] else {
            throw invalid(path.last ?? name, "names source_profile \(quoted(name)), which does not exist")
        }
        guard !path.contains(name) else { throw invalid(path[0], "leads back to itself through source_profile") }
        guard path.count < Self.maximumDepth else { throw invalid(path[0], "leads through more than \(Self.maximumDepth) profiles") }
        // Keys beside a role are the role's when another profile asks for the keys of this one.
        if !path.isEmpty, profile["aws_access_key_id"] != nil { return try keys(of: profile, name) }
        if let arn = profile["role_arn"] {
            return try await role(arn, of: profile, name, in: set, from: path, watching: &stamps)
        }
        return try await direct(profile, name, in: set, watching: &stamps)
    }

    /// What the profile holds itself, its role aside.
    func direct(
        _ profile: [String: String], _ name: String, in set: ProfileSet, watching stamps: inout [FileStamp]
    ) async throws(CredentialError) -> Credentials? {
        if profile["sso_session"] != nil || profile["sso_start_url"] != nil {
            return try await CachedLogin(inputs: inputs, settings: settings, profile: name, values: profile, set: set).load(
                watching: &stamps)
        }
        if let command = profile["credential_process"] { return try await process(command, name) }
        guard profile["aws_access_key_id"] != nil || profile["aws_secret_access_key"] != nil else { return nil }
        return try keys(of: profile, name)
    }

    private func keys(of profile: [String: String], _ name: String) throws(CredentialError) -> Credentials {
        try Credentials.checked(
            id: profile["aws_access_key_id"], secret: profile["aws_secret_access_key"], token: profile["aws_session_token"],
            source: "profile \(quoted(name))", remedy: "Give the profile aws_access_key_id and aws_secret_access_key.")
    }

    func invalid(_ name: String, _ problem: String, remedy: String = "Mend the profile.") -> CredentialError {
        CredentialError(.invalid, "Profile \(quoted(name)) \(problem).", remedy: remedy)
    }
}
