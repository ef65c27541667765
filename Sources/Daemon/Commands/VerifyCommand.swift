import ArgumentParser
import CLinux
import Core

/// `fleetsynth verify`: hashes published files again, and proves on request that they can be reproduced.
struct VerifyCommand: AsyncParsableCommand {
    /// What makes panels again for `--regenerate`.
    static var regenerator: any PanelRegenerator { ManifestRegenerator(threads: Int(fleetsynth_usable_cpus())) }

    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Hash published files again and compare them with their manifests.",
        discussion: """
            Exit status: 0 if everything is as published, 65 if anything is not, 66 if there is nothing to verify.
            An older generation's file whose name a newer generation took over counts as superseded, not as broken.
            """)

    @Argument(
        help: ArgumentHelp(
            "A manifest, a dataset's manifest folder, or the base folder that holds manifests/; or s3://BUCKET with any of these, or a folder of "
                + "panels, behind it.", valueName: "manifest|dir|s3-url"))
    var path: String

    @Option(
        help: ArgumentHelp(
            "A config whose storage section tells how to reach the bucket; without it, the environment does (AWS_ENDPOINT_URL_S3, AWS_REGION).",
            valueName: "file"))
    var config: String?

    @Flag(help: "Print the report as JSON.")
    var json = false

    @Flag(help: "Generate each panel and its ground truth again from the manifest and compare the bytes.")
    var regenerate = false

    @MainActor
    func run() async throws {
        var report: VerificationReport?
        if let (store, target) = try locate() {
            do throws(StoreError) {
                report = try await Verifier(store, regenerator: regenerate ? Self.regenerator : nil).verify(target)
            } catch {
                Console.note("error: \(error)")
                throw ExitCode(error.exitCode)
            }
        }
        guard let report else {
            Console.note("error: \(path) is no manifest and no folder with manifests; give the base folder (storage.local_base_path)")
            throw ExitCode(66)
        }
        if report.datasets.isEmpty, path.hasPrefix("s3://") {
            Console.note("error: there is no dataset at \(path); give s3://BUCKET, a manifest in it, or a folder of its panels")
        }
        Console.resultText(json ? report.json : report.text)
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
    }

    private func locate() throws -> (store: any ObjectStore, target: Verifier.Target)? {
        do throws(PublishedPlace.Problem) {
            return try PublishedPlace(path: path, config: config).locate()
        } catch {
            Console.note("error: \(error.message)")
            throw ExitCode(error.exitCode)
        }
    }
}
