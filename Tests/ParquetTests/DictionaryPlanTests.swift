import Parquet
import Testing

@Suite("Dictionary of a decimal column")
struct DictionaryPlanTests {
    @Test("A densely used range needs no table, even if some values are missing")
    func dense() throws {
        var counts = [UInt32](repeating: 100, count: 9801)
        counts[17] = 0
        counts[0] = 0
        let plan = try #require(makePlan(counts, lowest: 100))
        #expect(plan.ranks == nil && plan.distinct == 9799 && plan.width == 14)
    }

    @Test("A range is widened to all that is counted where that adds few entries and no bit, so that chunks share their dictionary")
    func widened() throws {
        func range(_ occurs: ClosedRange<Int>, of bins: Int) throws -> ClosedRange<Int32> {
            let plan = try #require(makePlan((0..<bins).map { occurs.contains($0) ? 100 : 0 }, lowest: 100))
            return plan.first...plan.last
        }
        #expect(try range(1...9799, of: 9801) == 100...9900)
        #expect(try range(1000...9800, of: 9801) == 100...9900)
        // An eighth more entries is too many; so is one that needs another bit.
        #expect(try range(1200...9800, of: 9801) == 1300...9900)
        #expect(try range(0...255, of: 257) == 100...355)
    }

    @Test("A sparse range is listed, with ascending ranks")
    func sparse() throws {
        var counts = [UInt32](repeating: 0, count: 1001)
        for index in [10, 500, 1000] { counts[index] = 5 }
        let plan = try #require(makePlan(counts, lowest: -500))
        #expect(plan.first == -490 && plan.last == 500)
        #expect(plan.entries == 3 && plan.width == 2)
        let ranks = try #require(plan.ranks)
        #expect([0, 490, 990].map { ranks[$0] } == [0, 1, 2])
    }

    @Test("Fewer index bits decide where there are many rows, dictionary bytes where there are few")
    func rowsMatter() throws {
        // 300 entries need 9 bits, the 250 that occur need 8.
        let some = (0..<300).map { $0 % 6 == 3 ? 0 : UInt32(10_000) }
        #expect(try #require(makePlan(some)).ranks != nil)
        // 250 and 208 both need 8 bits, and 42 entries are nothing beside two million rows.
        let narrow = (0..<250).map { $0 % 6 == 3 ? 0 : UInt32(10_000) }
        #expect(try #require(makePlan(narrow)).ranks == nil)
        // The same with few rows: 42 entries are a sixth of the chunk.
        let few = (0..<250).map { $0 % 6 == 3 ? 0 : UInt32(1) }
        #expect(try #require(makePlan(few)).ranks != nil)
    }

    @Test("Nothing counted gives no plan, one value gives one entry")
    func corners() throws {
        #expect(makePlan([0, 0, 0]) == nil)
        #expect(makePlan([]) == nil)
        let one = try #require(makePlan([0, 0, 9], lowest: 40))
        #expect(one.first == 42 && one.entries == 1 && one.width == 1 && one.ranks == nil)
    }

    private func makePlan(_ counts: [UInt32], lowest: Int32 = 0) -> DictionaryPlan? {
        counts.withUnsafeBufferPointer { DictionaryPlan(lowest: lowest, counts: $0, entrySize: 8) }
    }
}
