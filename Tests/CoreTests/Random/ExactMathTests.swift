import Core
import Glibc
import Testing

@Suite("Exact math")
struct ExactMathTests {
    static let points = stride(from: -40.0, through: 40.0, by: 0.37).map { $0 }

    @Test("log and exp agree with the C library to a few units in the last place")
    func logAndExp() {
        for x in Self.points {
            let value = Glibc.exp(x)
            #expect((ExactMath.exp(x) / value - 1).magnitude < 2e-15)
            #expect((ExactMath.log(value) - Glibc.log(value)).magnitude <= 4e-16 * max(1, x.magnitude))
        }
    }

    @Test("sine of a phase in turns agrees with the C library and is exact at quarters")
    func sine() {
        for x in Self.points { #expect((ExactMath.sinTurns(x) - Glibc.sin(2 * Double.pi * x)).magnitude < 3e-14) }
        #expect([0, 0.25, 0.5, 0.75, 1].map(ExactMath.sinTurns) == [0, 1, 0, -1, 0])
    }

    @Test("the normal distribution function agrees with the C library's erfc")
    func normalCDF() {
        for x in Self.points {
            #expect((ExactMath.normalCDF(x / 4) - 0.5 * Glibc.erfc(-x / 4 / 2.0.squareRoot())).magnitude < 1e-14)
        }
        #expect(ExactMath.normalCDF(-100) == 0 && ExactMath.normalCDF(100) == 1 && ExactMath.normalCDF(0) == 0.5)
        #expect((ExactMath.normalCDF(-6) / (0.5 * Glibc.erfc(6 / 2.0.squareRoot())) - 1).magnitude < 1e-12)
    }

    @Test("powers are exact for whole exponents and agree with the C library between")
    func power() {
        #expect(ExactMath.power(1.5, 3) == 3.375)
        #expect(ExactMath.power(1.5, -1) == 1 / 1.5)
        #expect(ExactMath.power(2, 0) == 1)
        for x in Self.points { #expect((ExactMath.power(1.1, x) / Glibc.pow(1.1, x) - 1).magnitude < 1e-13) }
    }
}
