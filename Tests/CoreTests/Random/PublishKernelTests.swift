import Core
import Kernels
import Testing

/// The kernels of changed narrow cells beside plain twins.
extension KernelTests {
    /// Where the kernels' order has a place in time.
    private static func place(_ time: Int) -> Int {
        let j = time % 16
        return time - j + j / 4 % 2 * 8 + j % 4 + (j < 8 ? 0 : 4)
    }

    /// Values of a grid of 100 ... 9,900 above its lowest, some beyond its bounds and some in the middle of two numbers.
    private static let values: [Float] = {
        let z = normals(DrawStream(seed: 4, purpose: .noise, metric: "m"), server: 1, first: 0, count: 7)
        return z.indices.map { index in
            let x = 4900 + 2600 * z[index]
            return index % 7 == 0 ? x.rounded() + 0.5 : index % 11 == 0 ? 0 : x
        }
    }()

    @Test(
        "every path publishes what the plain rule writes, from any step to any other, and counts it", arguments: paths,
        ["plain", "saturated", "added", "saturated and added"])
    func publishEqualsTwin(path: Int, kind: String) {
        let (saturates, adds) = (kind.contains("saturated"), kind.contains("added"))
        let (times, bins) = (Self.values.count, 9801)
        let scaled = (0..<times).map { Self.values[Self.place($0)] }
        var law = fleetsynth_written(scale: 100, low: 100, high: 9900, origin: 100, lower: 0, upper: 0, width: 0, rounds: 1)
        if saturates { (law.lower, law.upper, law.width) = (9.9, 89.1, 8.9) }
        for (offset, from, to) in [(0, 0, times), (24, 0, times - 24), (5, 3, 400), (5, 30, 37), (16, 0, 16), (1, 0, 20), (7, 50, 50)] {
            let steps = times - offset
            let factor = (0..<steps).map { [1, 1.3, 0.5, 1, 0, 1, 0.25][$0 % 7] }
            let addend = (0..<steps).map { adds ? [0, 0, 2.5, 40, 95, 0, -3, 0, 0][$0 % 9] : 0 }
            let judged = (0..<steps).map { UInt16($0 * 7 % bins) }
            var published = [UInt16](repeating: 60_000, count: steps)
            var excess = (0..<steps).map { Int32($0) }
            var counts = [UInt32](repeating: 3, count: bins)
            var sum: Int64 = 0
            judged.withUnsafeBufferPointer { judged in
                published.withUnsafeMutableBufferPointer { published in
                    excess.withUnsafeMutableBufferPointer { excess in
                        counts.withUnsafeMutableBufferPointer { counts in
                            scaled.withUnsafeBufferPointer { scaled in
                                factor.withUnsafeBufferPointer { factor in
                                    addend.withUnsafeBufferPointer { addend in
                                        var cells = fleetsynth_changed(
                                            scaled: scaled.baseAddress, offset: Int32(offset), judged: judged.baseAddress,
                                            published: published.baseAddress, factor: factor.baseAddress,
                                            addend: adds ? addend.baseAddress : nil, excess: excess.baseAddress, counts: counts.baseAddress)
                                        Self.on(path) { sum = fleetsynth_publish(&cells, &law, Int32(from), Int32(to)) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            var (expectedCounts, difference) = ([UInt32](repeating: 3, count: bins), Int64(0))
            for step in 0..<steps {
                guard (from..<to).contains(step) else {
                    #expect(published[step] == 60_000 && excess[step] == Int32(step))
                    continue
                }
                var number = judged[step]
                if factor[step] != 1 || addend[step] != 0 {
                    let clean = Double(scaled[Self.place(offset + step)]) + 100
                    number = UInt16(Self.plain(factor[step] * clean + addend[step] * 100, law) - 100)
                }
                #expect(published[step] == number)
                #expect(excess[step] == Int32(step) + Int32(number) - Int32(judged[step]))
                difference += Int64(number) - Int64(judged[step])
                expectedCounts[Int(number)] += 1
            }
            #expect(sum == difference && counts == expectedCounts)
        }
    }

    @Test("every path counts the values in the kernel's order that reach a threshold", arguments: paths)
    func countScaledEqualsTwin(path: Int) {
        let scaled = (0..<Self.values.count).map { Self.values[Self.place($0)] }
        for (from, to) in [(0, scaled.count), (24, 424), (5, 9), (3, 18), (40, 40), (447, 448)] {
            var found: Int64 = 0
            Self.on(path) { found = fleetsynth_count_scaled(scaled, Int32(from), Int32(to), 4900) }
            #expect(found == Int64((from..<to).count { scaled[Self.place($0)] >= 4900 }))
        }
    }

    @Test("every path finds the events whose values reach a threshold, at both ends of a block", arguments: paths, [0.02, 1.4, 5, 31, 300])
    func reaching(path: Int, scale: Float) {
        let scaled = (0..<Self.values.count).map { Self.values[Self.place($0)] }
        let block = Int(FLEETSYNTH_EVENT_BLOCK)
        var drawn = [Int32](repeating: 0, count: block)
        var out = [Int32](repeating: 0, count: block + 16)
        var all = 0
        // Blocks before 0, too, and rows that begin and end in the middle of one.
        for (index, start) in [(-1, 0), (0, 0), (0, -300), (5, 24), (5, 100), (5, 300), (5, 440), (5, 447), (5, 448), (5, -2100)] {
            for (from, to) in [(0, scaled.count), (24, 424), (5, 9), (40, 40)] {
                let reach = (threshold: Float(4900), offset: 24)
                Self.on(path) {
                    let events = fleetsynth_events(9, 77, 3, Int32(index), scale, &drawn)
                    let times = drawn.prefix(Int(events)).map { Int($0) + start }
                    let expected = times.filter { from <= $0 && $0 < to && scaled[Self.place($0)] >= reach.threshold }
                    let found = scaled.withUnsafeBufferPointer { scaled in
                        var own = fleetsynth_reach(
                            scaled: scaled.baseAddress, origin: Int32(index * block - start), offset: Int32(reach.offset),
                            from: Int32(from),
                            to: Int32(to), threshold: reach.threshold)
                        return fleetsynth_events_reaching(9, 77, 3, Int32(index), scale, &own, &out)
                    }
                    #expect(out.prefix(Int(found)).map(Int.init) == expected.map { $0 - reach.offset })
                    all += expected.count
                }
            }
        }
        #expect(all > 0)
    }

    @Test(
        "every path closes a row over its gaps, however long the runs between them are", arguments: paths,
        [[], [0], [0, 1, 2, 3], [5, 36, 37, 70, 199], [0, 64, 129, 194, 197, 198, 199]])
    func close(path: Int, missing: [Int32]) {
        let slack = Int(FLEETSYNTH_CLOSE_SLACK)
        let row = (0..<200 + slack).map { UInt16($0 + 1) }
        for (from, to) in [(0, 200), (0, 201), (4, 200)] {
            let gaps = missing.filter { $0 >= Int32(from) }
            var out = [UInt16](repeating: 0, count: 201 + slack)
            Self.on(path) { fleetsynth_close(row, gaps, Int32(gaps.count), Int32(from), Int32(to), &out) }
            let expected = (from..<to).filter { !gaps.contains(Int32($0)) }.map { row[$0] }
            #expect(Array(out.prefix(expected.count)) == expected)
        }
    }

    @Test("missing steps leave the counts and what is published")
    func withdraw() {
        var (excess, hidden, counts) = ([Int32](repeating: 10, count: 6), [Int32](repeating: 0, count: 6), [UInt32](repeating: 3, count: 8))
        let sum = fleetsynth_withdraw([7, 1, 2, 2, 5, 0], [1, 2, 3], 3, &excess, &hidden, &counts)
        #expect(sum == 5 && excess == [10, 9, 8, 8, 10, 10] && hidden == [0, 1, 1, 1, 0, 0] && counts == [3, 2, 1, 3, 3, 3, 3, 3])
    }

    @Test("every path adds the sums in the kernel's order to their slots", arguments: paths, [1, 4])
    func addSums(path: Int, perSlot: Int) {
        let sums = (0..<448).map { UInt32.max - UInt32(7 * $0) }
        for (offset, slots) in [(0, 448 / perSlot), (24, 424 / perSlot), (5, 3), (7, 30), (16, 4), (447, 0)] {
            var out = (0..<slots).map { Int64($0) << 32 }
            Self.on(path) { fleetsynth_add_sums(sums, Int32(offset), Int32(slots), Int32(perSlot), &out) }
            let expected = (0..<slots).map { slot in
                (0..<perSlot).reduce(Int64(slot) << 32) { $0 + Int64(sums[Self.place(offset + slot * perSlot + $1)]) }
            }
            #expect(out == expected)
        }
    }

    @Test("every path weights the same deviates", arguments: paths, [1, 2, 5])
    func weightedEqualsTwin(path: Int, count: Int) {
        let stream = DrawStream(seed: 5, purpose: .noise, metric: "a")
        var out = [Float](repeating: .nan, count: count * StandardNormal.superblock)
        Self.on(path) { fleetsynth_weighted_normals(stream.seed, stream.stream, 3, -1, Int32(count), -0.7, &out) }
        let expected = out.indices.map { 0 + -0.7 * StandardNormal.deviate(stream: stream, server: 3, step: $0 - 64) }
        #expect(out.map(\.bitPattern) == expected.map(\.bitPattern))
    }

    @Test("every path raises to the same powers as one number at a time", arguments: paths, [0.5, -0.75, 1.3, 2, -1, 3.999])
    func powersEqualTwin(path: Int, exponent: Double) {
        let bases =
            [1, 0.5, 2, 1e-12, 1e12, 1.4142135623730951, 1.4142135623730954, 0.9999999, 7.25, 1e-299, 1.5]
            + (1...40).map { Double($0) / 17 }
        for count in [bases.count, 8, 3] {
            let own = Array(bases.prefix(count))
            let powers = Self.on(path) { ExactMath.powers(of: own, exponent) }
            #expect(powers.map(\.bitPattern) == own.map { ExactMath.power($0, exponent).bitPattern })
        }
    }
}

@Suite("Missing steps")
struct MissingStepsTests {
    private func gap(_ steps: Range<Int>) -> CellChanges.Gap { CellChanges.Gap(steps: steps, cause: .agentOutage) }

    @Test("each missing step is there once, and hidden where it is not missing at random")
    func merged() {
        let steps = MissingSteps(drawn: [2, 7, 9], gaps: [gap(4..<8)], underLoad: [2, 3, 6, 12])
        #expect(steps.all == [2, 3, 4, 5, 6, 7, 9, 12] && steps.hidden == [3, 4, 5, 6, 12])
    }

    @Test("gaps may overlap, touch, hold each other and stand in any order")
    func overlapping() {
        let gaps = [gap(20..<30), gap(5..<10), gap(22..<24), gap(10..<12), gap(28..<31)]
        let steps = MissingSteps(drawn: [0, 10, 25, 40], gaps: gaps, underLoad: [1, 9, 11, 12, 30, 31])
        let all = Set<Int32>([0, 10, 25, 40, 1, 9, 11, 12, 30, 31]).union((5..<12).map { Int32($0) }).union((20..<31).map { Int32($0) })
        #expect(steps.all == all.sorted())
        #expect(steps.hidden == all.subtracting([0, 10, 25, 40]).sorted())
    }

    @Test("without gaps and load those at random are all")
    func none() {
        let steps = MissingSteps(drawn: [1, 5], gaps: [], underLoad: [])
        #expect(steps.all == [1, 5] && steps.hidden.isEmpty)
    }
}
