/// The fleet: id, business unit, region and criticality of each server, as pure functions of its ordinal.
public struct ServerDirectory: Sendable {
    /// A label column of the panel.
    public enum Label: String, CaseIterable, Sendable {
        case businessUnit = "business_unit"
        case region
        case criticality

        var purpose: DrawPurpose {
            switch self {
            case .businessUnit: .businessUnit
            case .region: .region
            case .criticality: .criticality
            }
        }
    }

    private let prefix: String
    private let width: Int
    private let columns: [LabelDraw]

    /// Prepares the id format and the label draws of a fleet.
    public init(_ data: DataSpec) {
        prefix = data.idPrefix
        width = data.idWidth
        columns = Label.allCases.map { LabelDraw(data.labels($0), stream: DrawStream(seed: data.seed, purpose: $0.purpose)) }
    }

    /// The id of a server: prefix and one-based number, zero-padded, `SRV-0001` for ordinal 0.
    public func id(_ server: Int) -> String {
        let digits = String(server + 1)
        return prefix + String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// The labels of a column, sorted.
    public func labels(_ label: Label) -> [String] { columns[Self.index(label)].labels }

    /// The index into `labels(label)` of a server.
    public func index(of label: Label, server: Int) -> Int { columns[Self.index(label)].index(server: UInt32(server)) }

    private static func index(_ label: Label) -> Int { Label.allCases.firstIndex(of: label) ?? 0 }
}

extension DataSpec {
    /// The labels and shares of a column.
    public func labels(_ label: ServerDirectory.Label) -> WeightedLabels {
        switch label {
        case .businessUnit: businessUnits
        case .region: regions
        case .criticality: criticalities
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
        var sum = 0.0
        cumulative = weighted.weights.map { weight in
            sum += weight
            return sum
        }
        self.stream = stream
    }

    func index(server: UInt32) -> Int {
        let u = stream.uniform(server: server)
        return cumulative.firstIndex { u < $0 } ?? labels.count - 1
    }
}
