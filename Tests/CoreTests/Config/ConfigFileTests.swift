import Core
import Foundation
import Glibc
import Testing

@Suite("Reading config files")
struct ConfigFileTests {
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fleetsynth-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    private func code(_ path: String) -> ConfigFileError.Code? {
        do throws(ConfigFileError) {
            _ = try ConfigFile.read(path: path)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("a regular file's bytes come back, through a symbolic link too, up to exactly 1 MiB")
    func regular() throws {
        try inFolder { folder in
            for size in [0, 5, 1 << 20] {
                let bytes = [UInt8](repeating: 0x20, count: size)
                try Data(bytes).write(to: URL(fileURLWithPath: folder + "/a.yaml"))
                #expect(try ConfigFile.read(path: folder + "/a.yaml") == bytes)
            }
            #expect(symlink("a.yaml", folder + "/b.yaml") == 0)
            #expect(try ConfigFile.read(path: folder + "/b.yaml").count == 1 << 20)
        }
    }

    @Test("what is missing, no file or too large is told apart, and a pipe does not hold us up")
    func refused() throws {
        try inFolder { folder in
            #expect(code(folder + "/none.yaml") == .missing)
            #expect(code(folder + "/none/none.yaml") == .missing)
            #expect(code(folder) == .notRegular)
            #expect(mkfifo(folder + "/pipe", 0o600) == 0)
            #expect(code(folder + "/pipe") == .notRegular)
            #expect(code("/dev/zero") == .notRegular)
            try Data(repeating: 0x20, count: (1 << 20) + 1).write(to: URL(fileURLWithPath: folder + "/large"))
            #expect(code(folder + "/large") == .tooLarge)
            #expect(symlink("loop", folder + "/loop") == 0)
            #expect(code(folder + "/loop") == .unreadable(ELOOP))
            try Data().write(to: URL(fileURLWithPath: folder + "/file"))
            #expect(code(folder + "/file/x.yaml") == .missing)
        }
    }

    @Test("the error is a sentence with a remedy")
    func words() {
        #expect("\(ConfigFileError(code: .missing, path: "a\u{1B}[2J"))" == "a\\u{1b}[2J: there is no such file; check the path")
        #expect(
            "\(ConfigFileError(code: .unreadable(EACCES), path: "a"))"
                == "a: the file cannot be read (Permission denied); check its permissions")
    }
}
