import ArgumentParser
import Core
import FoundationEssentials
import Glibc

/// The folders and files by which SageMaker Processing talks to a container.
///
/// ```
/// /opt/ml/processing/input/config/     configs, from S3
/// /opt/ml/processing/output/           goes to S3 when the job ends
/// /opt/ml/config/resourceconfig.json   this host and all hosts of the job
/// /opt/ml/output/message               UTF-8; its first 1,024 bytes are the job's ExitMessage
/// ```
/// Source: "Build Your Own Processing Container" in Amazon's documentation of SageMaker.
struct SageMakerJob {
    /// Why the job cannot be done: a sentence with the remedy, and the exit status.
    struct Problem: Error, CustomStringConvertible {
        let description: String
        let exitCode: Int32
    }

    /// The container's place among those of the job.
    struct Host: Equatable {
        /// From 0, in the order of names.
        let index: Int
        let count: Int
        /// How long the first waits for the shards of the others.
        let wait: Duration
    }

    /// The folder of this process's job; tests name another than `/opt/ml`.
    static var ofThisProcess: SageMakerJob {
        SageMakerJob(root: ProcessInfo.processInfo.environment["FLEETSYNTH_SAGEMAKER_ROOT"] ?? "/opt/ml")
    }

    /// What SageMaker shows of a message.
    static let messageLimit = 1024
    /// How long the first host waits, in seconds: an hour unless told.
    static let waitVariable = "FLEETSYNTH_SAGEMAKER_WAIT"
    /// What a job may last at most.
    static let waitLimit = 5 * 86_400

    let root: String

    var configFolder: String { root + "/processing/input/config" }
    var output: String { root + "/processing/output" }
    private var resources: String { root + "/config/resourceconfig.json" }

    /// Does a command's work; if it fails, the job, if it is one by then, shows why.
    ///
    /// - Parameter job: What is known of a job before the config is read.
    @MainActor
    static func reportingFailure(_ job: SageMakerJob?, of work: @MainActor (inout SageMakerJob?) async throws -> Void) async throws {
        var job = job
        do {
            try await work(&job)
        } catch {
            job?.report(Console.lastFailure)
            throw error
        }
    }

    // MARK: The config

    /// - Parameter name: A file of the job's folder, or an absolute path; nil for the folder's only config.
    func config(named name: String?) throws(Problem) -> String {
        if let name { return name.hasPrefix("/") ? name : "\(configFolder)/\(name)" }
        let found = try configs()
        guard let only = found.first else {
            throw Problem(
                description: "\(configFolder) holds no .yaml file. Give the job a ProcessingInput with this LocalPath, or name the config "
                    + "by --config.", exitCode: 66)
        }
        guard found.count == 1 else {
            let names = found.prefix(10).joined(separator: ", ")
            throw Problem(
                description: "\(configFolder) holds \(found.count) configs: \(Quoting.visible(names, limit: 400)). Name one: "
                    + "ContainerArguments [\"--config\", \"\(Quoting.visible(only, limit: 200))\"].", exitCode: 64)
        }
        return "\(configFolder)/\(only)"
    }

    private func configs() throws(Problem) -> [String] {
        guard let folder = opendir(configFolder) else {
            throw Problem(
                description: "\(configFolder) cannot be read (\(String(cString: strerror(errno)))). Give the job a ProcessingInput with "
                    + "this LocalPath.", exitCode: 66)
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if !name.hasPrefix("."), name.hasSuffix(".yaml") || name.hasSuffix(".yml") { names.append(name) }
        }
        return names.sorted()
    }

    // MARK: The output

    /// What puts a dataset into the job's output: nil where it goes to S3, or somewhere below the output already.
    func storageOverride(for config: LoadedConfig) -> (path: String, value: String)? {
        let storage = config.spec.storage
        guard config.spec.environment == .sagemaker, !storage.useS3, storage.localBasePath != output,
            !storage.localBasePath.hasPrefix(output + "/")
        else { return nil }
        let value = output.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return (path: "storage.local_base_path", value: "\"\(value)\"")
    }

    // MARK: The hosts

    /// This container's place among the hosts of the job.
    func host() throws(Problem) -> Host {
        let bytes: [UInt8]
        do throws(ConfigFileError) {
            bytes = try ConfigFile.read(path: resources)
        } catch {
            throw Problem(
                description: "\(error). Only a SageMaker Processing job has it; elsewhere use --env local.", exitCode: 66)
        }
        guard let value = try? CanonicalJSON(parsing: bytes), let own = value["current_host"]?.string, let listed = value["hosts"]?.array
        else { throw damaged("it has no current_host and hosts") }
        let hosts = Set(listed.compactMap(\.string))
        guard hosts.count == listed.count, (1...Shard.most).contains(hosts.count) else {
            throw damaged("hosts is no list of 1 to \(Shard.most) different names")
        }
        guard let index = hosts.sorted().firstIndex(of: own) else {
            throw damaged("current_host \(Quoting.quoted(own)) is none of its hosts")
        }
        return Host(index: index, count: hosts.count, wait: try wait())
    }

    private func damaged(_ problem: String) -> Problem {
        Problem(description: "\(resources) is not what SageMaker writes: \(problem).", exitCode: 65)
    }

    private func wait() throws(Problem) -> Duration {
        guard let text = ProcessInfo.processInfo.environment[Self.waitVariable] else { return .seconds(3600) }
        guard let seconds = Int(text), (0...Self.waitLimit).contains(seconds) else {
            throw Problem(
                description: "\(Self.waitVariable) is \(Quoting.quoted(text)); write a number of seconds from 0 to \(Self.waitLimit).",
                exitCode: 64)
        }
        return .seconds(seconds)
    }

    /// This host for the work on a config; leaves with an error where it cannot be done.
    /// - Parameter hasShard: Whether the command line names a shard.
    func host(for config: LoadedConfig, hasShard: Bool) throws -> Host {
        do throws(Problem) {
            let host = try host()
            guard host.count == 1 || !hasShard else {
                throw Problem(
                    description: "The job has \(host.count) hosts, and each makes one shard. Leave --shard out, or set InstanceCount to 1.",
                    exitCode: 64)
            }
            guard host.count == 1 || config.spec.storage.useS3 else {
                throw Problem(
                    description: "The job has \(host.count) hosts, which share no folder. Set storage.use_s3: true, or InstanceCount to 1.",
                    exitCode: 78)
            }
            return host
        } catch {
            Console.failure("error: \(error)")
            throw ExitCode(error.exitCode)
        }
    }

    // MARK: The message

    /// Says how the job ended where SageMaker looks for it. A message that cannot be written changes nothing about the job.
    func report(_ text: String) {
        // A message that is not UTF-8 would fail the job, so no character is cut in two.
        var bytes: [UInt8] = []
        for character in text.unicodeScalars {
            let more = Array(String(character).utf8)
            guard bytes.count + more.count <= Self.messageLimit else { break }
            bytes += more
        }
        mkdir(root + "/output", 0o777)
        let path = root + "/output/message"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o666)
        let written = descriptor < 0 ? -1 : bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if written != bytes.count {
            Console.note("warning: \(path) cannot be written (\(String(cString: strerror(errno)))); the job goes on without")
        }
        if descriptor >= 0 { close(descriptor) }
    }
}
