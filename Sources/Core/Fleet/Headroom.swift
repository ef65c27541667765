/// What is left between a level and the upper bound of its metric.
enum Headroom {
    /// The level whose distance to the bound is so many times as great.
    static func level(_ level: Double, headroom: Double, of bound: Double) -> Double { bound - headroom * (bound - level) }
}
