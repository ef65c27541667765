/// Independent events of a small rate, drawn as gaps between events instead of one draw per cell.
///
/// Time is cut into absolute blocks of 512 steps; inside a block the gaps are geometric, drawn from the block's own words. So the events of a
/// block never depend on the window, and every cell is an event with probability exactly `rate`, independently of the others.
public struct RareEvents: Sendable {
    /// Steps per block.
    public static let block = 512

    private let stream: DrawStream
    private let rate: Double
    private let inverseLog: Double

    /// - Parameter rate: Probability per cell, 0 ..< 1.
    public init(stream: DrawStream, rate: Double) {
        precondition(rate >= 0 && rate < 1, "a rate is a probability below 1")
        self.stream = stream
        self.rate = rate
        inverseLog = rate > 0 ? 1 / ExactMath.log(max(1 - rate, Double.leastNormalMagnitude)) : 0
    }

    /// Appends the events of `server` within `steps` (absolute, rising) to `out`, as offsets from `steps.lowerBound`.
    ///
    /// - Complexity: O(events + blocks).
    public func append(to out: inout [Int32], server: UInt32, steps: Range<Int>) {
        guard rate > 0, !steps.isEmpty else { return }
        for index in floorDivide(steps.lowerBound, Self.block)...floorDivide(steps.upperBound - 1, Self.block) {
            let start = index * Self.block
            var position = -1
            var words = SIMD4<UInt32>()
            var drawn = 0
            while true {
                if drawn & 3 == 0 { words = stream.words(server: server, block: UInt32(truncatingIfNeeded: index * 128 + drawn / 4)) }
                let gap = ExactMath.log(DrawStream.uniform(words[drawn & 3])) * inverseLog
                drawn += 1
                // At most 512 gaps fit, so a block never needs the words of the next (128 blocks of 4 words).
                guard gap < Double(Self.block) else { break }
                position += 1 + Int(gap)
                guard position < Self.block else { break }
                if steps.contains(start + position) { out.append(Int32(start + position - steps.lowerBound)) }
            }
        }
    }
}
