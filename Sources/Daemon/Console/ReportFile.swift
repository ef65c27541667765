import ArgumentParser
import Core
import Glibc

/// The HTML file that a command was told to write. One that is there is replaced only if it is a report.
struct ReportFile {
    let path: String
    private let folder: String
    private let key: ObjectKey

    /// - Throws: An exit code, after saying why.
    init(_ path: String) throws {
        self.path = path
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[..<$0]) } ?? "."
        self.folder = folder.isEmpty ? "/" : folder
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        guard !["", ".", ".."].contains(name), let key = try? ObjectKey(name) else {
            throw Self.refusal("--output takes the name of a file to write, for example report.html", 64)
        }
        self.key = key
        var status = stat()
        guard stat(self.folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw Self.refusal("\(self.folder) is no folder, so \(path) cannot be written; create it, or choose another --output", 66)
        }
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFREG, Self.isReport(path) else {
            throw Self.refusal("\(path) exists and is no report, so it is not replaced; choose another --output", 73)
        }
    }

    /// Atomically.
    func write(_ bytes: [UInt8]) async throws {
        do throws(StoreError) {
            let staged = try await LocalStore(root: folder).stage(key, owner: "report")
            do throws(StoreError) {
                try await staged.append(bytes)
                try await staged.seal()
                try await staged.publish()
            } catch {
                await staged.discard()
                throw error
            }
        } catch {
            throw Self.refusal("\(error)", error.exitCode)
        }
    }

    /// Whether a file begins as ours do.
    private static func isReport(_ path: String) -> Bool {
        guard let file = fopen(path, "r") else { return false }
        defer { fclose(file) }
        var head = [UInt8](repeating: 0, count: 512)
        let count = fread(&head, 1, head.count, file)
        return String(decoding: head.prefix(count), as: UTF8.self).contains("<meta name=\"generator\" content=\"fleetsynth ")
    }

    private static func refusal(_ message: String, _ code: Int32) -> ExitCode {
        Console.note("error: \(message)")
        return ExitCode(code)
    }
}
