import Kernels

/// What is expected of the servers' means over the steps.
struct ServerExpectation: Sendable {
    /// Variance of the expected means: the offsets as far as clipping and rounding leave them.
    let offset: Double
    /// Mean over the servers of one cell's variance around its server's mean.
    let noise: Double
    /// Mean over the servers of the noise's square, and of the noise times the squared distance of the server's mean.
    let noiseSquared: Double
    let noiseTimesDistance: Double
    /// Variance of the slots' means: what a server loses or gains by the steps it misses.
    let betweenSlots: Double
    /// The greatest distance of a slot's mean from their mean.
    let reach: Double

    /// Sums over the steps for one bin of offsets.
    struct Bin {
        var mean = 0.0
        var variance = 0.0
        var slope = 0.0

        /// - Parameter weight: How many steps are like this one.
        mutating func add(_ weight: Double, mean m: Double, variance v: Double, slope k: Double) {
            mean += weight * m
            variance += weight * v
            slope += weight * k
        }

        /// Adds sums of steps on which the mean is a line in the offset.
        /// - Parameter offset: The one that they hold for, and then that of this bin.
        mutating func add(_ line: Bin, from offset: Double, to own: Double) {
            mean += line.mean + line.slope * (own - offset)
            variance += line.variance
            slope += line.slope
        }
    }

    init(_ bins: [(bin: OffsetBin, sums: Bin)], steps: Double, slots: SlotMeans) {
        let count = bins.reduce(0) { $0 + $1.bin.count }
        let center = bins.reduce(0) { $0 + $1.bin.count * $1.sums.mean / steps } / count
        var (offset, noise, squared, product) = (0.0, 0.0, 0.0, 0.0)
        for (bin, sums) in bins {
            let (share, v, slope) = (bin.count / count, sums.variance / steps, sums.slope / steps)
            let distance = sums.mean / steps - center
            let square = distance * distance + slope * slope * bin.variance
            offset += share * square
            noise += share * v
            squared += share * v * v
            product += share * v * square
        }
        (self.offset, self.noise, noiseSquared, noiseTimesDistance) = (offset, noise, squared, product)
        betweenSlots = slots.variance
        reach = slots.reach
    }
}

/// How much the expected means of a class's slots differ, whether or not there are values.
struct SlotMeans: Sendable {
    let variance: Double
    /// The greatest distance of a mean from the mean of all.
    let reach: Double

    /// - Parameter found: Distances from the first mean, so that no large squares are subtracted.
    init(_ found: fleetsynth_slots_found, slots: Int) {
        let mean = found.sum / Double(slots)
        variance = max(0, found.squares / Double(slots) - mean * mean)
        reach = max(mean - found.low, found.high - mean)
    }
}
