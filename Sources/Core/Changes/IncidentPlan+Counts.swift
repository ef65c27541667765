/// How often something begins within the steps of a run, asked for against found.
package struct StartCount {
    /// The incident.
    package let name: String
    /// The label that a factor is of, `criticality High`; nil for all.
    package let scope: String?
    /// The factor that is asked for; nil for all.
    let factor: Double?
    /// How many events begin.
    package var found = 0
    /// How many are expected: without the factor where there is one.
    var expected = 0.0
    /// Variance of the number found.
    var variance = 0.0

    /// Adds a place where events begin, a label or a server.
    ///
    /// - Parameters:
    ///   - steps: How many there are.
    ///   - rate: Probability that one of them is a start.
    ///   - unfactored: The same without the factor.
    mutating func add(_ found: Int, steps: Int, rate: Double, unfactored: Double) {
        self.found += found
        expected += Double(steps) * unfactored
        variance += Double(steps) * rate * (1 - rate)
    }
}

extension IncidentPlan {
    /// How often random incidents begin within the steps: for each all its events, then those of each label that has a factor.
    ///
    /// - Parameter servers: Whose own incidents are counted; those of labels and of the fleet are counted in any case.
    package func startCounts(servers: some Collection<Int>, _ directory: ServerDirectory) -> [StartCount] {
        incidents.flatMap { incident -> [StartCount] in
            guard let rate = incident.rate?.rate else { return [] }
            let spec = incident.spec
            let window = steps.absolute
            var counts = [StartCount(name: spec.name, scope: nil, factor: nil)]
            let changed = incident.rates.changed
            counts += changed.map { own in
                StartCount(
                    name: spec.name, scope: "\(own.column.rawValue) \(directory.labels(own.column)[own.label])", factor: own.factor)
            }
            func add(_ events: [Event], label: (ServerDirectory.Label) -> Int) {
                let found = events.count { window.contains($0.start) }
                let all = rate * incident.rates.factor(label: label)
                counts[0].add(found, steps: steps.count, rate: all, unfactored: all)
                for (index, own) in changed.enumerated() where label(own.column) == own.label {
                    let unfactored = rate * incident.rates.factor(label: label, without: own.column)
                    counts[index + 1].add(found, steps: steps.count, rate: all, unfactored: unfactored)
                }
            }
            if spec.scope == .server {
                for server in servers where incident.servers?.contains(server) ?? true {
                    let label = { (column: ServerDirectory.Label) in directory.index(of: column, server: server) }
                    add(incident.events(ofServer: server, factor: incident.rates.factor(label: label), steps: window), label: label)
                }
            } else {
                for place in incident.events.indices where spec.canStrike(incident.labels.isEmpty ? "" : incident.labels[place]) {
                    add(incident.events[place]) { _ in place }
                }
            }
            return counts.filter { $0.expected > 0 }
        }
    }
}
