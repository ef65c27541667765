/// What happens to one server's cells of one metric beside signal and noise, over the steps of a run.
///
/// ```
/// changed = factor[step] * clean + addend[step]       in `changed` spans; then outlier, saturation, clip, rounding
/// slipped = changed * slipFactor                      in `slips`
/// stuck   = the number of the span's first step, without outlier and slip       in `stuck`
/// missing                                             in `gaps`
/// ```
/// Steps are offsets from the run's first. Spans of one list may touch and overlap; those of `stuck` may not. Buffers are reused from server to
/// server: `prepare`, then changes, then `settle`.
package struct CellChanges {
    /// Steps that are missing, and why.
    package struct Gap: Equatable {
        package var steps: Range<Int>
        package var cause: CellFlags

        package init(steps: Range<Int>, cause: CellFlags) { (self.steps, self.cause) = (steps, cause) }
    }

    /// Steps whose numbers are multiplied after rounding.
    package struct Slip: Equatable {
        package var steps: Range<Int>
        package var factor: Double

        package init(steps: Range<Int>, factor: Double) { (self.steps, self.factor) = (steps, factor) }
    }

    /// A step as it was measured where the server had no row yet.
    package struct Origin: Equatable {
        var step: Int
        var factor: Double
        var addend: Double
    }

    /// Steps that repeat a number.
    package struct Stuck: Equatable {
        package var steps: Range<Int>
        /// The undisturbed value that is repeated, in the metric's unit, for spans that began before the run; nil: that of the first step,
        /// without outlier and slip.
        package var value: Double?

        /// Where the repeated value was measured, and how that step was changed, for spans that began before the server had rows; nil: the first step.
        package internal(set) var origin: Origin?

        package init(steps: Range<Int>, value: Double? = nil) { (self.steps, self.value) = (steps, value) }
    }

    /// Steps whose value is changed, and by what kind of cause.
    package struct Span: Equatable {
        package var steps: Range<Int>
        package var cause: CellFlags
    }

    /// Factor per step, unitless; 1 outside `changed`. As many as the run has steps once `prepare` was called.
    package private(set) var factor: [Double] = []
    /// What is added per step, in the metric's unit; 0 outside `changed`.
    package private(set) var addend: [Double] = []
    /// Whether something other than 0 was added anywhere.
    package private(set) var hasAddends = false
    /// Where `factor`, and `addend` where it is said so, are still those of the server before.
    private var stale: [Range<Int>] = []
    private var areAddendsStale = false
    /// Where they are those of the server at hand.
    private var written: [Range<Int>] = []
    /// Factors that are still to be multiplied, of spans as a whole; only as long as nothing is written.
    private var constants: [(steps: Range<Int>, factor: Double)] = []
    /// Where values are changed.
    package private(set) var changed: [Span] = []
    /// Where values are missing.
    package var gaps: [Gap] = []
    /// Where the sensor repeats itself, ascending.
    package var stuck: [Stuck] = []
    /// Where the unit is another one.
    package var slips: [Slip] = []
    /// Probability with which a cell is missing when its undisturbed value is at or above `heavyLoad`; 0 for none.
    package var missingUnderLoad = 0.0
    /// In the metric's unit.
    package var heavyLoad = 0.0

    package init() {}

    /// Whether nothing happens.
    package var isEmpty: Bool { changed.isEmpty && gaps.isEmpty && stuck.isEmpty && slips.isEmpty && missingUnderLoad == 0 }

    /// Whether a step's value is another one than without changes.
    package func isChanged(_ step: Int) -> Bool { !changed.isEmpty && (factor[step] != 1 || addend[step] != 0) }

    /// Forgets the server before. Its factors stay until others take their place, or `settle`.
    package mutating func prepare(steps: Int) {
        if factor.count != steps {
            factor = [Double](repeating: 1, count: steps)
            addend = [Double](repeating: 0, count: steps)
            stale.removeAll()
            areAddendsStale = false
        } else {
            var runs: [Range<Int>] = []
            forEachChangedRun { runs.append($0) }
            stale += runs
            areAddendsStale = areAddendsStale || hasAddends
        }
        hasAddends = false
        written.removeAll(keepingCapacity: true)
        constants.removeAll(keepingCapacity: true)
        changed.removeAll(keepingCapacity: true)
        gaps.removeAll(keepingCapacity: true)
        stuck.removeAll(keepingCapacity: true)
        slips.removeAll(keepingCapacity: true)
        (missingUnderLoad, heavyLoad) = (0, 0)
    }

    /// Removes what is left of the server before: to be called before numbers are read. Complexity: O(steps changed then and not now).
    package mutating func settle() {
        multiplyConstants()
        forgetStale()
    }

    private mutating func forgetStale() {
        for run in stale {
            factor.withUnsafeMutableBufferPointer { UnsafeMutableBufferPointer(rebasing: $0[run]).update(repeating: 1) }
            forgetAddends(run)
        }
        stale.removeAll(keepingCapacity: true)
        areAddendsStale = false
    }

    private mutating func forgetAddends(_ run: Range<Int>) {
        guard areAddendsStale else { return }
        addend.withUnsafeMutableBufferPointer { UnsafeMutableBufferPointer(rebasing: $0[run]).update(repeating: 0) }
    }

    /// Makes steps ready to be changed.
    ///
    /// - Returns: Whether nothing has changed them yet, so that factors can be written without a look at those of the server before.
    private mutating func claim(_ steps: Range<Int>) -> Bool {
        precondition(steps.lowerBound >= 0 && steps.upperBound <= factor.count, "steps of the run")
        defer { written.append(steps) }
        guard !written.contains(where: { $0.overlaps(steps) }) else {
            forgetStale()
            return false
        }
        guard stale.contains(where: { $0.overlaps(steps) }) else { return true }
        forgetAddends(steps)
        stale = stale.flatMap { run in
            guard run.overlaps(steps) else { return [run] }
            return [run.lowerBound..<max(run.lowerBound, steps.lowerBound), min(run.upperBound, steps.upperBound)..<run.upperBound]
                .filter { !$0.isEmpty }
        }
        return true
    }

    /// Calls `body` with the steps that are in one changed span or more, as runs that rise and do not touch.
    package func forEachChangedRun(_ body: (Range<Int>) -> Void) {
        guard let first = changed.first?.steps else { return }
        if changed.allSatisfy({ first.lowerBound <= $0.steps.lowerBound && $0.steps.upperBound <= first.upperBound }) {
            body(first)
            return
        }
        var run: Range<Int>?
        for steps in changed.map(\.steps).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let open = run else {
                run = steps
                continue
            }
            if steps.lowerBound <= open.upperBound {
                run = open.lowerBound..<max(open.upperBound, steps.upperBound)
            } else {
                body(open)
                run = steps
            }
        }
        if let run { body(run) }
    }

    /// Leaves nothing outside the steps on which a server exists. Complexity: O(steps changed outside).
    package mutating func keep(only life: Range<Int>) {
        settle()
        // Before the changes outside of the server's life are forgotten: the sensor measured with them, whatever part of the time a run shows.
        for index in stuck.indices where stuck[index].value == nil && stuck[index].steps.lowerBound < life.lowerBound {
            let step = stuck[index].steps.lowerBound
            stuck[index].origin = Origin(step: step, factor: factor[step], addend: addend[step])
        }
        for index in changed.indices {
            for step in changed[index].steps where !life.contains(step) { (factor[step], addend[step]) = (1, 0) }
            changed[index].steps = changed[index].steps.clamped(to: life)
        }
        for index in gaps.indices { gaps[index].steps = gaps[index].steps.clamped(to: life) }
        for index in stuck.indices { stuck[index].steps = stuck[index].steps.clamped(to: life) }
        for index in slips.indices { slips[index].steps = slips[index].steps.clamped(to: life) }
        changed.removeAll { $0.steps.isEmpty }
        gaps.removeAll { $0.steps.isEmpty }
        stuck.removeAll { $0.steps.isEmpty }
        slips.removeAll { $0.steps.isEmpty }
    }

    /// Changes the steps of a span after whatever changed them before: `x` becomes `a * x + b`.
    ///
    /// - Parameters:
    ///   - steps: Within the run.
    ///   - change: `a` and `b` of each step.
    package mutating func change(_ steps: Range<Int>, _ cause: CellFlags, by change: (_ step: Int) -> (a: Double, b: Double)) {
        guard !steps.isEmpty else { return }
        multiplyConstants()
        let isFresh = claim(steps)
        var adds = false
        factor.withUnsafeMutableBufferPointer { factor in
            addend.withUnsafeMutableBufferPointer { addend in
                for step in steps {
                    let (a, b) = change(step)
                    factor[step] = isFresh ? a : factor[step] * a
                    addend[step] = a * addend[step] + b
                    adds = adds || b != 0
                }
            }
        }
        hasAddends = hasAddends || adds
        changed.append(Span(steps: steps, cause: cause))
    }
}

extension CellChanges {
    /// The same for factors alone, one for each step of the span.
    package mutating func multiply(_ steps: Range<Int>, _ cause: CellFlags, by factors: UnsafeBufferPointer<Double>) {
        guard !steps.isEmpty else { return }
        precondition(factors.count == steps.count, "a factor for each step")
        let own = factors.baseAddress.unsafelyUnwrapped
        changed.append(Span(steps: steps, cause: cause))
        if written.isEmpty, constants.allSatisfy({ steps.contains($0.steps) }) {
            _ = claim(steps)
            write(own, steps)
            return
        }
        multiplyConstants()
        let (first, isFresh) = (steps.lowerBound, claim(steps))
        factor.withUnsafeMutableBufferPointer { factor in
            let factor = factor.baseAddress.unsafelyUnwrapped + first
            guard !isFresh else { return factor.update(from: own, count: factors.count) }
            for step in 0..<factors.count { factor[step] *= own[step] }
        }
        if hasAddends {
            addend.withUnsafeMutableBufferPointer { addend in
                let addend = addend.baseAddress.unsafelyUnwrapped + first
                for step in 0..<factors.count { addend[step] = own[step] * addend[step] + 0 }
            }
        }
    }

    /// The same for one factor.
    package mutating func multiply(_ steps: Range<Int>, _ cause: CellFlags, by own: Double) {
        guard !steps.isEmpty else { return }
        changed.append(Span(steps: steps, cause: cause))
        if written.isEmpty { constants.append((steps, own)) } else { multiplyWritten(steps, by: own) }
    }

    private mutating func multiplyWritten(_ steps: Range<Int>, by own: Double) {
        let (first, count, isFresh) = (steps.lowerBound, steps.count, claim(steps))
        factor.withUnsafeMutableBufferPointer { factor in
            let factor = factor.baseAddress.unsafelyUnwrapped + first
            guard !isFresh else { return factor.update(repeating: own, count: count) }
            for step in 0..<count { factor[step] *= own }
        }
        if hasAddends {
            addend.withUnsafeMutableBufferPointer { addend in
                let addend = addend.baseAddress.unsafelyUnwrapped + first
                for step in 0..<count { addend[step] = own * addend[step] + 0 }
            }
        }
    }

    /// Writes what was put off.
    private mutating func multiplyConstants() {
        for (steps, factor) in constants { multiplyWritten(steps, by: factor) }
        constants.removeAll(keepingCapacity: true)
    }

    /// Writes a factor for each step and the factors that were put off in one pass, these first.
    private mutating func write(_ factors: UnsafePointer<Double>, _ steps: Range<Int>) {
        var bounds = [steps.lowerBound, steps.upperBound]
        for constant in constants { bounds += [constant.steps.lowerBound, constant.steps.upperBound] }
        bounds.sort()
        factor.withUnsafeMutableBufferPointer { factor in
            let factor = factor.baseAddress.unsafelyUnwrapped
            for (start, end) in zip(bounds, bounds.dropFirst()) where start < end {
                let own = constants.reduce(1.0) { $1.steps.contains(start) ? $0 * $1.factor : $0 }
                for step in start..<end { factor[step] = own * factors[step - steps.lowerBound] }
            }
        }
        constants.removeAll(keepingCapacity: true)
    }
}

/// Knows what happens to cells beside signal and noise: a pure function of server, metric and absolute time.
package protocol CellChangeSource: Sendable {
    /// Whether anything can ever happen to a metric.
    func touches(metric: Int) -> Bool

    /// Adds what happens to a server's cells of a metric.
    /// - Parameters:
    ///   - metric: Index into the dataset's metrics.
    ///   - server: Ordinal, 0-based.
    ///   - changes: Prepared for the steps of the run.
    func add(to changes: inout CellChanges, metric: Int, server: Int)
}
