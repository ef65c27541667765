import ArgumentParser
import CLinux
import Core
import Glibc
import Reports

/// `fleetsynth report`: draws the report of a published generation again.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Draws the report of a published generation again, from its manifest.",
        discussion: """
            Makes the panel again, proves that it has the bytes of the manifest, and draws it: the same file as the published report, where \
            the program is the same. Goes to standard output, or to the file of --output.
            Exit status: 65 if the panel comes out with other bytes, 66 if there is no such generation.
            """)

    @Argument(
        help: ArgumentHelp(
            "A manifest, or a dataset's manifest folder, whose latest generation is meant; or s3://BUCKET/manifests/... with either.",
            valueName: "manifest|dir|s3-url"))
    var path: String

    @Option(
        help: ArgumentHelp(
            "A config whose storage section tells how to reach the bucket; without it, the environment does (AWS_ENDPOINT_URL_S3, AWS_REGION).",
            valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Write this HTML file; one that is there is replaced only if it is a report.", valueName: "file"))
    var output: String?

    @MainActor
    func run() async throws {
        let manifest = try await manifest()
        let file = try output.map { try ReportFile($0) }
        if file == nil, isatty(STDOUT_FILENO) == 1 {
            Console.note("error: a report is a page for a browser; name a file with --output report.html, or send it on")
            throw ExitCode(64)
        }
        let bytes: [UInt8]
        do {
            bytes = try await ManifestRegenerator(threads: Int(fleetsynth_usable_cpus())).report(of: manifest, HTMLReport())
        } catch {
            Console.note("error: generation \(manifest.generation) of \(manifest.dataset) cannot be drawn: \(error)")
            throw ExitCode(65)
        }
        guard let file else {
            Console.resultText(String(decoding: bytes, as: UTF8.self))
            return
        }
        try await file.write(bytes)
        Console.result("wrote \(file.path): \(manifest.dataset), generation \(manifest.generation), \(Humane.bytes(UInt64(bytes.count)))")
    }

    private func manifest() async throws -> Manifest {
        do {
            if let (store, target) = try PublishedPlace(path: path, config: config).locate(),
                let manifest = try await Verifier(store).manifest(target)
            {
                return manifest
            }
        } catch let problem as PublishedPlace.Problem {
            Console.note("error: \(problem.message)")
            throw ExitCode(problem.exitCode)
        } catch let error as StoreError {
            Console.note("error: \(error)")
            throw ExitCode(error.exitCode)
        }
        Console.note("error: \(path) is no manifest of one generation; give manifests/DATASET/NUMBER.json or the folder manifests/DATASET")
        throw ExitCode(66)
    }
}
