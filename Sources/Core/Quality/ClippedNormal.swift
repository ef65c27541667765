/// A normal variable kept within bounds: what clipping leaves of mean and variance, in closed form.
struct ClippedNormal {
    let mean: Double
    let secondMoment: Double
    /// Probability of lying strictly between the bounds.
    let inside: Double

    /// - Parameters:
    ///   - mean: Before clipping, in the metric's unit.
    ///   - std: Before clipping, 0 or more.
    init(mean m: Double, std s: Double, low: Double, high: Double) {
        guard s > 0 else {
            mean = min(max(m, low), high)
            secondMoment = mean * mean
            inside = m > low && m < high ? 1 : 0
            return
        }
        let (a, b) = ((low - m) / s, (high - m) / s)
        let (below, above) = (ExactMath.normalCDF(a), 1 - ExactMath.normalCDF(b))
        let (densityLow, densityHigh) = (ExactMath.normalDensity(a), ExactMath.normalDensity(b))
        inside = max(0, 1 - below - above)
        mean = low * below + high * above + m * inside - s * (densityHigh - densityLow)
        secondMoment =
            low * low * below + high * high * above + (m * m + s * s) * inside - s * ((m + high) * densityHigh - (m + low) * densityLow)
    }

    var variance: Double { max(0, secondMoment - mean * mean) }
}
