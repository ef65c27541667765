/// The directories that the unit gives the service (S12): STATE_DIRECTORY and its sisters, each a list of absolute paths separated by colons.
public struct ServiceDirectories: Equatable, Sendable {
    /// What must survive, for example /var/lib/fleetsynth.
    public let state: [String]
    /// What may be lost, for example /var/cache/fleetsynth.
    public let cache: [String]
    /// What ends with the service, for example /run/fleetsynth.
    public let runtime: [String]
    /// What is read, for example /etc/fleetsynth.
    public let configuration: [String]
    /// Log files, for example /var/log/fleetsynth.
    public let logs: [String]

    /// - Parameter environment: Of this process. A missing variable is an empty list; relative paths are not the manager's and are left out.
    public init(environment: [String: String]) {
        func paths(_ name: String) -> [String] {
            (environment[name] ?? "").split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
        }
        state = paths("STATE_DIRECTORY")
        cache = paths("CACHE_DIRECTORY")
        runtime = paths("RUNTIME_DIRECTORY")
        configuration = paths("CONFIGURATION_DIRECTORY")
        logs = paths("LOGS_DIRECTORY")
    }
}
