import Core
import Glibc

/// The secret that lets a client change something: 256 random bits in a file that only the service and its administrators read.
///
/// The file is made when it is missing, and read again for every request that brings a token, so that a new secret counts at once. The
/// secret is never logged and never part of an answer.
package struct AccessToken: Sendable {
    /// Why no token can be told from any other.
    package struct Problem: Error, CustomStringConvertible {
        package let description: String
    }

    let path: String

    package init(path: String) { self.path = path }

    private static let minimumBytes = 32
    private static let maximumBytes = 1024

    /// Whether `candidate` is the secret, in a time that tells nothing of either.
    package func admits(_ candidate: String) throws(Problem) -> Bool {
        let secret = try read().get()
        // Hashes have one length, and where they differ says nothing about the texts.
        let (left, right) = (ContentHash(of: secret).bytes, ContentHash(of: Array(candidate.utf8)).bytes)
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// The secret's bytes; makes the file where there is none.
    package func read() -> Result<[UInt8], Problem> {
        do throws(Problem) {
            if let secret = try existing() { return .success(secret) }
            try make()
            guard let secret = try existing() else { return .failure(problem("it is gone")) }
            return .success(secret)
        } catch {
            return .failure(error)
        }
    }

    private func existing() throws(Problem) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            if code == ENOENT { return nil }
            throw problem(String(cString: strerror(code)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw problem("it is no regular file") }
        guard status.st_mode & 0o027 == 0 else { throw problem("others may read or change it; give it mode 0600") }
        var buffer = [UInt8](repeating: 0, count: Self.maximumBytes + 1)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        let secret = buffer.prefix(max(0, count)).filter { $0 > 32 && $0 < 127 }
        guard count <= Self.maximumBytes, secret.count >= Self.minimumBytes else {
            throw problem("it holds no token of \(Self.minimumBytes) to \(Self.maximumBytes) characters; delete it, and a new one is made")
        }
        return secret
    }

    /// Written whole under another name, then linked: a reader never sees half of it, and of two services that start together one wins.
    private func make() throws(Problem) {
        var random = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for _ in 0..<4 {
            let word: UInt64 = random.next()
            for shift in stride(from: 60, through: 0, by: -4) { text.append(digits[Int(word >> UInt64(shift) & 15)]) }
        }
        text.append(UInt8(ascii: "\n"))
        let draft = "\(path).\(getpid()).new"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw problem("it cannot be made (\(String(cString: strerror(errno))))") }
        let written = write(descriptor, text, text.count) == text.count && fsync(descriptor) == 0
        let code = errno
        close(descriptor)
        defer { unlink(draft) }
        guard written else { throw problem("it cannot be written (\(String(cString: strerror(code))))") }
        guard link(draft, path) == 0 || errno == EEXIST else { throw problem("it cannot be made (\(String(cString: strerror(errno))))") }
    }

    private func problem(_ reason: String) -> Problem { Problem(description: "The token file \(path) cannot be used: \(reason).") }
}
