import Core
import Kernels
import Testing

/// The kernels of noise beside plain twins, bit for bit.
extension KernelTests {
    static func row(_ metric: String, first: Int, superblocks: Int) -> [Float] {
        normals(DrawStream(seed: 5, purpose: .noise, metric: metric), server: 3, first: first, count: superblocks)
    }

    static func law(phi: Double = 0.9) -> fleetsynth_memory {
        var law = fleetsynth_memory()
        (law.constant, law.linear, law.square, law.cubic) = (-0.1, 0.9, 0.1, 0.03)
        law.scale = Float((1 - phi * phi).squareRoot())
        withUnsafeMutableBytes(of: &law.powers) { bytes in
            let powers = bytes.bindMemory(to: Float.self)
            var power = 1.0
            for index in 0..<16 {
                power *= phi
                powers[index] = Float(power)
            }
        }
        return law
    }

    static func powers(_ law: fleetsynth_memory) -> [Float] { withUnsafeBytes(of: law.powers) { Array($0.bindMemory(to: Float.self)) } }

    static func cubic(_ z: Float, _ law: fleetsynth_memory) -> Float { ((law.cubic * z + law.square) * z + law.linear) * z + law.constant }

    @Test("every path adds the same deviates, also where the last superblock is alone", arguments: paths, [1, 2, 5])
    func addEqualsTwin(path: Int, count: Int) {
        let stream = DrawStream(seed: 5, purpose: .noise, metric: "a")
        var sum = Self.row("b", first: -1, superblocks: count)
        let expected = sum.indices.map { sum[$0] + 0.7 * StandardNormal.deviate(stream: stream, server: 3, step: $0 - 64) }
        Self.on(path) { fleetsynth_add_normals(stream.seed, stream.stream, 3, -1, Int32(count), 0.7, &sum) }
        #expect(sum.map(\.bitPattern) == expected.map(\.bitPattern))
    }

    @Test("every path makes the same cubics", arguments: paths)
    func cubicEqualsTwin(path: Int) {
        let z = Self.row("c", first: 7, superblocks: 2)
        var law = Self.law()
        var out = [Float](repeating: 0, count: z.count)
        Self.on(path) { fleetsynth_cubic(z, Int32(z.count), &law, &out) }
        #expect(out.map(\.bitPattern) == z.map { Self.cubic($0, law).bitPattern })
    }

    @Test("every path remembers the same, with and without a lead", arguments: paths, [0, 16, 64])
    func rememberEqualsTwin(path: Int, lead: Int) {
        let z = Self.row("d", first: 40, superblocks: 3)
        var law = Self.law()
        let powers = Self.powers(law)
        var expected: [Float] = []
        var carry: Float = 0
        for first in stride(from: 0, to: z.count, by: 16) {
            let y = z[first..<first + 16].map { Self.cubic($0, law) }
            var v = y.map { law.scale * $0 }
            if first == 0 { v[0] = y[0] }
            for distance in [1, 2, 4, 8] {
                v = v.indices.map { v[$0] + powers[distance - 1] * ($0 >= distance ? v[$0 - distance] : 0) }
            }
            v = v.indices.map { v[$0] + carry * powers[$0] }
            carry = v[15]
            expected += v
        }
        var out = [Float](repeating: 0, count: z.count - lead)
        Self.on(path) { fleetsynth_remember(z, Int32(lead), Int32(out.count), &law, &out) }
        #expect(out.map(\.bitPattern) == expected.dropFirst(lead).map(\.bitPattern))
        // The scan is the recursion, but for rounding.
        var x = Double(Self.cubic(z[0], law))
        for (index, z) in z.enumerated().dropFirst() {
            x = Double(powers[0]) * x + Double(law.scale) * Double(Self.cubic(z, law))
            #expect((Double(expected[index]) - x).magnitude < 2e-5)
        }
    }

    @Test("every path lays the same lines between nodes, whatever their distance", arguments: paths, 0...6)
    func slowEqualsTwin(path: Int, shift: Int) {
        let nodes = Self.row("e", first: 0, superblocks: 4)
        let start = Self.row("f", first: 0, superblocks: 2)
        let places = max(16, 1 << shift)
        let before = (0..<places).map { 1 - Float($0 & ((1 << shift) - 1)) / 64 }
        let after = (0..<places).map { Float($0 & ((1 << shift) - 1)) / 64 }
        var out = start
        Self.on(path) { fleetsynth_slow(nodes, Int32(shift), before, after, 0.6, Int32(out.count), &out) }
        for index in out.indices {
            let (node, place) = (index >> shift, index & ((1 << shift) - 1))
            let twin = 0.6 * start[index] + (before[place] * nodes[node] + after[place] * nodes[node + 1])
            #expect(out[index].bitPattern == twin.bitPattern)
        }
    }

    @Test("every path shapes the same cells, with and without saturation", arguments: paths, [false, true])
    func shapeEqualsTwin(path: Int, saturates: Bool) {
        for superblocks in [1, 3] {
            let z = Self.row("g", first: 0, superblocks: superblocks)
            let top = Float(9800)
            let level = z.indices.map { Float(4000 + 13 * $0) }
            let spread = z.indices.map { Float(2500 + 7 * $0) }
            var bounds = fleetsynth_saturation(lower: 1000, upper: 8800, width: 1000)
            var scaled = [Float](repeating: 0, count: z.count)
            var out = [UInt16](repeating: 0, count: z.count)
            var sums = [UInt32](repeating: 5, count: z.count)
            var counts = [UInt32](repeating: 0, count: Int(top) + 1)
            level.withUnsafeBufferPointer { level in
                spread.withUnsafeBufferPointer { spread in
                    var row = fleetsynth_row(key: 0, stream: 0, level: level.baseAddress, spread: spread.baseAddress, first: 0, top: top)
                    withUnsafePointer(to: &bounds) { bounds in
                        Self.on(path) {
                            fleetsynth_shape_narrow(
                                z, &row, 0.375, Int32(superblocks), saturates ? bounds : nil, &scaled, &out, &sums, &counts)
                        }
                    }
                }
            }
            var expected = [UInt32](repeating: 0, count: counts.count)
            for time in z.indices {
                let j = time % 16
                let place = time - j + j / 4 % 2 * 8 + j % 4 + (j < 8 ? 0 : 4)
                let y = (level[place] + 0.375) + spread[place] * z[time]
                let edge = y < bounds.lower ? bounds.lower : y > bounds.upper ? bounds.upper : y
                let kept = saturates ? edge + bounds.width * ((y - edge) / ((y - edge).magnitude + bounds.width)) : y
                let cell = UInt16(min(max(kept, 0), top).rounded(.toNearestOrEven))
                #expect(scaled[place].bitPattern == y.bitPattern && out[time] == cell && sums[place] == 5 + UInt32(cell))
                expected[Int(cell)] += 1
            }
            #expect(counts == expected)
        }
    }
}
