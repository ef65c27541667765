import Core
import Glibc

/// Which process of which machine writes a dataset, as the lock object says it.
struct WriterLease: Sendable, Equatable {
    /// The machine and its network namespace: within one, the kernel tells who lives.
    let machine: String
    /// The name that the holder keeps among its machine's processes for as long as it holds the lock: whoever can have it knows that the
    /// holder is gone, however either of them spells the store's address.
    let holder: String
    /// For people: `process 7 on host`.
    let process: String
    /// Tells one holding from the next of the same process.
    let nonce: String

    var bytes: [UInt8] {
        Array("fleetsynth writer lock 2\nmachine \(machine)\nholder \(holder)\nprocess \(process)\nnonce \(nonce)\n".utf8)
    }

    init(machine: String, holder: String, process: String, nonce: String) {
        (self.machine, self.holder, self.process, self.nonce) = (machine, holder, process, nonce)
    }

    /// The same holding with another nonce.
    func renewed() -> WriterLease { WriterLease(machine: machine, holder: holder, process: process, nonce: Self.random()) }

    private static func random() -> String { String(UInt64.random(in: 0 ... .max), radix: 16) }

    /// Reads what `bytes` writes; nil for any other text.
    init?(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.count == 5, lines[0] == "fleetsynth writer lock 2" else { return nil }
        func value(_ line: Int, _ name: String) -> String? {
            lines[line].hasPrefix(name + " ") ? String(lines[line].dropFirst(name.count + 1).prefix(200)) : nil
        }
        guard let machine = value(1, "machine"), let holder = value(2, "holder"), let process = value(3, "process"),
            let nonce = value(4, "nonce")
        else { return nil }
        self.init(machine: machine, holder: holder, process: process, nonce: nonce)
    }

    /// This process. A random number tells holdings apart; it reaches nothing but the lock.
    static func ofThisProcess() -> WriterLease {
        var host = [CChar](repeating: 0, count: 256)
        gethostname(&host, host.count - 1)
        let name = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let plain = String(name.unicodeScalars.filter { $0.value > 32 && $0.value < 127 }.map(Character.init))
        var link = [CChar](repeating: 0, count: 128)
        let length = readlink("/proc/self/ns/net", &link, link.count - 1)
        let namespace = length > 0 ? String(decoding: link.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self) : ""
        // The boot's number too: two clones of one image may share everything else. So after a restart the lease's end is waited for.
        let id = ["/etc/machine-id", "/proc/sys/kernel/random/boot_id"].map { path in
            (try? ConfigFile.read(path: path)).map { String(decoding: $0.prefix(36), as: UTF8.self) } ?? ""
        }
        // Lambda starts machines from one image in memory, which may have all of that in common; each has a log stream of its own.
        let stream = getenv("AWS_LAMBDA_LOG_STREAM_NAME").map { String(cString: $0) } ?? ""
        let machine = ContentHash(of: Array("\(id[0]) \(id[1]) \(plain) \(namespace)\(stream)".utf8)).hex.prefix(32)
        return WriterLease(machine: String(machine), holder: random(), process: "process \(getpid()) on \(plain)", nonce: random())
    }
}

/// Holds a name among the processes of this network namespace, until it is let go or the process ends: a socket bound in the abstract namespace
/// (unix(7)), so there is no file to be left behind.
final class ProcessGuard: Sendable {
    private let descriptor: Int32

    /// Nil where another process, or this one, has the name.
    init?(_ name: String) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array("fleetsynth-\(ContentHash(of: Array(name.utf8)).hex)".utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            for (index, byte) in bytes.enumerated() where index + 1 < path.count { path[index + 1] = byte }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + bytes.count)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard status == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
