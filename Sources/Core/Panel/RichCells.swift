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
    private let scale: Double
    /// Bounds of what is written, and where whole numbers are counted from, in working values.
    private let (low, high, origin): (Double, Double, Double)
    private let isReal: Bool
    var signal: MetricSignal { plain.signal }

    /// Nil where the plain signal is all there is.
    init?(_ plain: MetricCells, metric: Int, sources: [any CellChangeSource]) {
        let sources = sources.filter { $0.touches(metric: metric) }
        guard !sources.isEmpty else { return nil }
        self.plain = plain
        self.metric = metric
        self.sources = sources
        let (own, grid) = (plain.signal.metric, plain.signal.grid)
        isReal = own.decimals == nil
        scale = isReal ? 1 : grid.scale
        let (low, high) = isReal ? (own.minClip, own.maxClip) : (Double(grid.range.lowerBound), Double(grid.range.upperBound))
        (self.low, self.high, origin) = (low, high, grid.isNarrow ? low : 0)
    }

    /// Cells of a narrow grid; adds the judged ones to sums and counts as `MetricCells.fillNarrow` does.
    ///
    /// - Returns: The first step's judged cell, above the grid's lowest. The published numbers are in `scratch.rich.published` where
    ///   `scratch.rich.isRenumbered` is true; else they are the judged ones. `scratch.missing` has all missing steps.
    func fillNarrow(
        of own: Int, place: Int = 0, server: UInt32, deviate: Double, scratch: ColumnScratch
    ) -> UnsafeMutablePointer<UInt16> {
        let judged = plain.fillNarrow(of: own, place: place, server: server, deviate: deviate, scratch: scratch)
        guard prepare(server, scratch) else { return judged }
        // Pointers of their own: each access through a class is checked for overlaps.
        let (clean, published, scaled) = (scratch.rich.clean, scratch.rich.published, scratch.noise.baseAddress.unsafelyUnwrapped)
        let (lowest, offset) = (Double(signal.grid.range.lowerBound), plain.offset)
        // Gaps need no values, and load needs those before outliers only.
        if scratch.rich.isRenumbered || scratch.rich.changes.missingUnderLoad > 0 {
            for step in 0..<signal.steps.count { clean[step] = Double(scaled[NarrowSignal.place(offset + step)]) + lowest }
        }
        if scratch.rich.isRenumbered {
            for step in 0..<signal.steps.count { published[step] = Double(judged[step]) + lowest }
        }
        publish(server, signal.classes[own], scratch)
        return judged
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
        if prepare(server, scratch) { publish(server, own, scratch) }
    }

    /// Asks the sources what happens to the server.
    private func prepare(_ server: UInt32, _ scratch: ColumnScratch) -> Bool {
        let (steps, rich) = (signal.steps.count, scratch.rich)
        rich.reserve(steps)
        rich.drawnMissing = scratch.missing.count
        rich.hidden.removeAll(keepingCapacity: true)
        (rich.underLoad, rich.heavy) = (0, 0)
        rich.changes.prepare(steps: steps)
        for source in sources { source.add(to: &rich.changes, metric: metric, server: Int(server)) }
        if scratch.span.count < steps { rich.changes.keep(only: scratch.span) }
        rich.isTouched = !rich.changes.isEmpty
        rich.isRenumbered = !(rich.changes.changed.isEmpty && rich.changes.slips.isEmpty && rich.changes.stuck.isEmpty)
        return rich.isTouched
    }

    /// From clean values and judged numbers to published ones, and from drawn to all missing steps.
    private func publish(_ server: UInt32, _ own: ClassSignal, _ scratch: ColumnScratch) {
        let rich = scratch.rich
        if rich.isRenumbered { renumber(own, scratch) }
        rich.drawn.removeAll(keepingCapacity: true)
        rich.drawn.append(contentsOf: scratch.missing)
        for gap in rich.changes.gaps { scratch.missing.append(contentsOf: gap.steps.lazy.map(Int32.init)) }
        if rich.changes.missingUnderLoad > 0 { appendMissingUnderLoad(server, scratch) }
        scratch.missing.sortAndDeduplicate(from: rich.drawnMissing)
        var place = 0
        for step in scratch.missing {
            if place < rich.drawn.count, rich.drawn[place] == step { place += 1 } else { rich.hidden.append(step) }
        }
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

    private func appendMissingUnderLoad(_ server: UInt32, _ scratch: ColumnScratch) {
        let rich = scratch.rich
        let stream = DrawStream(seed: signal.noise.seed, purpose: .missingUnderLoad, metric: signal.metric.name)
        rich.candidates.removeAll(keepingCapacity: true)
        RareEvents(stream: stream, rate: rich.changes.missingUnderLoad).append(
            to: &rich.candidates, server: server, steps: signal.steps.absolute)
        let heavy = rich.changes.heavyLoad * scale
        let (clean, span) = (rich.clean, scratch.span)
        rich.heavy = Int(fleetsynth_count_from(clean + span.lowerBound, Int32(span.count), heavy))
        let found = rich.candidates.filter { clean[Int($0)] >= heavy && span.contains(Int($0)) }
        rich.underLoad += found.count
        scratch.missing.append(contentsOf: found)
    }

    /// What `number` does, as the kernel reads it.
    private func law(_ own: ClassSignal) -> fleetsynth_written {
        var law = fleetsynth_written()
        (law.scale, law.low, law.high, law.origin, law.rounds) = (scale, low, high, origin, isReal ? 0 : 1)
        if let saturation = own.saturation { (law.lower, law.upper, law.width) = (saturation.lower, saturation.upper, saturation.width) }
        return law
    }

    /// What is written for a working value, saturated.
    private func number(_ x: Double, _ own: ClassSignal) -> Double {
        own.saturation == nil ? written(x) : written(own.saturated(x / scale) * scale)
    }

    /// What is written for a working value: a whole number of the grid, or for full precision the value within the clip range.
    private func written(_ x: Double) -> Double {
        let kept = min(max(x, low), high)
        // Ties go where the kernels send them: narrow numbers count from the lowest. Adding and taking away 3 * 2^51 rounds to even.
        return isReal ? kept : ((kept - origin) + 0x1.8p52) - 0x1.8p52 + origin
    }

    /// The value of a number, in the metric's unit.
    func unit(_ number: Double) -> Double { number / scale }
}

extension [Int32] {
    /// Sorts and removes repetitions, where something was appended to a sorted list of `count` numbers.
    fileprivate mutating func sortAndDeduplicate(from count: Int) {
        guard self.count > count else { return }
        sort()
        var kept = 1
        for index in indices.dropFirst() where self[index] != self[kept - 1] {
            self[kept] = self[index]
            kept += 1
        }
        removeLast(self.count - kept)
    }
}

/// Buffers of the rich path, one number per step of the run.
final class RichScratch {
    /// Before outliers and changes, in working values.
    private(set) var clean: UnsafeMutablePointer<Double> = .allocate(capacity: 1)
    /// With outliers, without changes, as numbers.
    private(set) var judged: UnsafeMutablePointer<Double> = .allocate(capacity: 1)
    /// With everything, as numbers; missing steps have one, too.
    private(set) var published: UnsafeMutablePointer<Double> = .allocate(capacity: 1)
    /// What happens to the server at hand, and whether anything does.
    var changes = CellChanges()
    var isTouched = false
    /// Whether cells that are there have other numbers.
    var isRenumbered = false
    /// How many steps are missing at random.
    var drawnMissing = 0
    var candidates: [Int32] = []
    /// Steps that are missing at random, and those that are missing for other reasons only.
    var drawn: [Int32] = []
    var hidden: [Int32] = []
    /// How many steps are missing under load.
    var underLoad = 0
    /// Steps at or above the threshold of load.
    var heavy = 0
    private var capacity = 1

    /// Adds the cells of each cause of the server at hand to a tally.
    func count(in tally: inout MetricTally) {
        tally.add(underLoad, of: .missingUnderLoad)
        tally.heavy += heavy
        for gap in changes.gaps { tally.add(gap.steps.count, of: gap.cause) }
        for span in changes.changed { tally.add(span.steps.count, of: span.cause) }
        for stuck in changes.stuck { tally.add(stuck.steps.count, of: .stuckSensor) }
        for slip in changes.slips { tally.add(slip.steps.count, of: .unitSlip) }
    }

    func reserve(_ count: Int) {
        guard capacity < count else { return }
        release()
        (clean, judged, published) = (.allocate(capacity: count), .allocate(capacity: count), .allocate(capacity: count))
        capacity = count
    }

    private func release() {
        clean.deallocate()
        judged.deallocate()
        published.deallocate()
    }

    deinit { release() }
}
