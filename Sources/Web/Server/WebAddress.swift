import Glibc
import Service

/// Where the service answers HTTP.
public enum WebAddress: Hashable, Sendable, CustomStringConvertible {
    /// A Unix socket at a path, mode 0660.
    case unix(path: String)
    /// A port of 127.0.0.1 and, where the machine has it, ::1.
    case loopback(port: Int)
    /// A listening socket that the manager handed over (sd_listen_fds(3)).
    case inherited(descriptor: Int32, name: String)

    /// For people.
    public var description: String {
        switch self {
        case .unix(let path): path
        case .loopback(let port): "port \(port) of this machine"
        case .inherited(_, let name): "the socket '\(name)' of the service manager"
        }
    }
}

/// Why nobody can be answered at an address.
struct ListenFailure: Error, CustomStringConvertible {
    let description: String
    /// Whether it can be otherwise later.
    var mayPass = true

    init(_ description: String, mayPass: Bool = true) {
        self.description = description
        self.mayPass = mayPass
    }
}

/// A listening socket, open as long as this lives.
final class ListeningSocket: Sendable {
    let descriptor: Int32
    /// The TCP port, nil for a Unix socket.
    let port: Int?
    private let unix: (listener: ControlSocket.Listener, path: String)?

    private init(_ descriptor: Int32, unix: (listener: ControlSocket.Listener, path: String)? = nil) {
        self.descriptor = descriptor
        self.unix = unix
        port = Self.port(of: descriptor)
    }

    deinit {
        close(descriptor)
        // Only our own file: another service may have taken the path.
        if let unix, ControlSocket.FileIdentity(path: unix.path) == unix.listener.file { unlink(unix.path) }
    }

    /// Opens the sockets of an address: one, or two for the loopback port.
    static func open(_ address: WebAddress) throws(ListenFailure) -> [ListeningSocket] {
        switch address {
        case .unix(let path): return [try unix(path)]
        case .loopback(let port):
            // A machine without IPv6 is served over IPv4 alone; a port that one of the two has lost to another program is not served by half.
            let first = try loopback(AF_INET, port)
            do throws(ListenFailure) {
                return [first, try loopback(AF_INET6, port)]
            } catch {
                guard !error.mayPass else { throw error }
                return [first]
            }
        case .inherited(let descriptor, let name): return [try inherited(descriptor, name)]
        }
    }

    /// A descriptor of its own for whoever closes it.
    func duplicate() throws(ListenFailure) -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw ListenFailure("A socket cannot be used (\(Self.reason(errno))).") }
        return copy
    }

    private static func unix(_ path: String) throws(ListenFailure) -> ListeningSocket {
        let listener: ControlSocket.Listener
        do throws(ControlError) {
            listener = try ControlSocket.listen(at: path)
        } catch {
            throw ListenFailure(error.message.replacing("--socket", with: "--http-socket"))
        }
        let copy = fcntl(listener.socket.descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw ListenFailure("The socket \(path) cannot be used (\(reason(errno))).") }
        return ListeningSocket(copy, unix: (listener, path))
    }

    private static func loopback(_ family: Int32, _ port: Int) throws(ListenFailure) -> ListeningSocket {
        let name = family == AF_INET ? "127.0.0.1:\(port)" : "[::1]:\(port)"
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw ListenFailure("\(name) cannot be opened (\(reason(errno))).", mayPass: errno != EAFNOSUPPORT) }
        var one: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, size)
        var result: Int32
        if family == AF_INET {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            result = withUnsafeBytes(of: &address) { bind(descriptor, $0) }
        } else {
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &one, size)
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = in_port_t(port).bigEndian
            address.sin6_addr = in6addr_loopback
            result = withUnsafeBytes(of: &address) { bind(descriptor, $0) }
        }
        if result == 0 { result = listen(descriptor, 256) }
        guard result == 0 else {
            let code = errno
            close(descriptor)
            let remedy = code == EADDRINUSE ? " Another program has the port: stop it, or choose another with --http-port." : ""
            throw ListenFailure("\(name) cannot be opened (\(reason(code))).\(remedy)", mayPass: code != EADDRNOTAVAIL)
        }
        return ListeningSocket(descriptor)
    }

    private static func bind(_ descriptor: Int32, _ address: UnsafeRawBufferPointer) -> Int32 {
        guard let start = address.baseAddress else { return -1 }
        return Glibc.bind(descriptor, start.assumingMemoryBound(to: sockaddr.self), socklen_t(address.count))
    }

    private static func inherited(_ descriptor: Int32, _ name: String) throws(ListenFailure) -> ListeningSocket {
        func option(_ number: Int32) -> Int32? {
            var value: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            return getsockopt(descriptor, SOL_SOCKET, number, &value, &size) == 0 ? value : nil
        }
        guard option(SO_TYPE) == Int32(SOCK_STREAM.rawValue), option(SO_ACCEPTCONN) == 1 else {
            throw ListenFailure(
                "The socket '\(name)' of the service manager is no listening stream socket. Give its unit ListenStream= and Accept=no.",
                mayPass: false)
        }
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw ListenFailure("The socket '\(name)' cannot be used (\(reason(errno))).") }
        return ListeningSocket(copy)
    }

    private static func port(of descriptor: Int32) -> Int? {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutableBytes(of: &address) { bytes -> Int? in
            guard let start = bytes.baseAddress, getsockname(descriptor, start.assumingMemoryBound(to: sockaddr.self), &size) == 0 else {
                return nil
            }
            switch Int32(start.load(as: sockaddr.self).sa_family) {
            case AF_INET: return Int(in_port_t(bigEndian: start.load(as: sockaddr_in.self).sin_port))
            case AF_INET6: return Int(in_port_t(bigEndian: start.load(as: sockaddr_in6.self).sin6_port))
            default: return nil
            }
        }
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
