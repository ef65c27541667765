/// Count, sum and sum of squares of whole numbers: exact, so merging in any order gives the same result.
public struct Moments: Sendable, Equatable {
    /// Numbers added so far.
    public private(set) var count = 0
    private var sum: Int128 = 0
    private var squares: Int128 = 0

    /// Nothing added yet.
    public init() {}

    /// Adds one number.
    public mutating func add(_ value: Int64) {
        count += 1
        sum += Int128(value)
        squares += Int128(value) * Int128(value)
    }

    /// Adds what another one was given.
    public mutating func merge(_ other: Moments) {
        count += other.count
        sum += other.sum
        squares += other.squares
    }

    /// The mean, 0 where nothing was added.
    public var mean: Double { count == 0 ? 0 : Self.double(sum) / Double(count) }

    /// The variance over what was added (not the estimate for a population behind it), 0 below two values.
    public var variance: Double {
        guard count > 1 else { return 0 }
        // n * squares - sum^2 is exact; the subtraction of two large doubles would not be.
        return Self.double(Int128(count) * squares - sum * sum) / (Double(count) * Double(count))
    }

    /// The nearest double, most often by the processor's own conversion: the same bits.
    private static func double(_ number: Int128) -> Double { Int64(exactly: number).map { Double($0) } ?? Double(number) }
}

extension Moments {
    func write(to output: inout TallyWriter) {
        output.put(count)
        guard count > 0 else { return }
        output.put(signed: sum)
        output.put(signed: squares)
    }

    /// Adds what another one wrote.
    mutating func merge(from input: inout TallyReader) throws(TallyReader.Damage) {
        let others = try input.count()
        let (total, overflow) = count.addingReportingOverflow(others)
        guard !overflow else { throw TallyReader.Damage(problem: "a count is too large") }
        count = total
        guard others > 0 else { return }
        try input.add(to: &sum)
        try input.add(to: &squares)
    }
}
