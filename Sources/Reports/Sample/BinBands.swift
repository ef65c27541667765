import Core

/// Where the middle nine tenths of a sample's cells lie, bin by bin.
///
/// ```
/// cells of a bin -> 256 buckets of equal width, counted -> the bucket that has the rank -> its cells alone are put in order
/// ```
/// Exact, and several times as quick as ordering all cells of a bin.
struct BinBands: Sendable {
    /// 5th and 95th percentile by nearest rank; nil where every cell is missing.
    let low: [Double?]
    let high: [Double?]

    private static let buckets = 256

    /// - Parameter range: What the cells lie in, more or less: it decides how quick it is, never the result.
    /// - Complexity: O(cells).
    init(_ sample: FleetSample, metric: Int, _ bins: TimeBins, range: ClosedRange<Double>) {
        var (low, high): ([Double?], [Double?]) = ([], [])
        let room = max(1, bins.steps * sample.servers.count)
        let cells = UnsafeMutableBufferPointer<Double>.allocate(capacity: room)
        let places = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: room)
        let found = UnsafeMutableBufferPointer<Double>.allocate(capacity: room)
        let counts = UnsafeMutableBufferPointer<Int32>.allocate(capacity: Self.buckets)
        defer {
            cells.deallocate()
            places.deallocate()
            found.deallocate()
            counts.deallocate()
        }
        let (first, top) = (range.lowerBound, Double(Self.buckets - 1))
        let width = range.upperBound - first
        let scale = width > 0 ? Double(Self.buckets) / width : 0
        sample.values[metric].withUnsafeBufferPointer { values in
            for bin in 0..<bins.count {
                let own = bins.steps(of: bin)
                counts.initialize(repeating: 0)
                var count = 0
                for place in sample.servers.indices {
                    let start = place * sample.steps
                    for index in start + own.lowerBound..<start + own.upperBound {
                        let value = values[index]
                        if value.isNaN { continue }
                        let bucket = UInt8(min(max((value - first) * scale, 0), top))
                        cells[count] = value
                        places[count] = bucket
                        counts[Int(bucket)] += 1
                        count += 1
                    }
                }
                func percentile(_ share: Double) -> Double? {
                    guard count > 0 else { return nil }
                    var (rank, bucket) = (Selection.rank(share, of: count), 0)
                    while rank >= Int(counts[bucket]) {
                        rank -= Int(counts[bucket])
                        bucket += 1
                    }
                    var kept = 0
                    for index in 0..<count where Int(places[index]) == bucket {
                        found[kept] = cells[index]
                        kept += 1
                    }
                    return Selection.value(rank, of: UnsafeMutableBufferPointer(rebasing: found.prefix(kept)))
                }
                low.append(percentile(0.05))
                high.append(percentile(0.95))
            }
        }
        (self.low, self.high) = (low, high)
    }
}
