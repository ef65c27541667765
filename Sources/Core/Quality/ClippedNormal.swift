/// A normal variable kept within bounds and rounded to a grid: what that leaves of mean and variance.
struct ClippedNormal {
    let mean: Double
    let variance: Double
    /// Probability of lying strictly between the bounds: how much the mean moves with the unclipped mean.
    let inside: Double

    /// - Parameters:
    ///   - mean: Before clipping, in the metric's unit.
    ///   - std: Before clipping, 0 or more.
    ///   - low: Lower bound, a grid point.
    ///   - high: Upper bound, a grid point.
    ///   - step: Distance of two grid points, above 0.
    ///   - normal: The standard normal distribution.
    init(mean m: Double, std s: Double, low: Double, high: Double, step: Double, _ normal: NormalTable) {
        guard s > step * 1e-9 else {
            mean = min(max((m / step).rounded(.toNearestOrEven) * step, low), high)
            variance = 0
            inside = m > low && m < high ? 1 : 0
            return
        }
        if step <= 0.5 * s, m - NormalTable.reach * s >= low, m + NormalTable.reach * s <= high {
            // What the formulas below come to where neither bound is near.
            (mean, variance, inside) = (m, s * s + step * step / 12, 1)
            return
        }
        let (a, b) = (normal.at((low - m) / s), normal.at((high - m) / s))
        guard s < 1e6 * (high - low) else {
            // Nearly every value is one of the bounds; what lies between them is lost in the digits of the distribution function.
            mean = low + (high - low) * (1 - a.cdf)
            variance = (high - low) * (high - low) * a.cdf * (1 - a.cdf)
            inside = 0
            return
        }
        inside = max(0, b.cdf - a.cdf)
        (mean, variance) =
            step > 0.5 * s
            ? Self.onGrid(m, s, low, high, step, normal) : Self.smooth(m, s, low, high, step, a, b)
    }

    /// Closed form, with the first term of the midpoint rule for what rounding changes: step^2 / 12 inside and the bounds' densities.
    private static func smooth(
        _ m: Double, _ s: Double, _ low: Double, _ high: Double, _ step: Double, _ a: (cdf: Double, density: Double),
        _ b: (cdf: Double, density: Double)
    ) -> (Double, Double) {
        // Around a point near the result, so that no large squares are subtracted.
        let center = min(max(m, low), high)
        let (u, l, h) = (m - center, low - center, high - center)
        let (inside, above) = (b.cdf - a.cdf, 1 - b.cdf)
        let rounding = step * step / 12
        let first = l * a.cdf + h * above + u * inside - s * (b.density - a.density) - rounding / 2 * (a.density - b.density) / s
        let second =
            l * l * a.cdf + h * h * above + (u * u + s * s) * inside - s * ((u + h) * b.density - (u + l) * a.density)
            + rounding * (inside + (h * b.density - l * a.density) / s)
        return (min(max(center + first, low), high), max(0, second - first * first))
    }

    /// Sums over the grid points, outwards from the one nearest to the mean.
    private static func onGrid(
        _ m: Double, _ s: Double, _ low: Double, _ high: Double, _ step: Double, _ normal: NormalTable
    ) -> (Double, Double) {
        let center = min(max((m / step).rounded() * step, low), high)
        var (first, second, k) = (0.0, 0.0, 1.0)
        while center + (k - 0.5) * step < high {
            let share = 1 - normal.at((center + (k - 0.5) * step - m) / s).cdf
            guard share > 1e-9 else { break }
            first += share
            second += (2 * k - 1) * share
            k += 1
        }
        k = 1
        while center - (k - 0.5) * step > low {
            let share = normal.at((center - (k - 0.5) * step - m) / s).cdf
            guard share > 1e-9 else { break }
            first -= share
            second += (2 * k - 1) * share
            k += 1
        }
        return (center + first * step, max(0, second - first * first) * step * step)
    }
}
