extension IncidentPlan {
    /// Events that a ground truth lists at most.
    public static let mostListed = 1_000_000

    /// The events that touch some server of the fleet within the steps, by start and id.
    ///
    /// Counts are those of the whole fleet, whatever part of it a run makes; servers that do not exist while they would be touched are not counted.
    /// - Complexity: O(servers * events of their labels).
    /// - Throws: `PlanError.tooManyEvents`.
    public func truth(_ data: DataSpec, _ directory: ServerDirectory) throws(PlanError) -> [TruthEvent] {
        var found: [TruthKey: TruthCount] = [:]
        let lifetimes = ServerLifetimes(data)
        for server in 0..<data.servers {
            let life = lifetimes.absoluteSteps(server: server, steps.granularity)
            forEachHit(server: server, label: { directory.index(of: $0, server: server) }, all: true) { hit in
                let isSingle = incidents[hit.incident].spec.scope == .server
                let key = TruthKey(
                    incident: hit.incident, event: hit.event, place: isSingle ? server : hit.label ?? 0, takesOver: hit.takesOver)
                let own = hit.start..<hit.start + incidents[hit.incident].strengths.count
                found[key, default: TruthCount(last: hit.event.start)].add(
                    server, start: hit.start, own: own.clamped(to: life), window: steps.absolute)
            }
            if found.count > Self.mostListed { throw .tooManyEvents(found.count) }
        }
        return found.filter(\.value.isInside).map { event($0, $1, data, directory) }.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
    }

    private struct TruthKey: Hashable {
        let incident: Int
        let event: Event
        /// The label that is struck, or the single server.
        let place: Int
        let takesOver: Bool
    }

    /// The servers that an event touches.
    private struct TruthCount {
        var servers = NamedServers()
        /// The latest start of a server.
        var last: Int
        /// Whether the steps show some of it.
        var isInside = false

        init(last: Int) { self.last = last }

        /// - Parameter own: The steps that the event takes of the server's life.
        mutating func add(_ server: Int, start: Int, own: Range<Int>, window: Range<Int>) {
            guard !own.isEmpty else {
                servers.leaveOut()
                return
            }
            servers.add(server)
            isInside = isInside || own.overlaps(window)
            last = max(last, start)
        }
    }

    private func event(_ key: TruthKey, _ count: TruthCount, _ data: DataSpec, _ directory: ServerDirectory) -> TruthEvent {
        let incident = incidents[key.incident]
        let spec = incident.spec
        let isSingle = spec.scope == .server
        let struck = isSingle ? directory.id(key.place) : incident.labels.isEmpty ? nil : incident.labels[key.place]
        let partner = key.event.partner.map { incident.labels[$0] }
        let id = ([spec.name, TimestampText.full(seconds(key.event.start))] + (struck.map { [$0] } ?? [])).joined(separator: "/")
        let label = key.takesOver ? partner : struck
        // The column of archetypes, regions and so on has the scope's name.
        let column: String? = spec.scope == .fleet ? nil : isSingle ? "server_id" : spec.scope.rawValue
        let isWhole = !isSingle && (key.takesOver || spec.share == 1)
        let touched =
            spec.kind == .powerLoss
            ? data.metrics.map(\.name) : data.metrics.indices.filter { incident.effects[$0] != nil }.map { data.metrics[$0].name }
        return TruthEvent(
            id: key.takesOver ? id + "/takes-over" : id, kind: key.takesOver ? "failover-takeover" : spec.kind.rawValue,
            cause: ConfigTable.incidentsPath + "." + spec.name, scopeColumn: column, scopeLabel: label,
            servers: count.servers.servers(isWhole: isWhole), metrics: touched,
            start: seconds(key.event.start), end: seconds(count.last + incident.strengths.count), magnitude: key.event.magnitude,
            parent: key.takesOver ? id : nil)
    }

    private func seconds(_ step: Int) -> Int64 { Int64(step) * steps.seconds }
}
