import Kernels

/// The slow component of a metric's noise: AR(1) on nodes every 2^shift steps, and between two nodes what is on the line through them.
///
/// ```
/// x[t] = before[p] node[j] + after[p] node[j + 1]       j = t >> shift, p = t mod 2^shift, u = p / 2^shift
/// before = (1 - u) / n, after = u / n, n^2 = (1 - u)^2 + u^2 + 2 u (1 - u) phi
/// ```
/// The weights make the variance the same everywhere. Nodes are at most an eighth of the half-life apart, so that two of them are correlated by
/// 0.917 or more.
package struct SlowNoise: Hashable, Sendable {
    /// Logarithm of the nodes' distance.
    package let shift: Int
    /// Of the nodes.
    package let memory: NoiseMemory
    /// Weights by place between two nodes, 16 or more.
    package let before: [Float]
    package let after: [Float]

    /// Steps of the widest distance of nodes.
    private static let mostShift = 6
    /// Shortest half-life, in steps.
    package static let shortestHalfLife = 8.0
    /// Longest half-life, in steps.
    package static var longestHalfLife: Double { Double(1 << mostShift) * NoiseMemory.longestHalfLife }

    /// - Parameters:
    ///   - halfLife: In steps, `shortestHalfLife` to `longestHalfLife`.
    ///   - share: Of the variance, 0...1.
    package init(halfLife: Double, share: Double) {
        var shift = 0
        while shift < Self.mostShift, Double(2 << shift) <= halfLife / 8 { shift += 1 }
        self.shift = shift
        memory = NoiseMemory(halfLife: halfLife / Double(1 << shift), leastBlock: StandardNormal.superblock)
        let root = share.squareRoot()
        let weights = Self.weights(shift: shift, phi: memory.phi)
        before = (0..<max(16, 1 << shift)).map { Float(root * weights[$0 % weights.count].before) }
        after = (0..<max(16, 1 << shift)).map { Float(root * weights[$0 % weights.count].after) }
    }

    /// The weights of the two nodes by place, for unit variance.
    package static func weights(shift: Int, phi: Double) -> [(before: Double, after: Double)] {
        (0..<1 << shift).map { place in
            let u = Double(place) / Double(1 << shift)
            let norm = ((1 - u) * (1 - u) + u * u + 2 * u * (1 - u) * phi).squareRoot()
            return ((1 - u) / norm, u / norm)
        }
    }

    /// The nodes that the steps need, in whole superblocks of nodes.
    package func nodes(of steps: Range<Int>) -> Range<Int> {
        let superblock = StandardNormal.superblock
        let (first, last) = (floorDivide(steps.lowerBound, 1 << shift), floorDivide(steps.upperBound - 1, 1 << shift) + 1)
        return floorDivide(first, superblock) * superblock..<(floorDivide(last, superblock) + 1) * superblock
    }

    /// Adds the component to `fast` times what is in `out`.
    ///
    /// - Parameters:
    ///   - nodes: Those of `nodes(of:)`, and 16 numbers more that do not matter.
    ///   - steps: Absolute, whole superblocks.
    package func add(_ nodes: UnsafePointer<Float>, fast: Float, over steps: Range<Int>, to out: UnsafeMutablePointer<Float>) {
        let first = floorDivide(steps.lowerBound, 1 << shift) - self.nodes(of: steps).lowerBound
        fleetsynth_slow(nodes + first, Int32(shift), before, after, fast, Int32(steps.count), out)
    }
}
