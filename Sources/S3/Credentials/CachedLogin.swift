import Core
import Crypto

/// A login of `aws sso login`: its token is read from `~/.aws/sso/cache`, never renewed or written, and changed at the SSO portal into keys of the
/// profile's account and role.
struct CachedLogin: Sendable {
    let inputs: CredentialInputs
    let settings: CredentialSettings
    /// The profile's name and values.
    let profile: String
    let values: [String: String]
    let set: ProfileSet

    private var place: String { "The SSO portal (profile \(quoted(profile)))" }

    private var remedy: String { "Run `aws sso login --profile \(profile)` as the service's user." }

    func load(watching stamps: inout [FileStamp]) async throws(CredentialError) -> Credentials {
        let sessionName = values["sso_session"]
        if let sessionName, set.sessions[sessionName] == nil {
            throw invalid("names sso_session \(quoted(sessionName)), which does not exist in \(quoted(set.configPath))")
        }
        let session = sessionName.flatMap { set.sessions[$0] } ?? values
        guard let start = session["sso_start_url"], let region = session["sso_region"], let account = values["sso_account_id"],
            let role = values["sso_role_name"]
        else { throw invalid("lacks one of sso_start_url, sso_region, sso_account_id and sso_role_name") }
        let token = try token(sessionName ?? start, watching: &stamps)
        let endpoint = try inputs.endpoint(of: "SSO", variable: "AWS_ENDPOINT_URL_SSO", region: region, settings: settings) {
            "https://portal.sso.\(region).\($0)"
        }
        let query = "?role_name=\(FormText.encoded(role))&account_id=\(FormText.encoded(account))"
        let request = HTTPFetchRequest(
            method: "GET", url: endpoint.appending("/federation/credentials" + query),
            headers: [("accept", "application/json"), ("x-amz-sso_bearer_token", token.revealed)])
        let response = try await inputs.fetch(request, from: place)
        if response.status == 401 {
            throw CredentialError(.expired, "\(place) does not accept the cached login any more.", remedy: remedy)
        }
        guard response.status == 200 else {
            throw CredentialInputs.refused(response, place, remedy: "Check sso_account_id and sso_role_name of the profile.")
        }
        return try keys(response.body)
    }

    /// The cache file is named after the session, for older profiles after the start URL.
    private func token(_ key: String, watching stamps: inout [FileStamp]) throws(CredentialError) -> Secret {
        let hash = Insecure.SHA1.hash(data: Array(key.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let path = inputs.expand("~/.aws/sso/cache/\(hash).json")
        guard !path.hasPrefix("~"), let bytes = try inputs.bytes(of: path, "The cached SSO login", watching: &stamps) else {
            throw CredentialError(.missing, "Profile \(quoted(profile)) has no cached SSO login (\(quoted(path))).", remedy: remedy)
        }
        let document = try KeyDocument.object(bytes, "The cached SSO login \(quoted(path))", remedy: remedy)
        guard let token = document["accessToken"]?.string, !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let end = document["expiresAt"]?.string.flatMap({ ServiceTime.seconds($0) })
        else {
            throw CredentialError(.invalid, "The cached SSO login \(quoted(path)) lacks a token or its end.", remedy: remedy)
        }
        guard end > inputs.clock.now() else {
            throw CredentialError(.expired, "The cached SSO login of profile \(quoted(profile)) has expired.", remedy: remedy)
        }
        return Secret(token)
    }

    private func keys(_ body: [UInt8]) throws(CredentialError) -> Credentials {
        let document = try KeyDocument.object(body, "The answer of the SSO portal", remedy: remedy)
        guard let keys = document["roleCredentials"], let milliseconds = keys["expiration"]?.integer(Int64.self),
            let token = keys["sessionToken"]?.string
        else {
            throw CredentialError(.invalid, "The answer of the SSO portal holds no temporary keys.", remedy: remedy)
        }
        return try Credentials.checked(
            id: keys["accessKeyId"]?.string, secret: keys["secretAccessKey"]?.string, token: token, expiration: milliseconds / 1000,
            source: "profile \(quoted(profile)) (SSO)", remedy: remedy)
    }

    private func invalid(_ problem: String) -> CredentialError {
        CredentialError(.invalid, "Profile \(quoted(profile)) \(problem).", remedy: "Run `aws configure sso`, or mend the profile.")
    }
}
