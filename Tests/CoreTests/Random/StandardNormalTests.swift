import Core
import Testing

@Suite("Standard normal deviates")
struct StandardNormalTests {
    @Test("the kernel gives the plain twin's bits, also before 1970", arguments: [0, 1, 590, 100_000, -1, -7, -40_000])
    func kernelEqualsTwin(first: Int) {
        for server in [0, 1, 77, 4_000_000_000] as [UInt32] {
            let stream = DrawStream(seed: 0xDEAD_BEEF_0123_4567, purpose: .noise, metric: "cpu_p95")
            let floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: 3 * StandardNormal.superblock)
            defer { floats.deallocate() }
            StandardNormal.fill(floats, stream: stream, server: server, first: first, count: 3)
            for index in floats.indices {
                let address = StandardNormal.address(step: first * StandardNormal.superblock + index)
                let twin = StandardNormal.deviate(stream.words(server: server, block: address.block)[address.word])
                #expect(floats[index].bitPattern == twin.bitPattern)
            }
        }
    }

    @Test("the tail probability of a deviate is that of its word, within 2e-5 of it")
    func accuracy() {
        var word: UInt32 = 1
        var tested = 0
        // A stride of odd size visits the whole range of words, the last steps the far tail.
        let words =
            (0..<20_000).map { _ -> UInt32 in
                word = word &+ 2_654_435_761
                return word
            } + (0..<64).flatMap { [(UInt32(1) << 31) >> ($0 % 31), UInt32($0)] }
        for word in words {
            let tail = (Double(word >> 1) + 0.5) / 0x1p31
            let z = Double(StandardNormal.deviate(word))
            let realised = 2 * ExactMath.normalCDF(-z.magnitude)
            #expect((realised - tail).magnitude <= 2e-5 * tail, "word \(word)")
            #expect((z < 0) == (word & 1 == 1) || z == 0)
            tested += 1
        }
        #expect(tested > 20_000)
    }

    @Test("mean, variance and fourth moment of 8 million deviates are those of a normal variable, within 5 standard errors")
    func moments() {
        let stream = DrawStream(seed: 7, purpose: .noise, metric: "m")
        let floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: 64 * StandardNormal.superblock)
        defer { floats.deallocate() }
        var (sum, squares, fourth, count) = (0.0, 0.0, 0.0, 0.0)
        for server in 0..<4096 as Range<UInt32> {
            StandardNormal.fill(floats, stream: stream, server: server, first: 500, count: 64)
            for z in floats {
                let square = Double(z) * Double(z)
                sum += Double(z)
                squares += square
                fourth += square * square
                count += 1
            }
        }
        #expect((sum / count).magnitude < 5 * (1 / count).squareRoot())
        #expect((squares / count - 1).magnitude < 5 * (2 / count).squareRoot())
        #expect((fourth / count - 3).magnitude < 5 * (96 / count).squareRoot())
    }
}
