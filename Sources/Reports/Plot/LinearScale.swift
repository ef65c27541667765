/// Values to places: the domain runs from tick to tick or from value to value, steps are 1, 2, 2.5 or 5 times a power of ten.
///
/// ```
/// domain   low ......... high
/// place    from ........ to           either direction
/// ```
package struct LinearScale {
    /// The values at the ticks, ascending.
    package let ticks: [Double]
    /// Decimals that tell the ticks apart.
    private let decimals: Int
    private let places: (from: Double, to: Double)

    /// The domain's ends.
    package let low: Double
    package let high: Double

    /// - Parameters:
    ///   - values: The smallest and the largest value; a scale of one value has some room around it.
    ///   - count: Ticks at most, 2 or more; two ticks that cannot enclose the values become three.
    ///   - isExact: Whether the domain ends with the values instead of with the ticks around them.
    ///   - from: Place of the domain's low end.
    ///   - to: Place of its high end.
    package init(_ values: ClosedRange<Double>, ticks count: Int = 5, isExact: Bool = false, from: Double, to: Double) {
        var (low, high) = (values.lowerBound, values.upperBound)
        if !(high - low > 1e-12 * max(low.magnitude, high.magnitude)) {
            let room = low == 0 ? 1 : 0.1 * low.magnitude
            (low, high) = (low - room, high + room)
        }
        var (step, decimals) = Self.step(atLeast: (high - low) / Double(max(1, count - 1)))
        var (first, last) = ((low / step).rounded(.down), (high / step).rounded(.up))
        // Widening to whole steps may take more ticks than there is room for.
        while !isExact, Int(last - first) + 1 > max(3, count) {
            (step, decimals) = Self.step(atLeast: step * 1.01)
            (first, last) = ((low / step).rounded(.down), (high / step).rounded(.up))
        }
        let around = (0...max(1, Int(last - first))).map { (first + Double($0)) * step }
        ticks = isExact ? around.filter { $0 >= low && $0 <= high } : around
        (self.low, self.high) = isExact ? (low, high) : (around[0], around[around.count - 1])
        self.decimals = decimals
        places = (from, to)
    }

    /// The smallest nice step of at least so much, and its decimals.
    private static func step(atLeast least: Double) -> (Double, Int) {
        var (power, decimals) = (1.0, 0)
        while power > least { (power, decimals) = (power / 10, decimals + 1) }
        while power * 10 <= least { (power, decimals) = (power * 10, decimals - 1) }
        for (factor, more) in [(1.0, 0), (2, 0), (2.5, 1), (5, 0)] where factor * power >= least * (1 - 1e-9) {
            return (factor * power, max(0, decimals + more))
        }
        return (10 * power, max(0, decimals - 1))
    }

    /// Where a value is.
    package func callAsFunction(_ value: Double) -> Double {
        places.from + (value - low) / (high - low) * (places.to - places.from)
    }

    /// A tick's label.
    package func label(_ tick: Double) -> String { Numbers.fixed(tick, min(decimals, 9)) }
}
