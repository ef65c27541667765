import Kernels

/// Fills one server's cells of a metric that has more than the plain signal: changes, gaps and what else `CellChanges` knows.
///
/// ```
/// clean      level + spread * noise + bias
/// judged     clean, outlier, saturation, clip, rounding                      what the quality gate compares with the configured signal
/// published  factor * clean + addend, outlier, saturation, clip, rounding, slip, stuck; missing
/// ```
/// Judged cells are those of the plain path, bit for bit: a cell that nothing touches is the same with and without changes elsewhere.
///
/// Working values are in steps of the grid; for full precision they are in the metric's unit. Numbers are working values as they are written.
struct RichCells {
    let metric: Int
    let plain: MetricCells
    let sources: [any CellChangeSource]
    /// Working values per unit of the metric.
    let scale: Double
    /// Bounds of what is written, and where whole numbers are counted from, in working values.
    let (low, high, origin): (Double, Double, Double)
    private let isReal: Bool
    private let underLoadStream: DrawStream
    var signal: MetricSignal { plain.signal }

    /// Nil where the plain signal is all there is.
    init?(_ plain: MetricCells, metric: Int, sources: [any CellChangeSource]) {
        let sources = sources.filter { $0.touches(metric: metric) }
        guard !sources.isEmpty else { return nil }
        self.plain = plain
        self.metric = metric
        self.sources = sources
        underLoadStream = DrawStream(seed: plain.signal.noise.seed, purpose: .missingUnderLoad, metric: plain.signal.metric.name)
        let (own, grid) = (plain.signal.metric, plain.signal.grid)
        isReal = own.decimals == nil
        scale = isReal ? 1 : grid.scale
        let (low, high) = isReal ? (own.minClip, own.maxClip) : (Double(grid.range.lowerBound), Double(grid.range.upperBound))
        (self.low, self.high, origin) = (low, high, grid.isNarrow ? low : 0)
    }

    /// Cells of other grids: `scratch.rich.judged` and `scratch.rich.published`.
    func fillWide(of own: Int, server: UInt32, scratch: ColumnScratch) {
        let (steps, rich) = (signal.steps.count, scratch.rich)
        rich.reserve(steps)
        let (own, bias) = (signal.classes[own], signal.bias(server: server))
        let z = plain.draw(server, of: own, scratch)
        for step in 0..<steps {
            let value = (own.level[step] + own.spread[step] * Double(z[step])) + bias
            rich.clean[step] = value * scale
            rich.judged[step] = number(rich.clean[step], own)
        }
        for step in scratch.outliers.lazy.map(Int.init) {
            let value = (own.level[step] + own.spread[step] * Double(z[step])) + bias
            rich.judged[step] = number(value * signal.metric.outlierMultiplier * scale, own)
        }
        rich.published.update(from: rich.judged, count: steps)
        rich.drawn = scratch.missing
        guard prepare(server, scratch) else { return }
        if rich.isRenumbered { renumber(own, scratch) }
        if rich.changes.missingUnderLoad > 0 { findUnderLoad(server, scratch) }
        gatherMissing(scratch)
    }

    /// Asks the sources what happens to the server.
    func prepare(_ server: UInt32, _ scratch: ColumnScratch) -> Bool {
        let (steps, rich) = (signal.steps.count, scratch.rich)
        rich.hidden.removeAll(keepingCapacity: true)
        rich.underLoad.removeAll(keepingCapacity: true)
        rich.heavy = 0
        rich.changes.prepare(steps: steps)
        for source in sources { source.add(to: &rich.changes, metric: metric, server: Int(server)) }
        rich.changes.settle()
        if scratch.span.count < steps { rich.changes.keep(only: scratch.span) }
        rich.isTouched = !rich.changes.isEmpty
        rich.isRenumbered = !(rich.changes.changed.isEmpty && rich.changes.slips.isEmpty && rich.changes.stuck.isEmpty)
        return rich.isTouched
    }

    /// From drawn to all missing steps.
    func gatherMissing(_ scratch: ColumnScratch) {
        let rich = scratch.rich
        rich.drawn = scratch.missing
        let steps = MissingSteps(drawn: scratch.missing, gaps: rich.changes.gaps, underLoad: rich.underLoad)
        (scratch.missing, rich.hidden) = (steps.all, steps.hidden)
    }

    /// From clean values and judged numbers to published ones.
    private func renumber(_ own: ClassSignal, _ scratch: ColumnScratch) {
        let rich = scratch.rich
        // Read once: each access through the class is checked for overlaps.
        let (factor, addend, clean, published) = (rich.changes.factor, rich.changes.addend, rich.clean, rich.published)
        func changed(_ step: Int) -> Double { factor[step] * clean[step] + addend[step] * scale }
        var law = law(own)
        factor.withUnsafeBufferPointer { factor in
            addend.withUnsafeBufferPointer { addend in
                // Causes overlap: each step once.
                rich.changes.forEachChangedRun { steps in
                    let first = steps.lowerBound
                    fleetsynth_change(
                        clean + first, factor.baseAddress.unsafelyUnwrapped + first, addend.baseAddress.unsafelyUnwrapped + first, &law,
                        Int32(steps.count), published + first)
                }
            }
        }
        for step in scratch.outliers.lazy.map(Int.init) where rich.changes.isChanged(step) {
            rich.published[step] = number(changed(step) * signal.metric.outlierMultiplier, own)
        }
        for slip in rich.changes.slips {
            for step in slip.steps { published[step] = written(published[step] * slip.factor) }
        }
        for stuck in rich.changes.stuck {
            // A value from before the run is saturated already.
            let measured = stuck.origin.map { $0.factor * clean[$0.step] + $0.addend * scale } ?? changed(stuck.steps.lowerBound)
            let first = stuck.value.map { written($0 * scale) } ?? number(measured, own)
            for step in stuck.steps { published[step] = first }
        }
    }

    private func findUnderLoad(_ server: UInt32, _ scratch: ColumnScratch) {
        let rich = scratch.rich
        let heavy = rich.changes.heavyLoad * scale
        let (clean, span) = (rich.clean, scratch.span)
        rich.heavy = Int(fleetsynth_count_from(clean + span.lowerBound, Int32(span.count), heavy))
        underLoad(rich.changes.missingUnderLoad).append(to: &rich.underLoad, server: server, steps: signal.steps.absolute)
        rich.underLoad.removeAll { !span.contains(Int($0)) || clean[Int($0)] < heavy }
    }

    /// Draws the steps that are missing if their load is heavy.
    func underLoad(_ rate: Double) -> RareEvents { RareEvents(stream: underLoadStream, rate: rate) }

    /// What `number` does, as the kernel reads it.
    func law(_ own: ClassSignal) -> fleetsynth_written {
        var law = fleetsynth_written()
        (law.scale, law.low, law.high, law.origin, law.rounds) = (scale, low, high, origin, isReal ? 0 : 1)
        if let saturation = own.saturation { (law.lower, law.upper, law.width) = (saturation.lower, saturation.upper, saturation.width) }
        return law
    }

    /// What is written for a working value, saturated.
    func number(_ x: Double, _ own: ClassSignal) -> Double {
        own.saturation == nil ? written(x) : written(own.saturated(x / scale) * scale)
    }

    /// What is written for a working value: a whole number of the grid, or for full precision the value within the clip range.
    func written(_ x: Double) -> Double {
        let kept = min(max(x, low), high)
        // Ties go where the kernels send them: narrow numbers count from the lowest. Adding and taking away 3 * 2^51 rounds to even.
        return isReal ? kept : ((kept - origin) + 0x1.8p52) - 0x1.8p52 + origin
    }

    /// The value of a number, in the metric's unit.
    func unit(_ number: Double) -> Double { number / scale }
}
