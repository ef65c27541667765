import Kernels

/// What keeps values off their bounds: beyond an edge inside either bound they are compressed, and reach the bound only at infinity.
///
/// ```
/// y = x                       between the edges
///   = edge + k u / (1 + u)    above the upper edge, u = (x - edge) / k, k = distance of edge and bound; mirrored below the lower one
/// ```
/// Smooth to the first derivative at the edges, and rising everywhere: what was greater stays greater.
package struct Saturation: Hashable, Sendable {
    /// Inner edges, in the metric's unit.
    package let lower: Double
    package let upper: Double
    /// Distance of each edge from its bound, above 0.
    package let width: Double

    /// Nil where the metric has none.
    package init?(_ metric: MetricSpec) {
        guard metric.noise.saturation > 0 else { return nil }
        width = metric.noise.saturation * (metric.maxClip - metric.minClip)
        (lower, upper) = (metric.minClip + width, metric.maxClip - width)
    }

    /// The edges in steps of a grid above its lowest value.
    func narrow(_ grid: ValueGrid) -> fleetsynth_saturation {
        let lowest = Double(grid.range.lowerBound)
        return fleetsynth_saturation(
            lower: Float(lower * grid.scale - lowest), upper: Float(upper * grid.scale - lowest), width: Float(width * grid.scale))
    }

    /// The saturated value.
    package func callAsFunction(_ x: Double) -> Double {
        let edge = x < lower ? lower : x > upper ? upper : x
        let distance = x - edge
        return edge + width * (distance / (distance.magnitude + width))
    }

    /// The derivative at a value.
    package func slope(_ x: Double) -> Double {
        let u = x > upper ? (x - upper) / width : x < lower ? (lower - x) / width : 0
        return 1 / ((1 + u) * (1 + u))
    }
}
