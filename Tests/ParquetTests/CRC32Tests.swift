import Parquet
import Testing

@Suite("CRC-32")
struct CRC32Tests {
    @Test(
        "Known answers",
        arguments: [
            ("", 0), ("a", 0xE8B7_BE43), ("abc", 0x3524_41C2), ("123456789", 0xCBF4_3926),
            ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
        ] as [(String, UInt32)])
    func knownAnswers(text: String, expected: UInt32) {
        #expect(checksum(Array(text.utf8)) == expected)
    }

    @Test(
        "Equals the bit-by-bit checksum around every block border of the fast ways",
        arguments: [1, 15, 16, 17, 31, 4799, 4800, 4801, 4807, 4808, 7200, 12_287, 14_687, 14_688, 14_689, 14_696, 26_976, 100_003])
    func equalsTheTwin(count: Int) {
        var noise = Noise(seed: UInt64(count))
        let bytes = noise.bytes(count + 1)
        #expect(checksum(bytes.dropLast()) == twin(bytes.dropLast()))
        // A start that is not aligned.
        #expect(checksum(bytes.dropFirst()) == twin(bytes.dropFirst()))
    }

    @Test("Any flipped bit of a long page changes the checksum")
    func flips() {
        var noise = Noise(seed: 1)
        var bytes = noise.bytes(20_000)
        let before = checksum(bytes)
        for position in stride(from: 0, to: bytes.count, by: 61) {
            bytes[position] ^= 0x08
            #expect(checksum(bytes) != before)
            bytes[position] ^= 0x08
        }
    }

    @Test("The polynomial of the folding taps is a multiple of the CRC's")
    func multiple() {
        let top = CRC32.taps.max() ?? 0
        // Coefficients of x^top + ... + 1, highest first, divided by hand.
        var coefficients = [Bool](repeating: false, count: top + 1)
        for tap in [0] + CRC32.taps { coefficients[tap] = true }
        let divisor = (0...32).map { 0x1_04C1_1DB7 >> (32 - $0) & 1 == 1 }
        for start in 0...(top - 32) where coefficients[start] {
            for (offset, bit) in divisor.enumerated() where bit { coefficients[start + offset].toggle() }
        }
        #expect(coefficients.allSatisfy { !$0 })
    }

    private func checksum(_ bytes: some Collection<UInt8>) -> UInt32 {
        Array(bytes).withUnsafeBytes { CRC32.checksum($0) }
    }

    private func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.withUnsafeBytes { CRC32.checksum($0) }
    }

    private func twin(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var crc = ~UInt32(0)
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
