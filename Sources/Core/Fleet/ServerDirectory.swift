/// The fleet: id, business unit, region and criticality of each server, as pure functions of its ordinal.
public struct ServerDirectory: Sendable {
    /// A label column of the panel.
    public enum Label: String, CaseIterable, Sendable {
        case businessUnit = "business_unit"
        case region
        case criticality
        /// There only where the config has archetypes.
        case archetype

        var purpose: DrawPurpose {
            switch self {
            case .businessUnit: .businessUnit
            case .region: .region
            case .criticality: .criticality
            case .archetype: .archetype
            }
        }

        /// The label columns of a dataset, in file order.
        public static func columns(_ data: DataSpec) -> [Label] {
            data.archetypes.isEmpty ? [.businessUnit, .region, .criticality] : [.businessUnit, .region, .criticality, .archetype]
        }
    }

    /// The classes of servers that share level and spread.
    public let classes: ServerClasses
    private let name: ServerName
    private let columns: [LabelDraw]
    private let archetypes: ArchetypeDraw?

    /// Prepares the id format and the label draws of a fleet.
    public init(_ data: DataSpec) {
        name = ServerName(prefix: data.idPrefix, width: data.idWidth)
        classes = ServerClasses(data)
        columns = [Label.businessUnit, .region, .criticality].map {
            LabelDraw(data.labels($0), stream: DrawStream(seed: data.seed, purpose: $0.purpose))
        }
        archetypes = data.archetypes.isEmpty ? nil : ArchetypeDraw(data)
    }

    /// The id of a server: prefix and one-based number, zero-padded, `SRV-0001` for ordinal 0.
    public func id(_ server: Int) -> String { name.id(server) }

    /// The labels of a column, sorted.
    public func labels(_ label: Label) -> [String] {
        label == .archetype ? archetypes?.labels ?? [] : columns[Self.place(label)].labels
    }

    /// The index into `labels(label)` of a server.
    public func index(of label: Label, server: Int) -> Int {
        guard label == .archetype else { return columns[Self.place(label)].index(server: UInt32(server)) }
        return archetypes?.index(server: UInt32(server)) { columns[Self.place($0)].index(server: UInt32(server)) } ?? 0
    }

    private static func place(_ label: Label) -> Int { Label.allCases.firstIndex(of: label) ?? 0 }

    /// The class of a server.
    func classIndex(server: Int) -> Int {
        if classes.count == 1 { return 0 }
        var index = archetypes == nil ? 0 : self.index(of: .archetype, server: server)
        for (column, label) in ServerClasses.columns.enumerated() {
            let groups = classes.groups[column].count
            let own = groups == 1 ? 0 : classes.groupOfLabel[column][self.index(of: label, server: server)]
            index = index * groups + own
        }
        return index
    }

    /// Which kind of days a server has: the index of its pair of zone and calendar, `zone * calendars + calendar`.
    func dayKind(server: Int) -> Int {
        guard classes.dayKinds > 1 else { return 0 }
        let group = classes.groups[0][classes.groupOfLabel[0][index(of: .region, server: server)]]
        return group.zone * classes.calendars.count + group.calendar
    }
}

extension DataSpec {
    /// The labels and shares of a column whose shares are the same for all servers.
    public func labels(_ label: ServerDirectory.Label) -> WeightedLabels {
        switch label {
        case .businessUnit: businessUnits
        case .region: regions
        case .criticality: criticalities
        case .archetype: preconditionFailure("the shares of archetypes depend on other labels")
        }
    }
}

/// A weighted choice by inversion of the cumulative shares.
private struct LabelDraw: Sendable {
    let labels: [String]
    private let cumulative: [Double]
    private let stream: DrawStream

    init(_ weighted: WeightedLabels, stream: DrawStream) {
        labels = weighted.labels
        cumulative = weighted.weights.runningSums
        self.stream = stream
    }

    func index(server: UInt32) -> Int {
        let u = stream.uniform(server: server)
        return cumulative.firstIndex { u < $0 } ?? labels.count - 1
    }
}

/// The same for archetypes, whose shares can depend on the server's other labels.
private struct ArchetypeDraw: Sendable {
    let labels: [String]
    private let shares: ArchetypeShares
    private let stream: DrawStream

    init(_ data: DataSpec) {
        labels = data.archetypes.map(\.name)
        shares = ArchetypeShares(data)
        stream = DrawStream(seed: data.seed, purpose: .archetype)
    }

    func index(server: UInt32, label: (ServerDirectory.Label) -> Int) -> Int {
        shares.index(stream.uniform(server: server), label: label)
    }
}

extension [Double] {
    fileprivate var runningSums: [Double] {
        var sum = 0.0
        return map {
            sum += $0
            return sum
        }
    }
}
