/// The servers that an event names, as they are found.
struct NamedServers {
    private(set) var count = 0
    private var listed: [Int] = []
    /// Whether a server of the scope does not exist while the event lasts.
    private var isPart = false

    mutating func add(_ server: Int) {
        count += 1
        if listed.count < TruthEvent.Servers.mostListed { listed.append(server) }
    }

    /// Notes a server that would be touched, if it existed then.
    mutating func leaveOut() { isPart = true }

    /// - Parameter isWhole: Whether the event touches all servers of its scope that exist.
    func servers(isWhole: Bool) -> TruthEvent.Servers {
        TruthEvent.Servers(count: count, listed: isWhole && !isPart ? nil : listed)
    }
}
