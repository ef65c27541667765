/// The incidents of a run: what depends on no server worked out once, the rest a pure function of the server.
///
/// ```
/// start    drawn by (incident, label | server, step), or declared; thinned or added to by the factor of the labels' rate
/// event    magnitude and partner drawn by (incident, label | server, start)
/// server   touched or not, and its delay, drawn by (incident, server, start)
/// ```
/// Nothing depends on the window: an event that began before it is found by looking back over the longest time that it can last.
public struct IncidentPlan: Sendable {
    /// One event at one label.
    package struct Event: Hashable, Sendable {
        /// Absolute step at which it begins.
        let start: Int
        let magnitude: Double
        /// The label that takes over, for a failover.
        let partner: Int?
    }

    /// One event as one server has it.
    package struct Hit: Equatable, Sendable {
        /// Index into `incidents`.
        package let incident: Int
        let event: Event
        /// The label that is struck; nil for the fleet and for single servers.
        let label: Int?
        /// Absolute step at which it begins for the server.
        package let start: Int
        /// Whether the server's label takes over instead of being struck.
        let takesOver: Bool
    }

    /// One incident of the config.
    package final class Incident: Sendable {
        let spec: IncidentSpec
        /// Steps without values at the start.
        let gap: Int
        /// Strength of each step of an event.
        package let strengths: [Double]
        /// Longest delay, in steps.
        let lag: Int
        /// Effect on each metric of the dataset, in column order.
        let effects: [IncidentMetric.Effect?]
        /// The labels of the scope's column; empty for the fleet and for single servers.
        let labels: [String]
        /// Share of the fleet that each label has.
        let shares: [Double]
        /// Events by label, by start; one list for the fleet, none for single servers.
        let events: [[Event]]
        /// For each label the events of others that it takes over, with the label struck.
        let takenOver: [[(event: Event, label: Int)]]
        /// For single servers: those that can be touched, nil for all.
        let servers: Set<Int>?
        /// Of single servers.
        fileprivate let streams: Streams
        /// How often it begins at random; nil for declared ones.
        let rate: SpellRate?
        /// Factors of that by label.
        let rates: LabelRates
        fileprivate let times: [Int]

        fileprivate init(_ spec: IncidentSpec, _ data: DataSpec, steps: StepRange) {
            self.spec = spec
            let granularity = data.granularity
            let profile = spec.kind.profile(steps: SpellRate.steps(spec.duration, granularity))
            (gap, strengths) = profile
            lag = Int(spec.lag / (Int64(granularity.minutes) * 60))
            draws = DrawStream(seed: data.seed, purpose: .incidentServer, metric: spec.name)
            streams = Streams(spec, "", seed: data.seed)
            effects = data.metrics.map { metric in spec.metrics.first { $0.metric == metric.name }?.effect }
            let seconds = Int64(granularity.minutes) * 60
            if case .declared(let declared) = spec.timing {
                // Two declared times may share a step: that is one event.
                times = Set(declared.map { floorDivide(Int($0), Int(seconds)) }).sorted()
            } else {
                times = []
            }
            if case .random(let perYear) = spec.timing {
                rate = SpellRate(perYear: perYear, duration: spec.duration, granularity)
            } else {
                rate = nil
            }
            let rates = LabelRates(spec.rateFactors, data)
            self.rates = rates
            let (labels, shares) = spec.scope.column.map { data.labelShares($0) } ?? ([], [])
            (self.labels, self.shares) = (labels, shares)
            if spec.scope == .server {
                let name = ServerName(prefix: data.idPrefix, width: data.idWidth)
                servers = spec.labels.isEmpty ? nil : Set(spec.labels.compactMap(name.ordinal))
                (events, takenOver) = ([], [])
                return
            }
            servers = nil
            let reach = steps.absolute.lowerBound - lag - strengths.count + 1..<steps.absolute.upperBound
            var found: [[IncidentPlan.Event]] = []
            for (index, label) in (labels.isEmpty ? [""] : labels).enumerated() {
                guard spec.canStrike(label) else {
                    found.append([])
                    continue
                }
                let factor = spec.scope.column.map { rates.factor(index, of: $0) } ?? 1
                let streams = Streams(spec, label, seed: data.seed)
                let starts = Incident.starts(streams, rate, factor: factor, declared: times, server: 0, within: reach)
                let own = labels.firstIndex(of: label)
                found.append(
                    starts.map { Incident.event(spec, at: $0, streams.event, server: 0, own: own, labels: labels, shares: shares) })
            }
            var takenOver = [[(event: IncidentPlan.Event, label: Int)]](repeating: [], count: labels.count)
            for (label, own) in found.enumerated() {
                for event in own { if let partner = event.partner { takenOver[partner].append((event, label)) } }
            }
            (events, self.takenOver) = (found, takenOver)
        }

        /// What is drawn for each server.
        fileprivate let draws: DrawStream
    }

    package let incidents: [Incident]
    let steps: StepRange

    /// The incidents of a dataset that touch some steps.
    /// - Complexity: O(events).
    public init(_ data: DataSpec, steps: StepRange) {
        self.steps = steps
        incidents = data.incidents.filter(\.kind.hasEvents).map { Incident($0, data, steps: steps) }
    }

    /// Whether there is nothing to do for any server.
    var isEmpty: Bool { incidents.isEmpty }

    /// Calls `body` with each event that touches a server within the steps, in the order of the incidents' names and the events' starts.
    ///
    /// - Parameters:
    ///   - metric: Leaves out incidents that do nothing to it; nil for all.
    ///   - label: The server's label in a column, as an index.
    ///   - all: Also events that touch the steps with the delay of another server, and not with this one's.
    /// - Complexity: O(events of the server's labels).
    package func forEachHit(
        server: Int, metric: Int? = nil, label: (ServerDirectory.Label) -> Int, all: Bool = false, _ body: (Hit) -> Void
    ) {
        for (index, incident) in incidents.enumerated() {
            if let metric, incident.effects[metric] == nil, incident.gap == 0 { continue }
            let column = incident.spec.scope.column
            let own = column.map(label)
            let events =
                incident.spec.scope == .server
                ? incident.events(ofServer: server, factor: incident.rates.factor(label: label), steps: steps.absolute)
                : incident.events[own ?? 0]
            guard !events.isEmpty || own.map({ !incident.takenOver[$0].isEmpty }) ?? false else { continue }
            let draws = incident.draws
            func hit(_ event: Event, _ struck: Int?, takesOver: Bool) {
                let words = draws.words(server: UInt32(server), block: UInt32(truncatingIfNeeded: event.start))
                // Whoever takes over is touched as a whole.
                guard takesOver || incident.spec.share == 1 || DrawStream.uniform(words[0]) < incident.spec.share else { return }
                let delay = Int(DrawStream.uniform(words[1]) * Double(incident.lag + 1))
                let start = event.start + delay
                guard all || touches(start, incident) else { return }
                body(Hit(incident: index, event: event, label: struck, start: start, takesOver: takesOver))
            }
            for event in events { hit(event, own, takesOver: false) }
            if let own { for taken in incident.takenOver[own] { hit(taken.event, taken.label, takesOver: true) } }
        }
    }

    /// Whether an event that begins at an absolute step for a server touches the run.
    func touches(_ start: Int, _ incident: Incident) -> Bool {
        start < steps.absolute.upperBound && start + incident.strengths.count > steps.absolute.lowerBound
    }
}

extension IncidentPlan.Incident {
    /// What the events of a label, or of single servers, are drawn from.
    fileprivate struct Streams {
        let start, thinning, extra, event: DrawStream

        init(_ spec: IncidentSpec, _ label: String, seed: UInt64) {
            func stream(_ purpose: DrawPurpose) -> DrawStream {
                DrawStream(seed: seed, purpose: purpose, metric: IncidentPlan.Incident.address(spec, label))
            }
            start = stream(.incidentStart)
            thinning = stream(.incidentThinning)
            extra = stream(.incidentExtra)
            event = stream(.incidentEvent)
        }
    }

    /// A stream's name: that of the incident and, where there are labels, that of the label.
    private static func address(_ spec: IncidentSpec, _ label: String) -> String { label.isEmpty ? spec.name : spec.name + "\n" + label }

    /// Absolute steps at which events begin.
    private static func starts(
        _ streams: Streams, _ rate: SpellRate?, factor: Double, declared: [Int], server: UInt32, within reach: Range<Int>
    ) -> [Int] {
        guard let rate else { return declared.filter(reach.contains) }
        func drawn(_ stream: DrawStream, rate: Double) -> [Int] {
            var found: [Int32] = []
            RareEvents(stream: stream, rate: rate).append(to: &found, server: server, steps: reach)
            return found.map { reach.lowerBound + Int($0) }
        }
        let starts = drawn(streams.start, rate: rate.rate)
        if factor < 1 {
            return starts.filter { start in
                DrawStream.uniform(streams.thinning.words(server: server, block: UInt32(truncatingIfNeeded: start))[0]) < factor
            }
        }
        guard factor > 1 else { return starts }
        // With r the rate, a step is a start of the one or the other kind with probability r + (1 - r) * extra = factor * r.
        let extra = drawn(streams.extra, rate: (factor - 1) * rate.rate / (1 - rate.rate))
        return Set(starts + extra).sorted()
    }

    private static func event(
        _ spec: IncidentSpec, at start: Int, _ draws: DrawStream, server: UInt32, own: Int?, labels: [String], shares: [Double]
    ) -> IncidentPlan.Event {
        let words = draws.words(server: server, block: UInt32(truncatingIfNeeded: start))
        let (low, high) = (spec.magnitude.lowerBound, spec.magnitude.upperBound)
        let magnitude = low == high ? low : low + (high - low) * DrawStream.uniform(words[0])
        guard spec.kind == .failover, let own else { return IncidentPlan.Event(start: start, magnitude: magnitude, partner: nil) }
        if let given = spec.takesOver {
            return IncidentPlan.Event(start: start, magnitude: magnitude, partner: labels.firstIndex(of: given))
        }
        // The label with the highest draw takes over: one more label changes only the events that it wins.
        let candidates = labels.indices.filter { $0 != own && shares[$0] > 0 }
        let drawn = candidates.map { index in
            let stream = DrawStream(seed: draws.seed, purpose: .incidentEvent, metric: address(spec, labels[own]) + "\n" + labels[index])
            return (index, stream.words(server: server, block: UInt32(truncatingIfNeeded: start))[0])
        }
        return IncidentPlan.Event(start: start, magnitude: magnitude, partner: drawn.max { $0.1 < $1.1 }?.0)
    }

    /// The events of a single server.
    ///
    /// - Parameter factor: Of its rate.
    func events(ofServer server: Int, factor: Double, steps: Range<Int>) -> [IncidentPlan.Event] {
        if let servers, !servers.contains(server) { return [] }
        let reach = steps.lowerBound - lag - strengths.count + 1..<steps.upperBound
        let starts = Self.starts(streams, rate, factor: factor, declared: times, server: UInt32(server), within: reach)
        return starts.map { Self.event(spec, at: $0, streams.event, server: UInt32(server), own: nil, labels: [], shares: []) }
    }

    /// What full strength does to a metric of a server that is hit; nil for nothing.
    ///
    /// Whoever takes over has what the others lose, spread over its own servers: `1 + (1 - factor) * share * (their part of the fleet) / (its own)`.
    package func effect(_ metric: Int, of hit: IncidentPlan.Hit) -> IncidentMetric.Effect? {
        guard hit.takesOver else { return effects[metric] }
        guard let struck = hit.label, let partner = hit.event.partner, case .factor(let factor) = effects[metric], shares[partner] > 0
        else {
            return nil
        }
        return .factor(1 + (1 - factor) * spec.share * shares[struck] / shares[partner])
    }
}

extension DataSpec {
    /// The labels of a column and their shares of the fleet.
    func labelShares(_ column: ServerDirectory.Label) -> ([String], [Double]) {
        guard column == .archetype else { return (labels(column).labels, labels(column).weights) }
        return (archetypes.map(\.name), archetypes.isEmpty ? [] : ArchetypeShares(self).overall)
    }
}

extension IncidentSpec {
    /// Whether events strike a label: nobody takes over from itself.
    func canStrike(_ label: String) -> Bool { (labels.isEmpty || labels.contains(label)) && label != takesOver }
}
