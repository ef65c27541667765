import Kernels

/// What the residual sum of squares of a panel is expected to be, and how far chance moves it.
struct NoiseSum {
    /// Expected sum of squares.
    private(set) var residual = 0.0
    /// The noise of all cells, as a sum of squares, and what of it the means of slots and servers leave: what moves with `base_std` squared.
    private var noise = 0.0
    private(set) var visible = 0.0
    /// Degrees of freedom.
    private(set) var degrees = 0.0
    private var variance = 0.0
    private var between = 0.0
    private var jump = 0.0

    /// Adds a class that has values.
    ///
    /// - Parameters:
    ///   - means: Servers that have a mean over the steps.
    ///   - rate: Of outliers.
    ///   - missing: Rate of cells that miss independently.
    ///   - memory: Sum of the noise's squared autocorrelations.
    ///   - all: Steps.
    mutating func add(_ own: ClassExpectation, means: Double, rate: Double, missing missingRate: Double, memory: Double, steps all: Double)
    {
        let (found, count) = (own.noise, own.count)
        // The servers that are there are drawn without replacement.
        let ofSlots = own.slotMemory(missing: missingRate)
        residual += found.noise + found.between - found.slotNoise * ofSlots - (count > 1 ? found.absentBetween / (count - 1) : 0)
        noise += found.noise
        between += found.between
        degrees += found.present - found.slots * ofSlots
        // The square of an outlier is rare and large.
        variance += memory * ((2 + max(0, own.kurtosis)) * found.noiseSquares + rate * found.jumps)
        // Which cells miss decides how often each server's offset counts.
        variance += 2 / max(1, count) * found.absentSquares
        jump = max(jump, memory * own.jump * own.jump)

        // What the servers' means are expected to hold is taken out, as `biasCheck` has it.
        let steps = found.present / means
        let missing = max(0, 1 - found.present / (means * all))
        let gaps = all > 1 ? missing * own.servers.betweenSlots * all / (all - 1) / steps : 0
        let ofServers = own.servers.noise * own.memory(missing: missingRate) / steps
        residual -= found.present * (own.servers.offset + (ofServers + gaps) * (means - 1) / means)
        visible += max(0, found.noise - found.slotNoise * ofSlots - found.present * ofServers * (means - 1) / means)
        // The steps that a server misses move its mean, and with it what its offset seems to be.
        variance += found.present * steps * (4 * own.servers.offset * gaps + 2 * gaps * gaps)
        degrees -= means
    }

    /// Around the expected sum; the last part is what offsets in bins and levels between nodes leave out.
    func tolerance(sigmas: Double) -> Double {
        sigmas * variance.squareRoot() + sigmas * sigmas / 6 * jump + 0.01 * noise + 0.002 * between
    }
}

/// What the slots of one class that have values add up to for `NoiseSum`.
struct NoiseParts: Sendable {
    /// Slots, and cells with values.
    let slots: Double
    let present: Double
    /// Sum of a cell's variance around its server's mean over cells, and over slots.
    let noise: Double
    let slotNoise: Double
    /// Sum over cells of the variance between servers and steps, and over the servers that miss in a slot.
    let between: Double
    let absentBetween: Double
    /// Sums over cells: squares of the noise's variance, fourth powers of a rare cell's distance, squares of what is between times the servers that
    /// miss.
    let noiseSquares: Double
    let jumps: Double
    let absentSquares: Double
    /// Realised: sum over cells of the squared distance of their slot's mean from the center.
    let squares: Double

    init(_ found: fleetsynth_slots_found) {
        let noise = found.noise
        (slots, present) = (noise.0, noise.1)
        (self.noise, slotNoise) = (noise.2, noise.3)
        (between, absentBetween) = (noise.4, noise.5)
        (noiseSquares, jumps, absentSquares, squares) = (noise.6, noise.7, noise.8, noise.9)
    }
}
