import Core
import Glibc
import Kernels
import Testing

/// Tests that choose the kernels' path, which is one for the process, run one after the other.
@Suite("Kernels", .serialized)
struct KernelTests {
    static let paths = 0..<Int(fleetsynth_paths())

    /// Runs `body` on a path and returns to the best one.
    static func on<R>(_ path: Int, _ body: () -> R) -> R {
        fleetsynth_use_path(Int32(path))
        defer { fleetsynth_use_path(fleetsynth_paths() - 1) }
        return body()
    }

    static func normals(_ stream: DrawStream, server: UInt32, first: Int, count: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: count * StandardNormal.superblock) { buffer, initialized in
            StandardNormal.fill(buffer, stream: stream, server: server, first: first, count: count)
            initialized = count * StandardNormal.superblock
        }
    }

    @Test("every path gives the plain twin's deviates, also before 1970", arguments: paths, [0, 1, 296, 100_000, -1, -7, -40_000])
    func normalsEqualTwin(path: Int, first: Int) {
        for server in [0, 1, 77, 4_000_000_000] as [UInt32] {
            let stream = DrawStream(seed: 0xDEAD_BEEF_0123_4567, purpose: .noise, metric: "cpu_p95")
            let floats = Self.on(path) { Self.normals(stream, server: server, first: first, count: 3) }
            for index in floats.indices {
                let twin = StandardNormal.deviate(stream: stream, server: server, step: first * StandardNormal.superblock + index)
                #expect(floats[index].bitPattern == twin.bitPattern)
            }
        }
    }

    @Test("every path gives the same cells, sums and counts: those of the deviates", arguments: paths)
    func fillEqualsTwin(path: Int) {
        let stream = DrawStream(seed: 11, purpose: .noise, metric: "m")
        let (first, count, top) = (-2, 4, Float(9800))
        let cells = count * StandardNormal.superblock
        // Wide enough that both clip bounds are met.
        let level = (0..<cells).map { Float(4000 + 13 * $0) }
        let spread = (0..<cells).map { Float(1500 + 7 * $0) }
        var scaled = [Float](repeating: 0, count: cells)
        var out = [UInt16](repeating: 0, count: cells)
        var sums = [UInt32](repeating: 5, count: cells)
        var counts = [UInt32](repeating: 0, count: Int(top) + 1)
        level.withUnsafeBufferPointer { level in
            spread.withUnsafeBufferPointer { spread in
                var row = fleetsynth_row(
                    key: stream.seed, stream: stream.stream, level: level.baseAddress, spread: spread.baseAddress, first: Int32(first),
                    top: top)
                Self.on(path) { fleetsynth_fill(&row, 9, 0.375, 0, Int32(count), &scaled, &out, &sums, &counts) }
            }
        }
        var expected = [UInt32](repeating: 0, count: counts.count)
        for time in 0..<cells {
            let j = time % 16
            let place = time - j + j / 4 % 2 * 8 + j % 4 + (j < 8 ? 0 : 4)
            let z = StandardNormal.deviate(stream: stream, server: 9, step: first * StandardNormal.superblock + time)
            let y = (level[place] + 0.375) + spread[place] * z
            let cell = UInt16(min(max(y, 0), top).rounded(.toNearestOrEven))
            #expect(scaled[place].bitPattern == y.bitPattern && out[time] == cell && sums[place] == 5 + UInt32(cell))
            expected[Int(cell)] += 1
        }
        #expect(counts == expected)
        #expect(counts[0] > 0 && counts[Int(top)] > 0)
    }

    @Test("every path draws the events that the plain gaps add up to", arguments: paths, [0.0005, 0.005, 0.2, 0.9])
    func eventsEqualTwin(path: Int, rate: Double) {
        let stream = DrawStream(seed: 3, purpose: .missing, metric: "m")
        let events = RareEvents(stream: stream, rate: rate)
        for block in [-3, 0, 9] {
            var expected: [Int32] = []
            var position = -1
            draws: for batch in 0... {
                let lanes = (0..<8).map { stream.words(server: 6, block: UInt32(truncatingIfNeeded: block * 1024 + batch * 4 + $0 / 2)) }
                for half in [1, 3] {
                    for lane in 0..<8 {
                        position += 1 + events.gap(lanes[lane][half - lane % 2])
                        if position >= RareEvents.block { break draws }
                        expected.append(Int32(position))
                    }
                }
            }
            var found: [Int32] = []
            Self.on(path) {
                events.append(to: &found, server: 6, steps: block * RareEvents.block..<(block + 1) * RareEvents.block)
            }
            #expect(found == expected)
        }
    }

    @Test("shapes in double precision are the same on every path", arguments: paths)
    func shapes(path: Int) {
        let z = Self.normals(DrawStream(seed: 1, purpose: .noise), server: 1, first: 0, count: 2)
        let level = z.indices.map { 1e6 + Double($0) * 0.37 }
        let spread = z.indices.map { 3e5 + Double($0) }
        var whole = [Int32](repeating: 0, count: z.count)
        var real = [Double](repeating: 0, count: z.count)
        Self.on(path) {
            fleetsynth_shape_scaled(z, level, spread, 0.125, 10, 5e6, 15e6, Int32(z.count), &whole)
            fleetsynth_shape_real(z, level, spread, 0.125, 5e5, 15e5, Int32(z.count), &real)
        }
        for index in z.indices {
            let x = (level[index] + spread[index] * Double(z[index])) + 0.125
            #expect(whole[index] == Int32(min(max(x * 10, 5e6), 15e6).rounded(.toNearestOrEven)))
            #expect(real[index] == min(max(x, 5e5), 15e5))
        }
    }
}

@Suite("Standard normal deviates")
struct StandardNormalTests {
    @Test("a radius has the tail probability of its word, within 5e-5 of it, and an angle its own direction")
    func accuracy() {
        var word: UInt32 = 1
        // A stride of odd size visits the whole range of words, the last ones the far tail.
        let words =
            (0..<20_000).map { _ -> UInt32 in
                word = word &+ 2_654_435_761
                return word
            } + (0..<64).flatMap { [(UInt32(1) << 31) >> ($0 % 31), UInt32($0)] }
        for (index, word) in words.enumerated() {
            let angle = UInt16(truncatingIfNeeded: index &* 40_503)
            let pair = StandardNormal.pair(word: word, angle: angle)
            let square = Double(pair.cosine) * Double(pair.cosine) + Double(pair.sine) * Double(pair.sine)
            let tail = (Double(word >> 1) + 0.5) * 0x1p-31
            #expect((ExactMath.exp(-square / 2) - tail).magnitude <= 5e-5 * tail + 1e-7, "word \(word)")
            let turn = Double.pi / 4 * (1 + (Double(Int16(bitPattern: angle << 2)) + 2) / 0x1p15)
            let (c, s) = (Glibc.cos(turn) * (angle & 0x8000 == 0 ? 1 : -1), Glibc.sin(turn) * (angle & 0x4000 == 0 ? 1 : -1))
            let r = square.squareRoot()
            #expect((Double(pair.cosine) - r * c).magnitude < 4e-6 && (Double(pair.sine) - r * s).magnitude < 4e-6)
        }
    }

    @Test("no two of 4,096 steps share a place, and each place is used once in its superblock")
    func addresses() {
        var places: Set<[Int]> = []
        for step in -1024..<3072 {
            let a = StandardNormal.address(step: step)
            places.insert([Int(a.block), a.word, Int(a.angleBlock), a.angleWord, a.upper ? 1 : 0, a.isSine ? 1 : 0])
        }
        #expect(places.count == 4096)
    }

    @Test("mean, variance, third and fourth moment of 8 million deviates are those of a normal variable, within 5 standard errors")
    func moments() {
        let stream = DrawStream(seed: 7, purpose: .noise, metric: "m")
        var (sum, squares, cubes, fourth, count) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for server in 0..<4096 as Range<UInt32> {
            for z in KernelTests.normals(stream, server: server, first: 300, count: 32) {
                let square = Double(z) * Double(z)
                sum += Double(z)
                squares += square
                cubes += square * Double(z)
                fourth += square * square
                count += 1
            }
        }
        #expect((sum / count).magnitude < 5 * (1 / count).squareRoot())
        #expect((squares / count - 1).magnitude < 5 * (2 / count).squareRoot())
        #expect((cubes / count).magnitude < 5 * (15 / count).squareRoot())
        #expect((fourth / count - 3).magnitude < 5 * (96 / count).squareRoot())
    }
}
