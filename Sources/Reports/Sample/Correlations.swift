import Core

/// Pearson correlations of the metrics' cells over a sample: of the published values, with everything that moves them.
struct Correlations: Sendable {
    /// Row by row; nil where a metric does not vary or cells are too few.
    let values: [[Double?]]

    /// - Parameter metrics: Those to compare.
    /// - Complexity: O(cells * metrics).
    init(_ sample: FleetSample, metrics: Range<Int>) async {
        var values = [[Double?]](repeating: [Double?](repeating: 1, count: metrics.count), count: metrics.count)
        await withTaskGroup(of: (Int, [Double?]).self) { tasks in
            for a in metrics.dropLast() {
                tasks.addTask {
                    (a, (a + 1..<metrics.upperBound).map { Self.correlation(sample.values[a], sample.values[$0]) })
                }
            }
            for await (a, row) in tasks {
                for (offset, value) in row.enumerated() {
                    values[a][a + 1 + offset] = value
                    values[a + 1 + offset][a] = value
                }
            }
        }
        self.values = values
    }

    private static func correlation(_ left: [Double], _ right: [Double]) -> Double? {
        // About a value of each, so that large means take no digits.
        guard let x0 = left.first(where: { !$0.isNaN }), let y0 = right.first(where: { !$0.isNaN }) else { return nil }
        var (n, sx, sy, sxx, syy, sxy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                for index in left.indices where !left[index].isNaN && !right[index].isNaN {
                    let (x, y) = (left[index] - x0, right[index] - y0)
                    n += 1
                    sx += x
                    sy += y
                    sxx += x * x
                    syy += y * y
                    sxy += x * y
                }
            }
        }
        let (vx, vy) = (n * sxx - sx * sx, n * syy - sy * sy)
        guard n > 2, vx > 0, vy > 0 else { return nil }
        return min(1, max(-1, (n * sxy - sx * sy) / (vx.squareRoot() * vy.squareRoot())))
    }
}
