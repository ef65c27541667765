import Core

/// Mean and spread of a metric by label, from a sample.
struct LabelSpread: Sendable {
    /// One label.
    struct Row: Sendable {
        let label: String
        let servers: Int
        /// Nil where every cell is missing.
        let mean: Double?
        let low: Double?
        let high: Double?
    }

    let column: ServerDirectory.Label
    /// In the order of the labels; without those that no server of the sample that has rows has.
    let rows: [Row]

    /// Percentiles are exact to this part of the range of the sample's values.
    static let resolution = 1.0 / 1024

    /// - Complexity: O(cells + servers * columns / resolution).
    static func all(_ sample: FleetSample, metric: Int, _ generator: PanelGenerator) -> [LabelSpread] {
        let columns = ServerDirectory.Label.columns(generator.plan.spec.data)
        let (smallest, largest) = range(sample.values[metric])
        let bins = Int(1 / resolution)
        let scale = largest > smallest ? Double(bins) / (largest - smallest) : 0
        var tallies = columns.map { [Tally](repeating: Tally(bins: bins), count: generator.directory.labels($0).count) }
        var own = Tally(bins: bins)
        for place in sample.servers.indices {
            own.clear()
            for value in sample.row(metric, place) where !value.isNaN {
                own.counts[min(bins - 1, Int((value - smallest) * scale))] += 1
                own.sum += value
                own.cells += 1
            }
            own.servers = sample.hasRows(place) ? 1 : 0
            for (index, column) in columns.enumerated() {
                tallies[index][generator.directory.index(of: column, server: sample.servers[place])].add(own)
            }
        }
        return zip(columns, tallies).map { column, tallies in
            let rows = zip(generator.directory.labels(column), tallies).filter { $0.1.servers > 0 }.map { label, tally in
                Row(
                    label: label, servers: tally.servers, mean: tally.cells == 0 ? nil : tally.sum / Double(tally.cells),
                    low: tally.percentile(0.05, smallest, largest), high: tally.percentile(0.95, smallest, largest))
            }
            return LabelSpread(column: column, rows: rows)
        }
    }

    private static func range(_ values: [Double]) -> (Double, Double) {
        var (smallest, largest) = (Double.infinity, -Double.infinity)
        for value in values where !value.isNaN { (smallest, largest) = (min(smallest, value), max(largest, value)) }
        return smallest <= largest ? (smallest, largest) : (0, 0)
    }

    private struct Tally {
        var counts: [UInt32]
        var (cells, servers) = (0, 0)
        var sum = 0.0

        init(bins: Int) { counts = [UInt32](repeating: 0, count: bins) }

        mutating func clear() {
            for bin in counts.indices { counts[bin] = 0 }
            (cells, servers, sum) = (0, 0, 0)
        }

        mutating func add(_ other: Tally) {
            for bin in counts.indices { counts[bin] &+= other.counts[bin] }
            cells += other.cells
            servers += other.servers
            sum += other.sum
        }

        func percentile(_ share: Double, _ smallest: Double, _ largest: Double) -> Double? {
            guard cells > 0 else { return nil }
            let rank = Selection.rank(share, of: cells)
            var seen = 0
            for (bin, count) in counts.enumerated() {
                seen += Int(count)
                guard seen > rank else { continue }
                return smallest + (Double(bin) + 0.5) * (largest - smallest) / Double(counts.count)
            }
            return nil
        }
    }
}
