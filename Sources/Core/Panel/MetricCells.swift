import Kernels

/// Fills one server's cells of one metric: the composition of noise, effects, bias, outliers, clip, rounding and missing values.
///
/// The cell at (server, day) never depends on the other cells that are made with it.
struct MetricCells {
    let signal: MetricSignal
    private let firstBlock: Int
    private let blocks: Int
    private let offset: Int

    init(_ signal: MetricSignal) {
        self.signal = signal
        let steps = signal.steps
        firstBlock = floorDivide(steps.lowerBound, StandardNormal.superblock)
        blocks = floorDivide(steps.upperBound - 1, StandardNormal.superblock) - firstBlock + 1
        offset = steps.lowerBound - firstBlock * StandardNormal.superblock
    }

    /// Floats of noise that one server needs.
    var noiseCount: Int { blocks * StandardNormal.superblock }

    /// Draws what is random about the server: noise, and the days of outliers and missing values.
    private func draw(_ server: UInt32, _ scratch: ColumnScratch) -> UnsafePointer<Float> {
        StandardNormal.fill(scratch.noise, stream: signal.noise, server: server, first: firstBlock, count: blocks)
        scratch.outliers.removeAll(keepingCapacity: true)
        scratch.missing.removeAll(keepingCapacity: true)
        signal.outliers.append(to: &scratch.outliers, server: server, steps: signal.steps)
        signal.missing.append(to: &scratch.missing, server: server, steps: signal.steps)
        return UnsafePointer(scratch.noise.baseAddress.unsafelyUnwrapped + offset)
    }

    /// The undisturbed, unclipped value of a day: the plain form of what the kernels compute.
    private func value(_ z: UnsafePointer<Float>, day: Int, bias: Double) -> Double {
        (signal.level[day] + signal.spread[day] * Double(z[day])) + bias
    }

    /// Rounded cells as whole numbers, one per day, missing ones included; `scratch.missing` tells which those are.
    func fillWhole(_ out: UnsafeMutablePointer<Int32>, server: UInt32, scratch: ColumnScratch) {
        let z = draw(server, scratch)
        let bias = signal.bias(server: server)
        let grid = signal.grid
        fleetsynth_shape_scaled(
            z, signal.level, signal.spread, bias, grid.scale, Double(grid.range.lowerBound), Double(grid.range.upperBound),
            Int32(signal.level.count), out)
        for day in scratch.outliers {
            out[Int(day)] = grid.whole(value(z, day: Int(day), bias: bias) * signal.metric.outlierMultiplier)
        }
    }

    /// Cells of full precision, one per day, missing ones included; `scratch.missing` tells which those are.
    func fillReal(_ out: UnsafeMutablePointer<Double>, server: UInt32, scratch: ColumnScratch) {
        let z = draw(server, scratch)
        let bias = signal.bias(server: server)
        let (low, high) = (signal.metric.minClip, signal.metric.maxClip)
        fleetsynth_shape_real(z, signal.level, signal.spread, bias, low, high, Int32(signal.level.count), out)
        for day in scratch.outliers {
            out[Int(day)] = min(max(value(z, day: Int(day), bias: bias) * signal.metric.outlierMultiplier, low), high)
        }
    }
}
