/// What the cells of one class add up to over some slots of time that have values: all that a contrast needs of them.
struct SlotSums: Sendable {
    /// Realised mean and expected mean, in the metric's unit, variance of the realised one, and how far clipping moves it.
    private var sums = SIMD4<Double>.zero
    /// Slots.
    private(set) var count = 0.0
    /// The most that one rare cell moves a slot's mean.
    private(set) var jump = 0.0

    @inline(__always)
    mutating func add(realised: Double, expected: Double, variance: Double, parting: Double, jump own: Double) {
        sums += SIMD4(realised, expected, variance, parting)
        count += 1
        jump = own > jump ? own : jump
    }

    @inline(__always)
    mutating func add(_ other: SlotSums) {
        sums += other.sums
        count += other.count
        jump = other.jump > jump ? other.jump : jump
    }

    var realised: Double { sums[0] }
    var expected: Double { sums[1] }
    var variance: Double { sums[2] }
    var parting: Double { sums[3] }
}
