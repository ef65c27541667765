import Core
import Testing

@Suite("Noise: shapes, memory and mixing")
struct NoiseTests {
    /// Mean of a function of a standard normal deviate, by the trapezoidal rule.
    static func mean(_ f: (Double) -> Double) -> Double {
        (-320...320).reduce(0.0) { sum, index in
            let z = Double(index) / 32
            return sum + f(z) * ExactMath.normalDensity(z) / 32
        }
    }

    static func law(
        halfLife: Int64? = nil, slow: (share: Double, halfLife: Int64)? = nil, skewness: Double = 0, kurtosis: Double = 0
    ) -> NoiseLaw {
        var spec = NoiseSpec.plain
        (spec.halfLife, spec.skewness, spec.kurtosis) = (halfLife, skewness, kurtosis)
        if let slow { (spec.slowShare, spec.slowHalfLife) = (slow.share, slow.halfLife) }
        return NoiseLaw(spec, stepSeconds: 1)
    }

    // MARK: Shapes

    @Test("a cubic has mean 0, variance 1 and the skewness and kurtosis asked for", arguments: [-2, -1, -0.3, 0, 0.5, 1.2, 2])
    func moments(skewness: Double) {
        let least = max(0, NoiseShape.leastKurtosis(skewness: skewness))
        for kurtosis in [least, least + 0.01, least + 1, 10, 20] {
            let shape = NoiseShape(skewness: skewness, kurtosis: kurtosis)
            #expect(Self.mean { shape($0) }.magnitude < 1e-9)
            #expect((Self.mean { shape($0) * shape($0) } - 1).magnitude < 1e-9)
            #expect((Self.mean { shape($0) * shape($0) * shape($0) } - skewness).magnitude < 1e-8)
            let fourth = Self.mean { z in shape(z) * shape(z) * shape(z) * shape(z) }
            #expect((fourth - 3 - kurtosis).magnitude < 1e-7)
        }
        #expect(NoiseShape(skewness: 0, kurtosis: 0) == .normal)
    }

    @Test("deviates are correlated so that the cubics are as asked for, or the farthest is named")
    func cubicCorrelation() throws {
        let shapes = [
            NoiseShape.normal, NoiseShape(skewness: 1.5, kurtosis: 4), NoiseShape(skewness: -1, kurtosis: 3),
            NoiseShape(skewness: 0, kurtosis: 20),
        ]
        for a in shapes {
            for b in shapes {
                for wanted in [-0.4, 0.1, 0.6] {
                    let (rho, _) = a.deviates(b, correlation: wanted)
                    #expect((a.correlation(b, deviates: try #require(rho)) - wanted).magnitude < 1e-12)
                }
            }
        }
        let (none, most) = shapes[1].deviates(shapes[2], correlation: 0.99)
        #expect(none == nil && most > 0.5 && most < 0.99)
        // Quadrature over pairs agrees with the Hermite coefficients.
        let rho = 0.5
        let product = Self.mean { x in Self.mean { y in shapes[1](x) * shapes[2](rho * x + 0.75.squareRoot() * y) } }
        #expect((product - shapes[1].correlation(shapes[2], deviates: rho)).magnitude < 1e-9)
    }

    // MARK: Memory

    @Test("a memory forgets half in its half-life, and leads are long enough", arguments: [0.2, 1, 4.5, 48, 308])
    func memory(halfLife: Double) {
        let memory = NoiseMemory(halfLife: halfLife)
        #expect((ExactMath.power(memory.phi, 100 * halfLife) - ExactMath.power(0.5, 100)).magnitude < 1e-40)
        #expect(
            memory.lead % 64 == 0 && memory.block % 64 == 0 && memory.lead <= NoiseMemory.longestLead && memory.block >= 2 * memory.lead)
        #expect(ExactMath.power(memory.phi, Double(memory.lead)) <= 1.0001e-4)
        #expect((memory.scale * memory.scale + memory.phi * memory.phi - 1).magnitude < 1e-15)
    }

    @Test(
        "the weights between nodes keep the variance, and nodes are at most an eighth of the half-life apart",
        arguments: [8, 15, 16, 100, 1000, 19_000])
    func slowWeights(halfLife: Double) {
        let slow = SlowNoise(halfLife: halfLife, share: 1)
        #expect(Double(1 << slow.shift) <= halfLife / 8 && slow.shift <= 6)
        for (before, after) in SlowNoise.weights(shift: slow.shift, phi: slow.memory.phi) {
            #expect((before * before + after * after + 2 * before * after * slow.memory.phi - 1).magnitude < 1e-12)
        }
    }

    static func cells(_ source: NoiseSource, _ steps: Range<Int>, server: UInt32) -> [Float] {
        let scratch = NoiseScratch()
        return [Float](unsafeUninitializedCapacity: steps.count) { buffer, count in
            source.fill(buffer.baseAddress.unsafelyUnwrapped, server: server, over: steps, scratch: scratch)
            count = steps.count
        }
    }

    static let laws = [
        law(halfLife: 5), law(halfLife: 100, skewness: 1, kurtosis: 3), law(slow: (0.4, 30)),
        law(halfLife: 3, slow: (0.5, 700), kurtosis: 2),
        law(skewness: 0.5, kurtosis: 1),
    ]

    @Test("a step's noise does not depend on the steps made with it", arguments: laws.indices)
    func addressed(index: Int) {
        let parts = [NoiseMixing.Part(metric: "a", weight: 0.6), NoiseMixing.Part(metric: "m", weight: 0.8)]
        let source = NoiseSource(metric: "m", seed: 9, law: Self.laws[index], parts: parts)
        let whole = Self.cells(source, -1280..<2560, server: 4)
        for part in [-1280 ..< -1216, -64..<64, 192..<320, 960..<1152, 2496..<2560] {
            #expect(
                Self.cells(source, part, server: 4).map(\.bitPattern)
                    == whole[(part.lowerBound + 1280)..<(part.upperBound + 1280)].map(\.bitPattern))
        }
        #expect(Self.cells(source, 0..<64, server: 5) != Self.cells(source, 0..<64, server: 4))
    }

    @Test("all autocorrelations at once are those of each lag, and those of the nodes' weights", arguments: laws.indices)
    func autocorrelations(index: Int) {
        let law = Self.laws[index]
        let found = law.autocorrelations(upTo: 300)
        #expect(found.count == 301 && found[0] == 1 && law.autocorrelations(upTo: 0) == [1])
        for (lag, value) in found.enumerated() {
            #expect((value - law.autocorrelation(lag)).magnitude < 1e-12)
            // Each place of an early step, with the nodes around it and around its partner.
            var slow = 0.0
            if let own = law.slow {
                let (phi, weights) = (own.memory.phi, SlowNoise.weights(shift: own.shift, phi: own.memory.phi))
                for (place, early) in weights.enumerated() {
                    let (late, nodes) = (weights[(place + lag) % weights.count], (place + lag) / weights.count)
                    for (first, a) in [(0, early.before), (1, early.after)] {
                        for (second, b) in [(nodes, late.before), (nodes + 1, late.after)] {
                            slow += a * b * ExactMath.power(phi, Double(abs(second - first))) / Double(weights.count)
                        }
                    }
                }
            }
            let fast = law.memory.map { ExactMath.power($0.phi, Double(lag)) } ?? (lag == 0 ? 1 : 0)
            #expect((value - (1 - law.slowShare) * fast - law.slowShare * slow).magnitude < 1e-12)
        }
    }

    @Test("noise has unit variance everywhere, the autocorrelations of its law, and no seams", arguments: laws.indices)
    func statistics(index: Int) {
        let law = Self.laws[index]
        let source = NoiseSource(metric: "m", seed: 2, law: law, parts: nil)
        let (servers, steps) = (2000, 640)
        let rows = (0..<servers).map { Self.cells(source, 0..<steps, server: UInt32($0)).map(Double.init) }
        let sigmas = 5.0
        // Over servers, which are independent: at the seams (multiples of 64) as elsewhere.
        let excess = law.kurtosis(innovations: [0, 3, 0, 2, 1][index])
        for step in [0, 1, 63, 64, 255, 256, 257, 511, 512, 513, 639] {
            let square = rows.reduce(0) { $0 + $1[step] * $1[step] } / Double(servers)
            #expect((square - 1).magnitude < sigmas * ((2 + excess) / Double(servers)).squareRoot() * 1.5, "variance at \(step)")
            guard step > 0 else { continue }
            let product = rows.reduce(0) { $0 + $1[step] * $1[step - 1] } / Double(servers)
            #expect(
                (product - law.autocorrelation(1)).magnitude < sigmas * ((2 + excess) / Double(servers)).squareRoot() + 0.02,
                "lag 1 at \(step)")
        }
        for lag in [1, 2, 5, 30, 100] {
            var sum = 0.0
            for row in rows { for step in lag..<steps { sum += row[step] * row[step - lag] } }
            let found = sum / Double(servers * (steps - lag))
            #expect((found - law.autocorrelation(lag)).magnitude < 0.04, "lag \(lag)")
        }
    }

    // MARK: Mixing

    static func eigenvalue(_ values: [[Double]]) -> SymmetricMatrix {
        var matrix = SymmetricMatrix(identity: values.count)
        for (i, row) in values.enumerated() { for (j, value) in row.enumerated() { matrix[i, j] = value } }
        return matrix
    }

    @Test("eigenvalues and triangles of matrices whose answers are known")
    func matrices() throws {
        #expect((Self.eigenvalue([[1], [0.6, 1]]).smallestEigenvalue - 0.4).magnitude < 1e-14)
        // All correlations r: 1 - r and 1 + (n - 1) r.
        let n = 12
        let equal = (0..<n).map { i in (0...i).map { $0 == i ? 1.0 : -0.05 } }
        #expect((Self.eigenvalue(equal).smallestEigenvalue - (1 - 11 * 0.05)).magnitude < 1e-13)
        let rows = try #require(Self.eigenvalue(equal).choleskyRows)
        for i in 0..<n {
            for j in 0...i {
                let product = (0...j).reduce(0.0) { $0 + rows[i][$1] * rows[j][$1] }
                #expect((product - equal[i][j]).magnitude < 1e-14)
            }
        }
        #expect(Self.eigenvalue([[1], [0.9, 1], [-0.9, 0.9, 1]]).choleskyRows == nil)
    }

    @Test("mixing depends on the metrics of a group and their names alone, and gives the correlations asked for")
    func groups() throws {
        let laws = [
            "a": Self.laws[0], "b": Self.law(halfLife: 8, skewness: 1, kurtosis: 3), "c": Self.law(halfLife: 3, slow: (0.2, 50)),
            "x": Self.law(), "y": Self.law(),
        ]
        let group = [NoiseCorrelation("b", "a", 0.4), NoiseCorrelation("b", "c", -0.3)]
        let alone = try NoiseMixing(group, laws: laws, repairs: false)
        let both = try NoiseMixing([NoiseCorrelation("y", "x", 0.9)] + group.reversed(), laws: laws, repairs: false)
        for name in ["a", "b", "c"] { #expect(alone.parts[name] == both.parts[name]) }
        #expect(alone.parts["x"] == nil && alone.parts["a"]?.count == 1 && both.parts["y"]?.map(\.metric) == ["x", "y"])
        #expect(both.realised == [NoiseCorrelation("a", "b", 0.4), NoiseCorrelation("b", "c", -0.3), NoiseCorrelation("x", "y", 0.9)])
        // As it appears: measured over servers and steps.
        var sums: [String: Double] = [:]
        let (servers, steps) = (1500, 640)
        for server in 0..<servers {
            let rows = Dictionary(
                uniqueKeysWithValues: ["a", "b", "c"].map { name in
                    (
                        name,
                        Self.cells(
                            NoiseSource(metric: name, seed: 1, law: laws[name] ?? Self.law(), parts: alone.parts[name]), 0..<steps,
                            server: UInt32(server))
                    )
                })
            for (first, second) in [("a", "b"), ("b", "c"), ("a", "c")] {
                guard let x = rows[first], let y = rows[second] else { continue }
                sums[first + second, default: 0] += zip(x, y).reduce(0) { $0 + Double($1.0 * $1.1) } / Double(servers * steps)
            }
        }
        #expect(
            ((sums["ab"] ?? 9) - 0.4).magnitude < 0.02 && ((sums["bc"] ?? 9) + 0.3).magnitude < 0.02 && (sums["ac"] ?? 9).magnitude < 0.02)
    }

    @Test("what cannot hold together is refused with its eigenvalue, and repaired by the least factor on request")
    func repair() throws {
        let laws = ["a": Self.law(), "b": Self.law(), "c": Self.law()]
        let pairs = [NoiseCorrelation("a", "b", 0.9), NoiseCorrelation("b", "c", 0.9), NoiseCorrelation("a", "c", -0.9)]
        let refusal = #expect(throws: NoiseMixing.Refusal.self) { try NoiseMixing(pairs, laws: laws, repairs: false) }
        guard case .matrix(["a", "b", "c"], let asked, _) = refusal else {
            Issue.record("another refusal: \(String(describing: refusal))")
            return
        }
        #expect((asked + 0.8).magnitude < 1e-9)
        let repaired = try NoiseMixing(pairs, laws: laws, repairs: true)
        // 1 - 1.8 t is 0 at t = 1/1.8.
        for (pair, own) in zip(pairs.map(\.value).sorted(), repaired.realised.map(\.value).sorted()) {
            #expect((own - pair / 1.8).magnitude < 1e-3)
        }
        #expect(throws: NoiseMixing.Refusal.self) {
            try NoiseMixing(
                [NoiseCorrelation("a", "b", 0.9)], laws: ["a": Self.law(halfLife: 2), "b": Self.law(halfLife: 200)], repairs: false)
        }
    }

    // MARK: The rest

    @Test("saturation keeps order, keeps the middle, and never reaches the bounds", arguments: [0.05, 0.5])
    func saturation(share: Double) throws {
        var metric = Specs.metric("m")
        metric.noise.saturation = share
        let saturation = try #require(Saturation(metric))
        var last = -Double.infinity
        for index in -4000...8000 {
            let x = Double(index) / 40
            let y = saturation(x)
            #expect(y > last && y > metric.minClip && y < metric.maxClip)
            if x >= saturation.lower, x <= saturation.upper { #expect(y == x) }
            last = y
        }
        metric.noise.saturation = 0
        #expect(Saturation(metric) == nil)
    }
}
