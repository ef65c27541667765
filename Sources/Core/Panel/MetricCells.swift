import Kernels

/// Fills one server's cells of one metric: the composition of noise, effects, bias, outliers, clip, rounding and missing values.
///
/// The cell at (server, step) never depends on the other cells that are made with it.
struct MetricCells {
    let signal: MetricSignal
    private let steps: Range<Int>
    private let firstBlock: Int
    private let blocks: Int
    /// The first step's place in time within its superblock.
    let offset: Int

    init(_ signal: MetricSignal) {
        self.signal = signal
        let steps = signal.steps.absolute
        self.steps = steps
        firstBlock = floorDivide(steps.lowerBound, StandardNormal.superblock)
        blocks = floorDivide(steps.upperBound - 1, StandardNormal.superblock) - firstBlock + 1
        offset = steps.lowerBound - firstBlock * StandardNormal.superblock
    }

    /// Floats of noise that one server needs.
    var noiseCount: Int { blocks * StandardNormal.superblock }

    /// Numbers that one server's row of a narrow grid takes.
    var rowCount: Int { (signal.classes[0].narrow?.blocks ?? 0) * StandardNormal.superblock }

    /// Cells of a narrow grid, as numbers above its lowest value, one per step and missing ones included, into `scratch.row`;
    /// `scratch.missing` tells which are missing. Adds what it made to the sums of the class's `place` and to `scratch.counts`, missing cells
    /// too.
    /// - Parameters:
    ///   - own: The server's class.
    ///   - place: Where `scratch.sums` has the class's sums, in rows.
    ///   - deviate: The server's offset in standard deviations.
    ///   - counting: Whether cells are counted; without, somebody else does it.
    /// - Returns: The first step's cell.
    func fillNarrow(
        of own: Int, place: Int = 0, server: UInt32, deviate: Double, counting: Bool = true, scratch: ColumnScratch
    ) -> UnsafeMutablePointer<UInt16> {
        // Only what is needed of the class: a copy of the whole would count references to all its arrays.
        guard let narrow = signal.classes[own].narrow else { preconditionFailure("the grid is narrow") }
        let (isPlain, saturation) = (signal.classes[own].isPlain, signal.classes[own].saturation)
        drawEvents(server, scratch)
        let grid = signal.grid
        let lowest = Double(grid.range.lowerBound)
        let bias = signal.bias.std * deviate * grid.scale
        let row = scratch.row.baseAddress.unsafelyUnwrapped
        let counts = counting ? scratch.counts.baseAddress : nil
        scratch.isCounted = counting
        let sums = scratch.sums.baseAddress.unsafelyUnwrapped + place * rowCount
        narrow.level.withUnsafeBufferPointer { level in
            narrow.spread.withUnsafeBufferPointer { spread in
                let classes = signal.classes
                var signal = fleetsynth_row(
                    key: signal.noise.seed, stream: signal.noise.stream, level: level.baseAddress, spread: spread.baseAddress,
                    first: Int32(truncatingIfNeeded: narrow.firstBlock), top: Float(grid.bins - 1))
                guard !isPlain else {
                    fleetsynth_fill(
                        &signal, server, Float(bias), 0, Int32(narrow.blocks), scratch.noise.baseAddress, row, sums, counts)
                    return
                }
                let z = UnsafePointer(scratch.noiseRow.row(narrow.blocks * StandardNormal.superblock))
                drawNoise(UnsafeMutablePointer(mutating: z), classes[own], server, scratch)
                var bounds = saturation?.narrow(grid) ?? fleetsynth_saturation()
                withUnsafePointer(to: &bounds) {
                    fleetsynth_shape_narrow(
                        z, &signal, Float(bias), Int32(narrow.blocks), saturation == nil ? nil : $0, scratch.noise.baseAddress, row,
                        sums,
                        counts)
                }
            }
        }
        // The surplus of the first and the last superblock was counted with the rest.
        let end = narrow.offset + steps.count
        if let counts {
            for place in 0..<narrow.offset { counts[Int(row[place])] -= 1 }
            for place in end..<narrow.blocks * StandardNormal.superblock { counts[Int(row[place])] -= 1 }
        }
        for step in scratch.outliers {
            let time = narrow.offset + Int(step)
            let value = (Double(scratch.noise[NarrowSignal.place(time)]) + lowest) * signal.metric.outlierMultiplier
            let kept = saturation.map { $0(value / grid.scale) * grid.scale } ?? value
            let (old, new) = (row[time], grid.narrow(kept - lowest))
            row[time] = new
            if let counts {
                counts[Int(old)] -= 1
                counts[Int(new)] += 1
            }
            sums[NarrowSignal.place(time)] &+= UInt32(new) &- UInt32(old)
        }
        return row + narrow.offset
    }

    /// Draws the steps of outliers and missing values.
    private func drawEvents(_ server: UInt32, _ scratch: ColumnScratch) {
        scratch.outliers.removeAll(keepingCapacity: true)
        scratch.missing.removeAll(keepingCapacity: true)
        signal.outliers.append(to: &scratch.outliers, server: server, steps: steps)
        signal.missing.append(to: &scratch.missing, server: server, steps: steps)
        let span = scratch.span
        guard span.count < steps.count else { return }
        scratch.outliers.removeAll { !span.contains(Int($0)) }
        scratch.missing.removeAll { !span.contains(Int($0)) }
    }

    /// Draws what is random about the server: noise, and the steps of outliers and missing values.
    func draw(_ server: UInt32, of own: ClassSignal, _ scratch: ColumnScratch) -> UnsafePointer<Float> {
        drawNoise(scratch.noise.baseAddress.unsafelyUnwrapped, own, server, scratch)
        drawEvents(server, scratch)
        return UnsafePointer(scratch.noise.baseAddress.unsafelyUnwrapped + offset)
    }

    /// Noise of unit variance over whole superblocks, in the order of time.
    private func drawNoise(_ out: UnsafeMutablePointer<Float>, _ own: ClassSignal, _ server: UInt32, _ scratch: ColumnScratch) {
        if let noise = own.noise {
            let first = firstBlock * StandardNormal.superblock
            noise.fill(out, server: server, over: first..<first + noiseCount, scratch: scratch.noiseRow)
        } else {
            StandardNormal.fill(
                UnsafeMutableBufferPointer(start: out, count: noiseCount), stream: signal.noise, server: server, first: firstBlock,
                count: blocks)
        }
    }

    /// The undisturbed, unclipped value of a step: the plain form of what the kernels compute.
    private func value(_ z: UnsafePointer<Float>, _ own: ClassSignal, step: Int, bias: Double) -> Double {
        (own.level[step] + own.spread[step] * Double(z[step])) + bias
    }

    /// Rounded cells as whole numbers, one per step, missing ones included; `scratch.missing` tells which those are.
    func fillWhole(_ out: UnsafeMutablePointer<Int32>, of own: Int, server: UInt32, scratch: ColumnScratch) {
        let (grid, own) = (signal.grid, signal.classes[own])
        let z = draw(server, of: own, scratch)
        let bias = signal.bias(server: server)
        if own.saturation == nil {
            fleetsynth_shape_scaled(
                z, own.level, own.spread, bias, grid.scale, Double(grid.range.lowerBound), Double(grid.range.upperBound),
                Int32(own.level.count), out)
        } else {
            for step in own.level.indices { out[step] = grid.whole(own.saturated(value(z, own, step: step, bias: bias))) }
        }
        for step in scratch.outliers {
            out[Int(step)] = grid.whole(own.saturated(value(z, own, step: Int(step), bias: bias) * signal.metric.outlierMultiplier))
        }
    }

    /// Cells of full precision, one per step, missing ones included; `scratch.missing` tells which those are.
    func fillReal(_ out: UnsafeMutablePointer<Double>, of own: Int, server: UInt32, scratch: ColumnScratch) {
        let own = signal.classes[own]
        let z = draw(server, of: own, scratch)
        let bias = signal.bias(server: server)
        let (low, high) = (signal.metric.minClip, signal.metric.maxClip)
        if own.saturation == nil {
            fleetsynth_shape_real(z, own.level, own.spread, bias, low, high, Int32(own.level.count), out)
        } else {
            for step in own.level.indices { out[step] = min(max(own.saturated(value(z, own, step: step, bias: bias)), low), high) }
        }
        for step in scratch.outliers {
            let value = own.saturated(value(z, own, step: Int(step), bias: bias) * signal.metric.outlierMultiplier)
            out[Int(step)] = min(max(value, low), high)
        }
    }
}
