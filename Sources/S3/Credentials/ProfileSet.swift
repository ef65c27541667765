/// The profiles and sessions of both files, merged.
struct ProfileSet: Sendable {
    /// Where the files are.
    let credentialsPath: String
    let configPath: String
    private(set) var profiles: [String: [String: String]] = [:]
    private(set) var sessions: [String: [String: String]] = [:]

    /// Reads AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, by default `~/.aws/credentials` and `~/.aws/config`; a missing file is an empty one.
    ///
    /// In the config file `[profile default]` goes before `[default]`; keys of the credentials file go before those of the config file.
    init(_ inputs: CredentialInputs, watching stamps: inout [FileStamp]) throws(CredentialError) {
        credentialsPath = inputs.expand(inputs.variable("AWS_SHARED_CREDENTIALS_FILE") ?? "~/.aws/credentials")
        configPath = inputs.expand(inputs.variable("AWS_CONFIG_FILE") ?? "~/.aws/config")
        let config = try Self.sections(configPath, "The profile file", inputs, &stamps)
        for section in config where section.header == "default" { merge(section, into: "default") }
        for section in config {
            let words = section.header.split(maxSplits: 1) { $0 == " " || $0 == "\t" }
            guard words.count == 2 else { continue }
            let name = Self.unquoted(words[1])
            if words[0] == "profile" {
                if name == "default" { profiles["default"] = nil }
                merge(section, into: name)
            } else if words[0] == "sso-session" {
                sessions[name, default: [:]].merge(section.properties) { $1 }
            }
        }
        for section in try Self.sections(credentialsPath, "The credentials file", inputs, &stamps) { merge(section, into: section.header) }
    }

    /// What to tell a person who looks for a profile.
    var places: String { "\(quoted(configPath)) and \(quoted(credentialsPath))" }

    private mutating func merge(_ section: ProfileSection, into name: String) {
        profiles[name, default: [:]].merge(section.properties) { $1 }
    }

    private static func sections(
        _ path: String, _ what: String, _ inputs: CredentialInputs, _ stamps: inout [FileStamp]
    ) throws(CredentialError) -> [ProfileSection] {
        // Without HOME there is no such path, and a relative one must not be taken from the working directory.
        guard !path.hasPrefix("~") else { return [] }
        guard let bytes = try inputs.bytes(of: path, what, limit: CredentialInputs.profileFileLimit, watching: &stamps) else { return [] }
        do {
            return try ProfileParser.sections(bytes)
        } catch {
            throw CredentialError(
                .invalid, "\(what) \(quoted(path)) cannot be read: \(error).",
                remedy: "Mend the line; values are 'name = value' below a [section].")
        }
    }

    private static func unquoted(_ text: Substring) -> String {
        let text = text.drop { $0 == " " || $0 == "\t" }
        guard text.count >= 2, let first = text.first, first == "\"" || first == "'", text.last == first else { return String(text) }
        return String(text.dropFirst().dropLast())
    }
}
