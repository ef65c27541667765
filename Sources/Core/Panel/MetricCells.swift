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

    /// Numbers that one server's row of a narrow grid takes.
    var rowCount: Int { (signal.narrow?.blocks ?? 0) * StandardNormal.superblock }

    /// Cells of a narrow grid, as numbers above its lowest value, one per day and missing ones included, into `scratch.row`;
    /// `scratch.missing` tells which are missing. Adds what it made to `scratch.sums` and `scratch.counts`, missing cells too.
    /// - Parameter deviate: The server's offset in standard deviations.
    /// - Returns: The first day's cell.
    func fillNarrow(_ narrow: NarrowSignal, server: UInt32, deviate: Double, scratch: ColumnScratch) -> UnsafeMutablePointer<UInt16> {
        drawEvents(server, scratch)
        let grid = signal.grid
        let lowest = Double(grid.range.lowerBound)
        let bias = signal.bias.std * deviate * grid.scale
        let (row, counts) = (scratch.row.baseAddress.unsafelyUnwrapped, scratch.counts.baseAddress.unsafelyUnwrapped)
        narrow.level.withUnsafeBufferPointer { level in
            narrow.spread.withUnsafeBufferPointer { spread in
                var signal = fleetsynth_row(
                    key: signal.noise.seed, stream: signal.noise.stream, level: level.baseAddress, spread: spread.baseAddress,
                    first: Int32(truncatingIfNeeded: narrow.firstBlock), top: Float(grid.bins - 1))
                fleetsynth_fill(
                    &signal, server, Float(bias), 0, Int32(narrow.blocks), scratch.noise.baseAddress, row, scratch.sums.baseAddress, counts)
            }
        }
        // The surplus of the first and the last superblock was counted with the rest.
        let end = narrow.offset + signal.days.count
        for place in 0..<narrow.offset { counts[Int(row[place])] -= 1 }
        for place in end..<narrow.blocks * StandardNormal.superblock { counts[Int(row[place])] -= 1 }
        for day in scratch.outliers {
            let place = narrow.offset + Int(day)
            let value = (Double(scratch.noise[NarrowSignal.place(place)]) + lowest) * signal.metric.outlierMultiplier - lowest
            let (old, new) = (row[place], grid.narrow(value))
            row[place] = new
            counts[Int(old)] -= 1
            counts[Int(new)] += 1
            scratch.sums[NarrowSignal.place(place)] &+= UInt32(new) &- UInt32(old)
        }
        return row + narrow.offset
    }

    /// Draws the days of outliers and missing values.
    private func drawEvents(_ server: UInt32, _ scratch: ColumnScratch) {
        scratch.outliers.removeAll(keepingCapacity: true)
        scratch.missing.removeAll(keepingCapacity: true)
        signal.outliers.append(to: &scratch.outliers, server: server, steps: signal.steps)
        signal.missing.append(to: &scratch.missing, server: server, steps: signal.steps)
    }

    /// Draws what is random about the server: noise, and the days of outliers and missing values.
    private func draw(_ server: UInt32, _ scratch: ColumnScratch) -> UnsafePointer<Float> {
        StandardNormal.fill(scratch.noise, stream: signal.noise, server: server, first: firstBlock, count: blocks)
        drawEvents(server, scratch)
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
