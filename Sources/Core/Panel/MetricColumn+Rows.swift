import Kernels

extension MetricColumn {
    /// Copies one server's present cells to the chunk's rows, those of marked steps as often as their rows are there, and notes the rows of the missing
    /// ones.
    ///
    /// - Parameters:
    ///   - row: What is published, by step.
    ///   - kept: Cells that the chunk has already.
    ///   - firstRow: The row of the chunk that is the server's first.
    /// - Returns: The cells copied.
    func keep(
        _ row: UnsafePointer<UInt16>, _ marks: ArraySlice<RowMess.Mark>, at kept: Int, firstRow: Int, scratch: ColumnScratch,
        tally: inout MetricTally
    ) -> Int {
        count(marks, in: &tally)
        tally.keepExcess()
        let (counts, span) = (scratch.counts.baseAddress.unsafelyUnwrapped, scratch.span)
        let target = scratch.narrow.baseAddress.unsafelyUnwrapped + kept
        let (lowest, perSlot) = (Int64(signal.grid.range.lowerBound), signal.steps.stepsPerSlot)
        var (written, excess, nullCount) = (0, Int64(0), scratch.nullRows.count)
        let twice = marks.reduce(0) { $0 + max(0, Int($1.count) - 1) }
        scratch.nullRows.append(contentsOf: repeatElement(0, count: scratch.missing.count + twice))
        scratch.missing.withUnsafeBufferPointer { missing in
            scratch.nullRows.withUnsafeMutableBufferPointer { nullRows in
                // Step 0 would have this row of the chunk.
                var (step, gap, origin) = (span.lowerBound, 0, firstRow - span.lowerBound)
                /// Takes over the rows of the steps before `end` as they are.
                func copy(to end: Int) {
                    let first = gap
                    while gap < missing.count, Int(missing[gap]) < end {
                        nullRows[nullCount] = Int32(origin) + missing[gap]
                        nullCount += 1
                        gap += 1
                    }
                    let gaps = UnsafeBufferPointer(rebasing: missing[first..<gap])
                    fleetsynth_close(row, gaps.baseAddress, Int32(gaps.count), Int32(step), Int32(end), target + written)
                    written += end - step - gaps.count
                }
                for mark in marks where mark.count != 1 {
                    let (own, count) = (Int(mark.step), Int(mark.count))
                    copy(to: own)
                    if gap < missing.count, Int(missing[gap]) == own {
                        gap += 1
                        for place in 0..<count { nullRows[nullCount + place] = Int32(origin + own + place) }
                        nullCount += count
                        tally.missing += count - 1
                    } else {
                        let number = row[own]
                        for place in written..<written + count { target[place] = number }
                        written += count
                        counts[Int(number)] &+= UInt32(truncatingIfNeeded: count - 1)
                        let whole = lowest + Int64(number)
                        excess += Int64(count - 1) * whole
                        tally.publish(whole, times: Int64(count - 1), slot: own / perSlot)
                    }
                    origin += count - 1
                    step = own + 1
                }
                copy(to: span.upperBound)
            }
        }
        scratch.nullRows.removeLast(scratch.nullRows.count - nullCount)
        tally.publishedExcess += excess
        return written
    }

    /// Makes the rows of a server out of its cells, where some stand twice and some are not there yet, and tells the tally of it.
    ///
    /// - Parameters:
    ///   - values: The present cells of the server's span, `kept` of them, without gaps; its rows afterwards.
    ///   - firstRow: The row of the chunk that is the server's first.
    ///   - whole: A value's whole number of the grid.
    /// - Returns: The cells that are there afterwards.
    func spread<Value: BitwiseCopyable>(
        _ values: UnsafeMutablePointer<Value>, kept: Int, _ marks: ArraySlice<RowMess.Mark>, firstRow: Int, scratch: ColumnScratch,
        tally: inout MetricTally, whole: (Value) -> Int32
    ) -> Int {
        let (lowest, shift) = (signal.grid.range.lowerBound, signal.grid.shift)
        let (missing, counts) = (scratch.missing, scratch.counts.baseAddress.unsafelyUnwrapped)
        count(marks, in: &tally)
        tally.keepExcess()
        // A row that is late and there is where it would be.
        guard marks.contains(where: { $0.count != 1 }) else { return kept }
        scratch.nullRows.removeLast(missing.count)
        let perSlot = signal.steps.stepsPerSlot
        return withUnsafeTemporaryAllocation(of: Value.self, capacity: max(1, kept)) { buffer in
            let cells = buffer.baseAddress.unsafelyUnwrapped
            cells.initialize(from: values, count: kept)
            var (step, source, target, row, gap, excess) = (scratch.span.lowerBound, 0, 0, firstRow, 0, Int64(0))
            /// Takes over the rows of the steps before `end` as they are.
            func copy(to end: Int) {
                let first = gap
                while gap < missing.count, Int(missing[gap]) < end {
                    scratch.nullRows.append(Int32(row + Int(missing[gap]) - step))
                    gap += 1
                }
                let count = end - step - (gap - first)
                (values + target).update(from: cells + source, count: count)
                (step, source, target, row) = (end, source + count, target + count, row + end - step)
            }
            for mark in marks where mark.count != 1 {
                copy(to: Int(mark.step))
                let count = Int(mark.count)
                if gap < missing.count, Int(missing[gap]) == step {
                    gap += 1
                    for place in row..<row + count { scratch.nullRows.append(Int32(place)) }
                    tally.missing += count - 1
                } else {
                    let value = cells[source]
                    source += 1
                    for place in target..<target + count { values[place] = value }
                    target += count
                    let number = whole(value)
                    let bin = Int(number - lowest) >> shift
                    counts[bin] = UInt32(Int(counts[bin]) + count - 1)
                    excess += Int64(count - 1) * Int64(number)
                    tally.publish(Int64(number), times: Int64(count - 1), slot: step / perSlot)
                }
                row += count
                step += 1
            }
            copy(to: scratch.span.upperBound)
            tally.publishedExcess += excess
            return target
        }
    }

    private func count(_ marks: ArraySlice<RowMess.Mark>, in tally: inout MetricTally) {
        var (twice, late) = (0, 0)
        for mark in marks {
            tally.extra += Int(mark.count) - 1
            twice += mark.count > 1 ? 1 : 0
            late += mark.delay > 0 ? 1 : 0
            tally.waiting += mark.count == 0 ? 1 : 0
        }
        tally.add(twice, of: .duplicateRow)
        tally.add(late, of: .lateRow)
    }
}
