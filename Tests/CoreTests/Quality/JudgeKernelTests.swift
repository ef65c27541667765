import Core
import Kernels
import Testing

extension KernelTests {
    private struct Numbers {
        var state: UInt64 = 11
        mutating func next(_ range: ClosedRange<Double> = 0...1) -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return range.lowerBound + (range.upperBound - range.lowerBound) * Double(state >> 11) * 0x1p-53
        }
        mutating func many(_ count: Int, _ range: ClosedRange<Double>) -> [Double] { (0..<count).map { _ in next(range) } }
    }

    private static func isNear(_ found: [Double], _ wanted: [Double]) -> Bool {
        found.count == wanted.count && zip(found, wanted).allSatisfy { ($0 - $1).magnitude <= 1e-11 * (1 + $1.magnitude) }
    }

    /// What every path makes of the same numbers.
    private static func onAllPaths(_ body: () -> [Double]) -> [[Double]] {
        defer { fleetsynth_use_path(fleetsynth_paths() - 1) }
        return (0..<fleetsynth_paths()).map { path in
            fleetsynth_use_path(path)
            return body()
        }
    }

    @Test("sums of bent noise are those of the formula, the same bits on every path", arguments: [0.0, 7.5])
    func bent(width: Double) {
        var numbers = Numbers()
        let (weights, nodes) = (numbers.many(24, 0...1), numbers.many(24, -6...6))
        var law = fleetsynth_bend(mean: 40, spread: 12, center: 39, low: 5, high: 90, lower: 20, upper: 70, width: width)
        let found = Self.onAllPaths {
            var sums = [0.0, 0, 0]
            fleetsynth_bent(weights, nodes, 24, &law, &sums)
            return sums
        }
        var wanted = [0.0, 0, 0]
        for (weight, node) in zip(weights, nodes) {
            let x = 40 + 12 * node
            let edge = min(max(x, 20), 70)
            let q = width / ((x - edge).magnitude + width)
            let y = min(max(width > 0 ? edge + (x - edge) * q : x, 5), 90) - 39
            wanted[0] += weight * y
            wanted[1] += weight * y * y
            wanted[2] += weight * (width > 0 ? q * q : x > 5 && x < 90 ? 1 : 0)
        }
        #expect(Self.isNear(found[0], wanted) && found.allSatisfy { $0 == found[0] })
    }

    @Test("residuals and their sums are those of the formula, the same bits on every path", arguments: [1, 7, 8, 100])
    func residuals(count: Int) {
        var numbers = Numbers()
        var cells = numbers.many(count, 20...60).map { Float($0) }
        if count > 20 { (cells[5], cells[6], cells[19]) = (.nan, .nan, .nan) }
        let (level, spread) = (numbers.many(count, 15...60), numbers.many(count, 0.1...4))
        var window = fleetsynth_window(bias: 2, low: 10, high: 70, reach: 3, least_spread: 0.3)
        let found = Self.onAllPaths {
            var (lanes, out) = ([Double](repeating: 0, count: 72), [Float](repeating: 0, count: count))
            fleetsynth_residuals(cells, level, spread, Int32(count), &window, &out, &lanes)
            return (0..<9).map { lanes[8 * $0..<8 * $0 + 8].reduce(0, +) } + out.map { $0.isNaN ? -1e9 : Double($0) }
        }
        var (wanted, all, previous) = ([Double](repeating: 0, count: 9), [Double](), Double.nan)
        for index in 0..<count {
            let (mean, wide) = (level[index] + 2, spread[index])
            guard !cells[index].isNaN, wide >= 0.3, mean - 3 * wide >= 10, mean + 3 * wide <= 70 else {
                all.append(-1e9)
                previous = .nan
                continue
            }
            let x = Double(Float((Double(cells[index]) - mean) * (1 / wide)))
            all.append(x)
            let own = [1, 1 / wide / wide, x, x * x, x * x * x, x * x * x * x]
            for (place, value) in own.enumerated() { wanted[place] += value }
            if !previous.isNaN {
                for (place, value) in [1, x * previous, 0.5 * (x * x + previous * previous)].enumerated() { wanted[6 + place] += value }
            }
            previous = x
        }
        #expect(Self.isNear(found[0], wanted + all) && found.allSatisfy { $0 == found[0] })
    }

    @Test("correlation leaves out pairs of which one is missing, the same bits on every path", arguments: [3, 8, 61])
    func products(count: Int) {
        var numbers = Numbers()
        var (left, right) = (numbers.many(count, -2...2).map { Float($0) }, numbers.many(count, -2...2).map { Float($0) })
        (left[1], right[2]) = (.nan, .nan)
        let found = Self.onAllPaths {
            var sums = [0.0, 0, 0, 0]
            fleetsynth_products(left, right, Int32(count), &sums)
            return sums
        }
        let pairs = zip(left, right).map { (Double($0), Double($1)) }.filter { !$0.0.isNaN && !$0.1.isNaN }
        let wanted = [
            pairs.reduce(0) { $0 + $1.0 * $1.1 }, pairs.reduce(0) { $0 + $1.0 * $1.0 }, pairs.reduce(0) { $0 + $1.1 * $1.1 },
            Double(pairs.count),
        ]
        #expect(Self.isNear(found[0], wanted) && found.allSatisfy { $0 == found[0] })
    }

    @Test("what noise remembers adds up as pair by pair, the same bits on every path", arguments: [1, 5, 8, 9, 50])
    func remembered(count: Int) {
        var numbers = Numbers()
        let weights = numbers.many(count, 0.5...2)
        for phi in [0, 0.3, 0.98] {
            var (wanted, carry) = (0.0, 0.0)
            for weight in weights {
                wanted += weight * (weight + 2 * carry)
                carry = phi * (carry + weight)
            }
            let found = Self.onAllPaths { [fleetsynth_remembered(weights, Int32(count), phi)] }
            #expect(Self.isNear(found[0], [wanted]) && found.allSatisfy { $0 == found[0] })
        }
    }

    @Test("numbers become values on every path")
    func widen() {
        let numbers = (0..<21).map { UInt16($0 * 3000) }
        let found = Self.onAllPaths {
            var out = [Float](repeating: 0, count: 21)
            fleetsynth_widen(numbers, 21, -5, 0.01, &out)
            return out.map(Double.init)
        }
        #expect(found.allSatisfy { $0 == numbers.map { Double(Float(-5 + Double($0) * 0.01)) } })
    }

    @Test("sums over slots are those of the formula, the same bits on every path", arguments: [(21, 1), (13, 4)])
    func slots(slots: Int, perSlot: Int) {
        var numbers = Numbers()
        let steps = slots * perSlot
        let (factor, level, spread) = (numbers.many(steps, 0.5...1.999), numbers.many(steps, 30...40), numbers.many(steps, 3...5))
        // Two places to an octave, cubics of four values each.
        let cubics = numbers.many(2 * 16, 0...1)
        let cells = (0..<slots).map { $0 == 3 ? 0 : Int64(4 * perSlot - ($0 % 3 == 0 ? 1 : 0)) }
        let sums = cells.map { 3_500 * $0 + 17 }
        let days = (0..<slots).map { Int32($0 / 6) }
        let count = (slots + 5) / 6
        let times = [Int32](repeating: 0, count: slots)
        var law = fleetsynth_slots()
        (law.first, law.places, law.shift) = (Int64(0.5.bitPattern >> 52), 2, 52)
        (law.slots, law.per_slot, law.remembers) = (Int32(slots), Int32(perSlot), 1)
        (law.origin, law.step, law.center, law.servers, law.inflation) = (1, 0.01, 35, 4, 2)
        (law.per_level, law.per_spread, law.fixed, law.most, law.rate) = (0.5, 2, 1, 24, 0.01)
        let found = Self.onAllPaths {
            var (parts, weights, out) = (
                [Double](repeating: 0, count: 6 * count), [Double](repeating: 0, count: steps), fleetsynth_slots_found()
            )
            fleetsynth_slots_pass(&law, cubics, [], factor, level, spread, cells, sums, days, times, [], [], &parts, &weights, &out)
            let noise = out.noise
            return parts + weights + [
                out.first, out.sum, out.squares, out.low, out.high, out.jump, out.white, noise.0, noise.1, noise.2, noise.3, noise.4,
                noise.5, noise.6, noise.7, noise.8, noise.9,
            ]
        }
        func values(_ x: Double) -> [Double] {
            let place = x < 1 ? 0 : 1
            let rest = x - (x < 1 ? 0.5 : 1)
            return (0..<4).map { value in (0..<4).reversed().reduce(0) { $0 * rest + cubics[16 * place + 4 * $1 + value] } }
        }
        var (parts, weights, means) = ([Double](repeating: 0, count: 6 * count), [Double](), [Double]())
        var (white, largest, noise) = (0.0, 0.0, [Double](repeating: 0, count: 10))
        for slot in 0..<slots {
            var (mean, variance, between, square, distance, jump, all) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, [Double]())
            let n = Double(perSlot)
            for step in slot * perSlot..<(slot + 1) * perSlot {
                let v = values(factor[step])
                mean += (level[step] + v[0]) / n
                distance += v[0] / n
                square += v[1] / n
                variance += v[2] / n
                between += max(0, v[1] - v[0] * v[0]) / n
                jump = max(jump, min(0.5 * level[step] + 2 * spread[step] + 1, 24))
                all.append(level[step] + v[0])
                weights.append(v[3] * spread[step])
                white += v[2]
            }
            let within = perSlot > 1 ? all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n : 0
            means.append(mean)
            largest = max(largest, jump)
            guard cells[slot] > 0 else { continue }
            let present = Double(cells[slot])
            let realised = 1 + Double(sums[slot]) / present * 0.01
            let lost = (1 - present / (4 * n)) * (max(0, square - distance * distance) + within)
            let first = 6 * Int(days[slot])
            for (place, value) in [realised, mean, (2 * variance + lost) / present, 0, 1].enumerated() { parts[first + place] += value }
            parts[first + 5] = max(parts[first + 5], jump / present)
            let (other, absent) = (between + within, 4 - present / n)
            let own = [
                1, present, present * variance, variance, present * other, absent * other, present * variance * variance,
                present * jump * jump * jump * jump, present * absent * other * other, present * (realised - 35) * (realised - 35),
            ]
            for (place, value) in own.enumerated() { noise[place] += value }
        }
        let from = means.map { $0 - means[0] }
        let wanted =
            parts + weights + [
                means[0], from.reduce(0, +), from.reduce(0) { $0 + $1 * $1 }, from.min() ?? 0, from.max() ?? 0, largest, white,
            ]
            + noise
        #expect(Self.isNear(found[0], wanted) && found.allSatisfy { $0 == found[0] })
    }
}
