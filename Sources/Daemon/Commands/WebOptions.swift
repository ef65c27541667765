import ArgumentParser
import Glibc
import Logging
import Service
import Systemd
import Web

/// Where and under which names the service answers HTTP.
struct WebOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Answer HTTP at a Unix socket too: the status page, the JSON interface, metrics. None unless given.", valueName: "path"))
    var httpSocket: String?

    @Option(help: ArgumentHelp("Answer HTTP at a port of 127.0.0.1 and ::1 too. None unless given.", valueName: "n"))
    var httpPort: Int?

    @Option(
        help: ArgumentHelp(
            "A name beside localhost by which the service may be asked over HTTP, as behind a proxy; may be given again.", valueName: "name"
        ))
    var httpHost: [String] = []

    func validate() throws {
        if let httpPort, !(1...65_535).contains(httpPort) { throw ValidationError("--http-port takes a number from 1 to 65535.") }
        if let httpSocket, !(1...107).contains(httpSocket.utf8.count) {
            throw ValidationError("--http-socket takes a path of 1 to 107 bytes.")
        }
        for host in httpHost {
            let isName = host.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (97...122).contains(byte | 32) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            }
            guard (1...253).contains(host.utf8.count), isName else {
                throw ValidationError("--http-host takes a name such as status.example.com, without port and scheme.")
            }
        }
    }

    /// The server; nil where nobody asked for one.
    ///
    /// - Parameters:
    ///   - path: Makes a path absolute.
    ///   - state: The state directory.
    func server(
        _ service: FleetService, state: String, environment: [String: String], log: Logger, absolute path: (String) -> String
    ) -> WebServer? {
        var addresses = Self.inherited(environment, log)
        if let httpSocket { addresses.append(.unix(path: path(httpSocket))) }
        if let httpPort { addresses.append(.loopback(port: httpPort)) }
        guard !addresses.isEmpty else { return nil }
        return WebServer(
            WebServer.Settings(
                addresses: addresses, hosts: Set(httpHost.map { $0.lowercased() }), tokenFile: state + "/http.token", version: Version.text),
            backend: service.webBackend, log: log)
    }

    /// What the manager opened (S11). A mistake there costs the pages, not the datasets.
    private static func inherited(_ environment: [String: String], _ log: Logger) -> [WebAddress] {
        let sockets: [ListenSockets.Socket]
        do throws(ListenSockets.Problem) {
            sockets = try ListenSockets(environment: environment, processID: getpid()).adopt()
        } catch {
            log.error(
                "the sockets of the service manager cannot be used: \(error); nobody is answered there", metadata: ["event": "http-failed"])
            return []
        }
        return sockets.compactMap { socket in
            guard socket.name == "http" || socket.name == "unknown" else {
                log.error(
                    "the socket '\(socket.name)' of the service manager is not used; give its unit FileDescriptorName=http",
                    metadata: ["event": "http-failed"])
                return nil
            }
            return .inherited(descriptor: socket.descriptor, name: socket.name)
        }
    }
}
