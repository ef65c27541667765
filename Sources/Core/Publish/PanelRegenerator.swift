/// Makes a published table again from its manifest alone, to prove that it can be reproduced.
public protocol PanelRegenerator: Sendable {
    /// Generates the table that `manifest` lists under a role, anywhere but at its final name, and hashes it.
    ///
    /// - Parameter role: One that is a table.
    /// - Throws: Where the manifest cannot be followed, an algorithm version that this program does not have for example.
    func sha256(of role: Artifact.Role, in manifest: Manifest) async throws -> ContentHash

    /// The same for one of the parts of a panel or of its ground truth that was made in shards.
    func sha256(ofPart part: Artifact, in manifest: Manifest) async throws -> ContentHash
}

extension PanelRegenerator {
    /// For those that know whole tables only.
    public func sha256(ofPart part: Artifact, in manifest: Manifest) async throws -> ContentHash {
        try await sha256(of: part.role, in: manifest)
    }
}
