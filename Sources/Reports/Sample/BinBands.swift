import Core

/// Where the middle nine tenths of a sample's cells lie, bin by bin.
struct BinBands: Sendable {
    /// 5th and 95th percentile by nearest rank; nil where every cell is missing.
    let low: [Double?]
    let high: [Double?]

    /// - Complexity: O(cells).
    init(_ sample: FleetSample, metric: Int, _ bins: TimeBins) {
        var (low, high): ([Double?], [Double?]) = ([], [])
        let room = UnsafeMutableBufferPointer<Float>.allocate(capacity: max(1, bins.steps * sample.servers.count))
        defer { room.deallocate() }
        sample.values[metric].withUnsafeBufferPointer { values in
            for bin in 0..<bins.count {
                let own = bins.steps(of: bin)
                var count = 0
                for place in sample.servers.indices {
                    let first = place * sample.steps
                    for index in first + own.lowerBound..<first + own.upperBound {
                        let value = values[index]
                        room[count] = value
                        count += value.isNaN ? 0 : 1
                    }
                }
                let found = Selection.percentiles(0.05, 0.95, of: UnsafeMutableBufferPointer(rebasing: room.prefix(count)))
                low.append(found.map { Double($0.low) })
                high.append(found.map { Double($0.high) })
            }
        }
        (self.low, self.high) = (low, high)
    }
}
