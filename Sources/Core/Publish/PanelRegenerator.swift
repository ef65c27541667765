/// Makes a published panel again from its manifest alone, to prove that it can be reproduced.
public protocol PanelRegenerator: Sendable {
    /// Generates the panel that `manifest` describes, anywhere but at its final name, and hashes it.
    ///
    /// - Throws: Where the manifest cannot be followed, an algorithm version that this program does not have for example.
    func sha256(ofPanelIn manifest: Manifest) async throws -> ContentHash
}
