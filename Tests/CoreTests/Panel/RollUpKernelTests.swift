import Kernels
import Testing

extension KernelTests {
    @Test("every path finds the cell of a rank", arguments: 0..<fleetsynth_paths())
    func ranks(path: Int32) {
        fleetsynth_use_path(path)
        defer { fleetsynth_use_path(fleetsynth_paths() - 1) }
        var state: UInt64 = 7
        func random(below bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        // Few and many different numbers: ties, zeros and the largest there is.
        for bound in [1, 2, 40, 9_801, 65_536] as [UInt64] {
            for perRow in [2, 3, 8, 12, 19, 20, 23, 24, 31, 32, 36, 48, 96, 144, 288] {
                let rows = 11
                let cells = (0..<rows * perRow).map { _ in UInt16(random(below: bound)) }
                for rank in Set([1, 2, 3, perRow / 20 + 1, perRow]) where rank <= perRow {
                    var out = [UInt16](repeating: 1, count: rows)
                    fleetsynth_high(cells, Int32(perRow), Int32(rank), Int32(rows), &out)
                    let expected = (0..<rows).map { cells[$0 * perRow..<($0 + 1) * perRow].sorted(by: >)[rank - 1] }
                    #expect(out == expected, "rank \(rank) of \(perRow) below \(bound)")
                }
            }
        }
    }
}
