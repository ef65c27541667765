/// How a metric's values map to whole numbers: `value = Double(k) / scale` for rounded metrics, a fine grid over the clip range for full precision.
///
/// Whole numbers make every statistic exact and independent of order, and are the indices of the dictionary page.
public struct ValueGrid: Sendable, Equatable {
    /// Decimals kept, or nil for full precision.
    public let decimals: Int?
    /// 10 to the power of `decimals`; for full precision, grid steps per unit.
    public let scale: Double
    /// Value of whole number 0.
    public let origin: Double
    /// Smallest and largest whole number.
    public let range: ClosedRange<Int32>
    /// A histogram bin is `k >> shift`, counted from `range.lowerBound`: 0 where every whole number has its own bin.
    public let shift: Int

    /// Widest range for which each value has its own bin (and so may stand in a dictionary): 2 MiB of counters per metric.
    public static let mostExactBins = 1 << 18

    /// The grid of a metric: its decimals over its clip range.
    public init(metric: MetricSpec) {
        decimals = metric.decimals
        if let decimals = metric.decimals {
            scale = (0..<decimals).reduce(1.0) { power, _ in power * 10 }
            origin = 0
            // The clip range in whole numbers, inward: a bound between two steps must not be exceeded by rounding.
            let low = Int32(Self.whole(metric.minClip * scale, .up))
            let high = Int32(Self.whole(metric.maxClip * scale, .down))
            range = low...max(low, high)
        } else {
            scale = 0x1p30 / (metric.maxClip - metric.minClip)
            origin = metric.minClip
            range = 0...(1 << 30)
        }
        var shift = 0
        while (Int(range.upperBound) - Int(range.lowerBound)) >> shift >= Self.mostExactBins { shift += 1 }
        // Beyond that, 65,536 bins are exact enough for quantiles.
        if shift > 0 { while (Int(range.upperBound) - Int(range.lowerBound)) >> shift >= 1 << 16 { shift += 1 } }
        self.shift = shift
    }

    /// `y` as a whole number, rounded by `rule` unless it is one but for the error of the multiplication (0.07 * 100 is not 7).
    private static func whole(_ y: Double, _ rule: FloatingPointRoundingRule) -> Double {
        let nearest = y.rounded()
        return (y - nearest).magnitude <= 1e-9 * max(1, nearest.magnitude) ? nearest : y.rounded(rule)
    }

    /// Width of a histogram bin, in the metric's unit.
    var binWidth: Double { Double(1 << shift) / scale }

    /// Number of histogram bins.
    public var bins: Int { ((Int(range.upperBound) - Int(range.lowerBound)) >> shift) + 1 }

    /// The whole number in the middle of a bin.
    func middle(of bin: Int) -> Double {
        Double((bin << shift) + Int(range.lowerBound)) + (shift == 0 ? 0 : Double((1 << shift) - 1) / 2)
    }

    /// Sum of squared distances of counted whole numbers from `mean`, in squared grid steps. Complexity: O(bins).
    func squares(of counts: [UInt64], around mean: Double) -> Double {
        var sum = 0.0
        for (bin, count) in counts.enumerated() where count > 0 {
            let distance = middle(of: bin) - mean
            sum += Double(count) * distance * distance
        }
        return sum
    }

    /// Whether the values are written as whole numbers through a dictionary.
    public var isDictionary: Bool { decimals != nil && shift == 0 }

    /// Whether a cell is worked out in single precision, as a number of 0 ... 65,535 above `range.lowerBound`: single precision resolves
    /// such a grid to 1/256 of a step or better. Wider grids and full precision take double precision.
    public var isNarrow: Bool { decimals != nil && bins <= 1 << 16 && shift == 0 }

    /// The value of a whole number, in the metric's unit; may lie between two steps for averages.
    public func value(_ k: Double) -> Double { origin + k / scale }

    /// The plain twin of `fleetsynth_shape_scaled` for one value.
    func whole(_ x: Double) -> Int32 {
        let y = min(max(x * scale, Double(range.lowerBound)), Double(range.upperBound))
        return Int32(y.rounded(.toNearestOrEven))
    }

    /// The number above `range.lowerBound` of a value given in steps above it: the plain form of what the kernel rounds.
    func narrow(_ y: Double) -> UInt16 {
        UInt16(min(max(y, 0), Double(range.upperBound - range.lowerBound)).rounded(.toNearestOrEven))
    }

    /// The grid point of a full-precision value within the clip range.
    func gridPoint(_ x: Double) -> Int32 { Int32(((x - origin) * scale).rounded(.toNearestOrEven)) }
}
