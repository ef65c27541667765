import Core
import Kernels
import Testing

/// The kernels of changed cells beside plain twins, bit for bit.
extension KernelTests {
    /// Values about the bounds and the edges, with halves and signed zeros among them.
    private static var clean: [Double] {
        let drawn = normals(DrawStream(seed: 9, purpose: .noise, metric: "a"), server: 1, first: 0, count: 3).map {
            5000 + 4000 * Double($0)
        }
        return drawn + [0.5, 1.5, 2.5, -0.5, -0.0, 0, 100, 9900, 9900.5, 9899.5, 1e9, -1e9, 990, 8910]
    }

    static func plain(_ x: Double, _ law: fleetsynth_written) -> Double {
        var x = x
        if law.width > 0 {
            let y = x / law.scale
            let edge = y < law.lower ? law.lower : y > law.upper ? law.upper : y
            let distance = y - edge
            x = (edge + law.width * (distance / (distance.magnitude + law.width))) * law.scale
        }
        let kept = min(max(x, law.low), law.high)
        return law.rounds == 0 ? kept : ((kept - law.origin) + 0x1.8p52) - 0x1.8p52 + law.origin
    }

    @Test("every path writes the same changed cells, and leaves the others alone", arguments: paths, [false, true])
    func changeEqualsTwin(path: Int, saturates: Bool) {
        let clean = Self.clean
        let factor = clean.indices.map { [1, 1.3, 0.5, 1, 0][$0 % 5] }
        let addend = clean.indices.map { [0, 0, 2.5, 40, 95, 0, -3][$0 % 7] }
        let before = clean.indices.map { Double($0) }
        for rounds: Int32 in [0, 1] {
            var law = fleetsynth_written(scale: 100, low: 100, high: 9900, origin: 100, lower: 0, upper: 0, width: 0, rounds: rounds)
            if saturates { (law.lower, law.upper, law.width) = (9.9, 89.1, 8.9) }
            var published = before
            Self.on(path) { fleetsynth_change(clean, factor, addend, &law, Int32(clean.count), &published) }
            let expected = clean.indices.map { index in
                guard factor[index] != 1 || addend[index] != 0 else { return before[index] }
                return Self.plain(factor[index] * clean[index] + addend[index] * law.scale, law)
            }
            #expect(published.map(\.bitPattern) == expected.map(\.bitPattern))
        }
    }

    @Test("every path counts the same values from a threshold on", arguments: paths)
    func countEqualsTwin(path: Int) {
        let clean = Self.clean
        for threshold in [-1e10, 100, 5000, 9900, 1e10] {
            var found: Int64 = 0
            Self.on(path) { found = fleetsynth_count_from(clean, Int32(clean.count), threshold) }
            #expect(found == Int64(clean.count { $0 >= threshold }))
        }
    }
}

@Suite("Runs of changed cells")
struct ChangedRunsTests {
    @Test("overlapping and touching spans are one run, and forgotten by the next server")
    func runs() {
        var changes = CellChanges()
        changes.prepare(steps: 100)
        for span in [40..<50, 10..<20, 15..<30, 30..<31, 60..<61, 42..<45] { changes.change(span, .incident) { _ in (2, 1) } }
        var runs: [Range<Int>] = []
        changes.forEachChangedRun { runs.append($0) }
        #expect(runs == [10..<31, 40..<50, 60..<61])
        changes.prepare(steps: 100)
        #expect(changes.isEmpty && (0..<100).allSatisfy { !changes.isChanged($0) })
    }

    @Test("factors take the place of those of the server before, and nothing of that one remains where they do not")
    func stale() {
        var changes = CellChanges()
        changes.prepare(steps: 100)
        changes.change(0..<100, .sharedFactor) { _ in (3, 5) }
        changes.prepare(steps: 100)
        changes.change(20..<40, .incident) { _ in (0.5, 0) }
        changes.change(30..<50, .incident) { _ in (0.5, 1) }
        changes.settle()
        var (factor, addend) = ([Double](repeating: 1, count: 100), [Double](repeating: 0, count: 100))
        for step in 20..<50 { factor[step] = (30..<40).contains(step) ? 0.25 : 0.5 }
        for step in 30..<50 { addend[step] = 1 }
        #expect(changes.factor == factor)
        #expect(changes.addend == addend)
        changes.prepare(steps: 100)
        changes.settle()
        #expect(changes.factor.allSatisfy { $0 == 1 } && changes.addend.allSatisfy { $0 == 0 } && !changes.hasAddends)
    }

    @Test("factors that are put off come before a wave over all of them, and before whatever else changes steps")
    func constants() {
        let wave = (0..<100).map { 1 + Double($0) / 64 }
        var changes = CellChanges()
        for isWave in [true, false, true] {
            changes.prepare(steps: 100)
            changes.multiply(0..<60, .lastingChange, by: 1.1)
            changes.multiply(30..<100, .lastingChange, by: 0.7)
            var expected = (0..<100).map { ($0 < 60 ? 1.1 : 1) * ($0 >= 30 ? 0.7 : 1) }
            if isWave {
                wave.withUnsafeBufferPointer { changes.multiply(0..<100, .sharedFactor, by: $0) }
                for step in 0..<100 { expected[step] *= wave[step] }
            }
            changes.change(50..<70, .incident) { _ in (0.5, 2) }
            for step in 50..<70 { expected[step] *= 0.5 }
            changes.multiply(65..<80, .lastingChange, by: 3)
            for step in 65..<80 { expected[step] *= 3 }
            changes.settle()
            let addend = (0..<100).map { Double((50..<65).contains($0) ? 2 : (65..<70).contains($0) ? 6 : 0) }
            #expect(changes.factor == expected)
            #expect(changes.addend == addend)
        }
    }

    @Test("a span that holds all others is the only run")
    func whole() {
        var changes = CellChanges()
        changes.prepare(steps: 100)
        changes.change(0..<100, .sharedFactor) { _ in (1.1, 0) }
        changes.change(5..<7, .incident) { _ in (0.5, 0) }
        var runs: [Range<Int>] = []
        changes.forEachChangedRun { runs.append($0) }
        #expect(runs == [0..<100])
        #expect(changes.factor[6] == 1.1 * 0.5 && changes.factor[7] == 1.1)
    }
}
