import Kernels

/// Independent events of a small rate, drawn as gaps between events instead of one draw per cell.
///
/// Time is cut into absolute blocks of 2,048 steps; inside a block the gaps are geometric, drawn from the block's own words. So the events of a
/// block never depend on the window, and every cell is an event with probability `rate` (to one part in 100,000), independently of the others.
public struct RareEvents: Sendable {
    /// Steps per block.
    public static let block = Int(FLEETSYNTH_EVENT_BLOCK)

    private let stream: DrawStream
    private let rate: Double
    private let scale: Float

    /// - Parameter rate: Probability per cell, 0 ..< 1.
    public init(stream: DrawStream, rate: Double) {
        precondition(rate >= 0 && rate < 1, "a rate is a probability below 1")
        self.stream = stream
        self.rate = rate
        // A gap is ln(u) / ln(1 - rate) rounded down, and the words give -2 ln(u). Rates below 1e-30 have none within 2^31 steps anyway.
        scale = rate > 1e-30 ? Float(-0.5 / Self.logOfRest(rate)) : 0
    }

    /// Events that never happen.
    var silenced: RareEvents { RareEvents(stream: stream, rate: 0) }

    /// ln(1 - rate); by its series where 1 - rate would lose the rate's digits.
    private static func logOfRest(_ rate: Double) -> Double {
        rate > 1e-4 ? ExactMath.log(1 - rate) : -rate * (1 + rate * (0.5 + rate * (1 / 3.0 + rate * 0.25)))
    }

    /// Appends the events of `server` within `steps` (absolute, rising) to `out`, as offsets from `steps.lowerBound`.
    ///
    /// - Complexity: O(events + blocks).
    public func append(to out: inout [Int32], server: UInt32, steps: Range<Int>) {
        guard scale > 0, !steps.isEmpty else { return }
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: Self.block) { found in
            for index in floorDivide(steps.lowerBound, Self.block)...floorDivide(steps.upperBound - 1, Self.block) {
                let number = fleetsynth_events(
                    stream.seed, stream.stream, server, Int32(truncatingIfNeeded: index), scale, found.baseAddress)
                let shift = index * Self.block - steps.lowerBound
                var own = UnsafeMutableBufferPointer(rebasing: found.prefix(Int(number)))
                for index in own.indices { own[index] &+= Int32(truncatingIfNeeded: shift) }
                // Of the first and the last block a part.
                if shift < 0 { own = UnsafeMutableBufferPointer(rebasing: own.drop { $0 < 0 }) }
                if shift + Self.block > steps.count {
                    while let last = own.last, Int(last) >= steps.count { own = UnsafeMutableBufferPointer(rebasing: own.dropLast()) }
                }
                out.append(contentsOf: own)
            }
        }
    }

    /// Those of the events of `server` whose values reach a threshold.
    ///
    /// - Parameters:
    ///   - reach: Which values; the events are those of the same steps.
    ///   - most: How many there can be.
    /// - Returns: Steps of the run, rising.
    func reaching(_ reach: fleetsynth_reach, server: UInt32, most: Int) -> [Int32] {
        guard scale > 0, reach.from < reach.to, most > 0 else { return [] }
        let (first, last) = (Int(reach.origin) + Int(reach.from), Int(reach.origin) + Int(reach.to) - 1)
        return [Int32](unsafeUninitializedCapacity: most + 16) { found, count in
            withUnsafePointer(to: reach) { reach in
                for index in floorDivide(first, Self.block)...floorDivide(last, Self.block) {
                    count += Int(
                        fleetsynth_events_reaching(
                            stream.seed, stream.stream, server, Int32(truncatingIfNeeded: index), scale, reach,
                            found.baseAddress.unsafelyUnwrapped + count))
                }
            }
        }
    }

    /// The gap before the event that `word` draws, plainly: the twin of the kernel.
    package func gap(_ word: UInt32) -> Int { Int(min(max(StandardNormal.squaredRadius(word) * scale, 0), 4096)) }
}
