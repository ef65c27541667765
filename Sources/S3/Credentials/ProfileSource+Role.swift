extension ProfileSource {
    /// The role of a profile, with the credentials that the profile says.
    func role(
        _ arn: String, of profile: [String: String], _ name: String, in set: ProfileSet, from path: [String],
        watching stamps: inout [FileStamp]
    ) async throws(CredentialError) -> Credentials {
        guard profile["mfa_serial"] == nil else {
            throw invalid(
                name, "needs a one-time code (mfa_serial), and nobody is there to type it", remedy: "Use a role without it, or cached SSO.")
        }
        let role = SecurityTokenService.Role(
            arn: arn, sessionName: profile["role_session_name"] ?? inputs.variable("AWS_ROLE_SESSION_NAME"),
            externalID: profile["external_id"], durationSeconds: profile["duration_seconds"])
        let service = SecurityTokenService(inputs: inputs, settings: settings, profileRegion: profile["region"])
        let places = ["source_profile", "credential_source", "web_identity_token_file"].filter { profile[$0] != nil }
        guard places.count == 1 else {
            let problem = places.isEmpty ? "does not say whose keys ask for it" : "has several of the keys that say whose keys ask for it"
            throw invalid(
                name, "names a role and \(problem)", remedy: "Give it one of source_profile, credential_source, web_identity_token_file.")
        }
        if let file = profile["web_identity_token_file"] {
            return try await WebIdentitySource.load(file, role, service, source: "profile \(quoted(name)) (web identity)")
        }
        let base: Credentials
        if let source = profile["source_profile"] {
            base = try await credentials(ofProfile: source, for: name, profile, in: set, from: path, watching: &stamps)
        } else {
            base = try await credentials(of: profile["credential_source"] ?? "", for: name, watching: &stamps)
        }
        return try await service.assume(role, with: base, source: "profile \(quoted(name)) (role, through \(base.source))")
    }

    private func credentials(
        ofProfile source: String, for name: String, _ profile: [String: String], in set: ProfileSet, from path: [String],
        watching stamps: inout [FileStamp]
    ) async throws(CredentialError) -> Credentials {
        // A profile may name itself: its own keys, login or process ask for the role.
        let found =
            source == name
            ? try await direct(profile, name, in: set, watching: &stamps)
            : try await resolve(source, in: set, from: path + [name], watching: &stamps)
        guard let found else { throw invalid(name, "names source_profile \(quoted(source)), which holds no credentials") }
        return found
    }

    private func credentials(
        of place: String, for name: String, watching stamps: inout [FileStamp]
    ) async throws(CredentialError) -> Credentials {
        let source: any CredentialSource
        switch place {
        case "Environment": source = EnvironmentSource(inputs: inputs)
        case "EcsContainer": source = ContainerSource(inputs: inputs)
        case "Ec2InstanceMetadata": source = InstanceMetadataSource(inputs: inputs)
        default:
            throw invalid(
                name, "has the unknown credential_source \(quoted(place))", remedy: "Use Environment, EcsContainer or Ec2InstanceMetadata.")
        }
        switch try await source.load(watching: &stamps) {
        case .found(let credentials): return credentials
        case .notApplicable(let reason, let mayAppear):
            throw CredentialError(
                .missing, "Profile \(quoted(name)) has credential_source \(place), and \(reason).",
                remedy: "Set it up, or mend the profile.",
                isRetryable: mayAppear)
        }
    }
}
