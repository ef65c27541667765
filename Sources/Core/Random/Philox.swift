/// Philox4x32-10: a counter-based generator, four 32-bit words for each (counter, key).
///
/// The plain form: the oracle of the vector form in `Kernels`, and the one used where single draws are needed.
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11; known answers from Random123.
public enum Philox {
    /// - Parameters:
    ///   - counter: Four words; their meaning is that of `DrawAddress`.
    ///   - key: The seed.
    /// - Returns: Four independent uniform words.
    /// - Complexity: 20 multiplications.
    public static func block(_ counter: SIMD4<UInt32>, key: UInt64) -> SIMD4<UInt32> {
        var c = counter
        var k0 = UInt32(truncatingIfNeeded: key)
        var k1 = UInt32(truncatingIfNeeded: key >> 32)
        for _ in 0..<10 {
            let p0 = (0xD251_1F53 as UInt32).multipliedFullWidth(by: c[0])
            let p1 = (0xCD9E_8D57 as UInt32).multipliedFullWidth(by: c[2])
            c = SIMD4(p1.high ^ c[1] ^ k0, p1.low, p0.high ^ c[3] ^ k1, p0.low)
            k0 &+= 0x9E37_79B9
            k1 &+= 0xBB67_AE85
        }
        return c
    }
}
