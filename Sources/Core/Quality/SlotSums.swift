/// What the cells of one class add up to over some slots of time that have values: all that a contrast needs of them.
struct SlotSums: Sendable {
    /// Realised mean and expected mean, in the metric's unit, variance of the realised one, and how far clipping moves it.
    private var sums = SIMD4<Double>.zero
    /// Slots.
    private(set) var count = 0.0
    /// The most that one rare cell moves a slot's mean.
    private(set) var jump = 0.0

    /// Numbers that a pass over slots leaves of some of them.
    static let width = 6

    init(_ found: UnsafeBufferPointer<Double>, place: Int) {
        let first = Self.width * place
        sums = SIMD4(found[first], found[first + 1], found[first + 2], found[first + 3])
        (count, jump) = (found[first + 4], found[first + 5])
    }

    init() {}

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
