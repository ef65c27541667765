import Kernels

/// AR(1) noise of unit variance, made in fixed absolute blocks of time from addressed innovations.
///
/// ```
/// x[t] = phi x[t - 1] + sqrt(1 - phi^2) y[t]          phi = 2^(-1 / half-life in steps)
///
/// time     ... |<---- lead ---->|<------- block b ------->|<------- block b + 1 ------->|
/// block b      y start, then x   x is used
/// block b + 1             |<---- lead ---->|               x is used
/// ```
/// A block starts `lead` steps early with a bare innovation, which has the variance that x has. So a cell depends on its block's number alone,
/// never on the window. Seams between blocks do not show: both of two neighbouring blocks see the same innovations over the lead, which is so long
/// that phi^lead <= 1e-4; what differs at the seam is that part of two starts, a ten-thousandth of a standard deviation.
package struct NoiseMemory: Hashable, Sendable {
    /// Correlation of neighbours.
    package let phi: Double
    /// sqrt(1 - phi^2).
    package let scale: Double
    /// Steps before a block; whole superblocks.
    package let lead: Int
    /// Steps of a block; whole superblocks.
    package let block: Int

    /// ln 10^4 / ln 2: half-lives in which 10^-4 is left.
    private static let halvings = 13.287712379549449
    /// Longest lead, in steps.
    package static let longestLead = 4096
    /// Longest half-life, in steps: that of the longest lead.
    package static var longestHalfLife: Double { Double(longestLead) / halvings }

    /// - Parameters:
    ///   - halfLife: In steps, above 0, at most `longestHalfLife`.
    ///   - leastBlock: Steps of the shortest block, whole superblocks.
    package init(halfLife: Double, leastBlock: Int = 256) {
        precondition(halfLife > 0 && halfLife <= Self.longestHalfLife, "a half-life in bounds")
        phi = ExactMath.exp(max(-600, -0.6931471805599453 / halfLife))
        scale = (1 - phi * phi).squareRoot()
        let superblock = StandardNormal.superblock
        lead = max(1, Int((halfLife * Self.halvings / Double(superblock)).rounded(.up))) * superblock
        block = max(leastBlock, 2 * lead)
    }

    /// The number of the block that holds a step.
    private func index(_ step: Int) -> Int { floorDivide(step, block) }

    /// The first step whose innovation is needed for x from `step` on.
    package func start(_ step: Int) -> Int { index(step) * block - lead }

    /// Runs over the innovations of `steps`.
    ///
    /// - Parameters:
    ///   - deviates: One per step from `start(steps.lowerBound)`; the shape makes innovations of them.
    ///   - steps: Absolute, whole superblocks.
    ///   - out: One number per step.
    package func run(_ deviates: UnsafePointer<Float>, shape: NoiseShape, over steps: Range<Int>, into out: UnsafeMutablePointer<Float>) {
        var law = fleetsynth_memory(shape, self)
        let origin = start(steps.lowerBound)
        for number in index(steps.lowerBound)...index(steps.upperBound - 1) {
            let begin = number * block
            let first = max(begin, steps.lowerBound)
            let end = min(begin + block, steps.upperBound)
            fleetsynth_remember(
                deviates + (begin - lead - origin), Int32(first - begin + lead), Int32(end - first), &law, out + (first - steps.lowerBound))
        }
    }
}

extension fleetsynth_memory {
    /// The numbers of a shape and a memory as the kernel reads them; without a memory those of the shape alone count.
    init(_ shape: NoiseShape, _ memory: NoiseMemory?) {
        self.init()
        (constant, linear) = (Float(-shape.square), Float(shape.linear))
        (square, cubic) = (Float(shape.square), Float(shape.cubic))
        guard let memory else { return }
        scale = Float(memory.scale)
        var power = 1.0
        withUnsafeMutableBytes(of: &powers) { bytes in
            let powers = bytes.assumingMemoryBound(to: Float.self)
            for index in 0..<16 {
                power *= memory.phi
                powers[index] = Float(power)
            }
        }
    }
}
