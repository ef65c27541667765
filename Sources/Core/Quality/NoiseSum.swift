/// What the residual sum of squares of a class is expected to be, and how far chance moves it.
struct NoiseSum: Sendable {
    /// Expected sum of squares.
    private(set) var residual = 0.0
    /// The noise's part of it: what moves with `base_std` squared.
    private(set) var noise = 0.0
    /// Degrees of freedom.
    private(set) var degrees = 0.0
    /// Realised: cells times the squared distance of their slot's mean from a center.
    private(set) var realised = 0.0
    /// Cells with values.
    private(set) var present = 0.0
    private var variance = 0.0
    private var between = 0.0
    private var jump = 0.0

    /// What is the same for all slots of a class.
    struct Terms {
        private let perAbsent: Double
        private let shareOfServers: Double
        private let square: Double
        private let rare: Double
        private let memory: Double
        private let center: Double

        /// - Parameters:
        ///   - servers: Of the class.
        ///   - rate: Of outliers.
        ///   - kurtosis: Excess, of the noise.
        ///   - memory: Sum of the noise's squared autocorrelations.
        ///   - center: Near the mean, in the metric's unit.
        init(servers: Double, rate: Double, kurtosis: Double, memory: Double, center: Double) {
            // The servers that are there are drawn without replacement.
            perAbsent = servers > 1 ? 1 / (servers - 1) : 0
            // Which cells miss decides how often each server's offset counts.
            shareOfServers = 2 / max(1, servers)
            square = memory * (2 + max(0, kurtosis))
            // The square of an outlier is rare and large.
            rare = memory * rate
            (self.memory, self.center) = (memory, center)
        }

        /// Adds one slot that has values.
        ///
        /// - Parameters:
        ///   - absent: Servers that miss.
        ///   - noise: Variance of a cell around its server's mean.
        ///   - between: Variance between the servers' means and between the steps of the slot.
        ///   - jump: How far a rare cell may lie from common ones.
        @inline(__always)
        func add(cells: Double, mean: Double, absent: Double, noise: Double, between: Double, jump: Double, to sum: inout NoiseSum) {
            let missing = absent > 0 ? absent : 0
            let (other, reach) = (missing * between, jump * jump)
            sum.residual += cells * (noise + between) - noise - perAbsent * other
            sum.noise += cells * noise
            sum.between += cells * between
            sum.degrees += cells - 1
            sum.variance += cells * (square * (noise * noise) + rare * (reach * reach) + shareOfServers * (other * between))
            sum.jump = memory * reach > sum.jump ? memory * reach : sum.jump
            sum.realised += cells * ((mean - center) * (mean - center))
            sum.present += cells
        }
    }

    /// Adds what another class has.
    mutating func add(_ other: NoiseSum) {
        residual += other.residual
        noise += other.noise
        degrees += other.degrees
        realised += other.realised
        present += other.present
        variance += other.variance
        between += other.between
        jump = max(jump, other.jump)
    }

    /// Takes out what the servers' means are expected to hold, as `biasCheck` has it.
    mutating func remove(servers: Double, of own: ClassExpectation, steps all: Double) {
        let steps = present / servers
        let missing = max(0, 1 - present / (servers * all))
        let gaps = all > 1 ? missing * own.servers.betweenSlots * all / (all - 1) / steps : 0
        residual -= present * (own.servers.offset + (own.servers.noise * own.memory / steps + gaps) * (servers - 1) / servers)
        // The steps that a server misses move its mean, and with it what its offset seems to be.
        variance += present * steps * (4 * own.servers.offset * gaps + 2 * gaps * gaps)
        degrees -= servers
    }

    /// Around the expected sum; the last part is what offsets in bins and levels between nodes leave out.
    func tolerance(sigmas: Double) -> Double {
        sigmas * variance.squareRoot() + sigmas * sigmas / 6 * jump + 0.01 * noise + 0.002 * between
    }
}
