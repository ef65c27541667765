import Glibc
import Testing
import Web

@Suite("The token") struct AccessTokenTests {
    private let folder: String

    init() throws {
        var template = Array("/tmp/fleetsynth-token-XXXXXX\0".utf8).map { CChar(bitPattern: $0) }
        folder = String(cString: try #require(mkdtemp(&template)))
    }

    private var path: String { folder + "/http.token" }

    private func put(_ text: String, mode: mode_t = 0o600) throws {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
        chmod(path, mode)
    }

    private func mode() -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    @Test("It is made once, of 256 bits, for its owner alone")
    func made() throws {
        let token = AccessToken(path: path)
        let secret = try token.read().get()
        #expect(secret.count == 64 && mode() == 0o600)
        #expect(try AccessToken(path: path).read().get() == secret)
        unlink(path)
        #expect(try token.read().get() != secret)
    }

    @Test("Nothing but the whole secret is admitted")
    func admits() throws {
        let token = AccessToken(path: path)
        let secret = String(decoding: try token.read().get(), as: UTF8.self)
        #expect(try token.admits(secret))
        for wrong in ["", String(secret.dropLast()), secret + "0", secret.uppercased() + "x", String(secret.reversed()) + " "] {
            #expect(try !token.admits(wrong))
        }
    }

    @Test("A changed file counts at once")
    func changed() throws {
        let token = AccessToken(path: path)
        _ = token.read()
        try put(String(repeating: "a", count: 40) + "\n")
        #expect(try token.admits(String(repeating: "a", count: 40)))
    }

    @Test(
        "A file that cannot keep a secret lets nobody in",
        arguments: [
            ("", 0o600, "no token of"), ("short\n", 0o600, "no token of"), (String(repeating: "a", count: 2000), 0o600, "no token of"),
            (String(repeating: "a", count: 64), 0o644, "mode 0600"), (String(repeating: "a", count: 64), 0o660, "mode 0600"),
        ])
    func refused(_ text: String, _ mode: UInt32, _ words: String) throws {
        try put(text, mode: mode)
        let problem = #expect(throws: AccessToken.Problem.self) { try AccessToken(path: path).admits(text) }
        #expect(problem?.description.contains(words) == true)
    }

    @Test("A link and a folder in its place are not followed")
    func notFollowed() throws {
        symlink("/etc/hostname", path)
        #expect(throws: AccessToken.Problem.self) { try AccessToken(path: path).read().get() }
        unlink(path)
        mkdir(path, 0o700)
        #expect(throws: AccessToken.Problem.self) { try AccessToken(path: path).read().get() }
    }
}
