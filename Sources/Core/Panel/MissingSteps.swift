/// All missing steps of one server's cells.
///
/// ```
/// drawn        2     7  9        missing at random
/// gaps           |4 5 6 7|       may overlap
/// under load   2 3   6     12
/// all          2 3 4 5 6 7 9 12          hidden   3 4 5 6 12
/// ```
package struct MissingSteps {
    /// Ascending, each once.
    package let all: [Int32]
    /// Those of them that are not missing at random.
    package let hidden: [Int32]

    /// - Parameters:
    ///   - drawn: Ascending, each once, as `underLoad`.
    ///   - gaps: In any order.
    /// - Complexity: O(missing steps + gaps * log gaps).
    package init(drawn: [Int32], gaps: [CellChanges.Gap], underLoad: [Int32]) {
        guard !gaps.isEmpty || !underLoad.isEmpty else {
            (all, hidden) = (drawn, [])
            return
        }
        let runs = gaps.map(\.steps).sorted { $0.lowerBound < $1.lowerBound }
        let more = runs.reduce(underLoad.count) { $0 + $1.count }
        var others: [Int32] = []
        all = [Int32](unsafeUninitializedCapacity: drawn.count + more) { all, count in
            others = [Int32](unsafeUninitializedCapacity: more + 1) { hidden, hiddenCount in
                var (atRandom, heavy, end) = (0, 0, Int32(0))
                /// Takes over what lies before a step.
                func take(before stop: Int32) {
                    while atRandom < drawn.count, heavy < underLoad.count {
                        let next = (drawn: drawn[atRandom], heavy: underLoad[heavy])
                        let step = min(next.drawn, next.heavy)
                        guard step < stop else { return }
                        // Which of the two comes next is anybody's guess: no branch.
                        (all[count], hidden[hiddenCount]) = (step, step)
                        count += 1
                        hiddenCount += next.drawn == step ? 0 : 1
                        atRandom += next.drawn == step ? 1 : 0
                        heavy += next.heavy == step ? 1 : 0
                    }
                    while true {
                        let next = (
                            drawn: atRandom < drawn.count ? drawn[atRandom] : .max, heavy: heavy < underLoad.count ? underLoad[heavy] : .max
                        )
                        let step = min(next.drawn, next.heavy)
                        guard step < stop else { return }
                        add(step, isDrawn: next.drawn == step)
                        if next.heavy == step { heavy += 1 }
                    }
                }
                func add(_ step: Int32, isDrawn: Bool) {
                    all[count] = step
                    count += 1
                    if isDrawn {
                        atRandom += 1
                    } else {
                        hidden[hiddenCount] = step
                        hiddenCount += 1
                    }
                }
                for run in runs where run.upperBound > Int(end) {
                    let (first, last) = (max(Int32(run.lowerBound), end), Int32(run.upperBound))
                    take(before: first)
                    for step in first..<last { add(step, isDrawn: atRandom < drawn.count && drawn[atRandom] == step) }
                    while heavy < underLoad.count, underLoad[heavy] < last { heavy += 1 }
                    end = last
                }
                take(before: .max)
            }
        }
        hidden = others
    }
}
