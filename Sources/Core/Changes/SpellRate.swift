/// Something that starts at random steps, so often a year, and lasts some steps.
package struct SpellRate: Sendable {
    /// Of the Gregorian calendar's mean year.
    static let secondsPerYear = 365.2425 * 86_400

    /// Probability that a step is a start, at most 1/2.
    let rate: Double
    /// Steps that it lasts, at least 1.
    let steps: Int

    /// - Parameter duration: In seconds.
    package init(perYear: Double, duration: Int64, _ granularity: Granularity) {
        let step = Int64(granularity.minutes) * 60
        rate = perYear * Double(step) / Self.secondsPerYear
        steps = Self.steps(duration, granularity)
    }

    /// A length of time in steps, rounded up, at least 1.
    static func steps(_ seconds: Int64, _ granularity: Granularity) -> Int {
        let step = Int64(granularity.minutes) * 60
        return max(1, Int((seconds + step - 1) / step))
    }

    /// Probability that a step lies in a spell: 1 - (1 - rate)^steps.
    package var coveredShare: Double { rate == 0 ? 0 : 1 - ExactMath.exp(Double(steps) * ExactMath.log(1 - rate)) }
}
