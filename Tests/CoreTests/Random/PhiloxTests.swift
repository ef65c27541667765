import Core
import Testing

@Suite("Philox4x32-10")
struct PhiloxTests {
    /// Random123's `kat_vectors`, philox4x32 with 10 rounds.
    static let knownAnswers: [(SIMD4<UInt32>, UInt64, SIMD4<UInt32>)] = [
        (SIMD4(0, 0, 0, 0), 0, SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)),
        (
            SIMD4(repeating: 0xffff_ffff), 0xffff_ffff_ffff_ffff,
            SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
        ),
        (
            SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), 0x299f_31d0_a409_3822,
            SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
        ),
    ]

    @Test("gives Random123's known answers", arguments: knownAnswers.indices)
    func knownAnswer(index: Int) {
        let (counter, key, expected) = Self.knownAnswers[index]
        #expect(Philox.block(counter, key: key) == expected)
    }

    @Test("every purpose and metric has a stream of its own")
    func streams() {
        var streams: Set<UInt64> = []
        for purpose in DrawPurpose.allCases {
            for metric in 0..<500 { streams.insert(DrawStream(seed: 1, purpose: purpose, metric: "metric_\(metric)").stream) }
        }
        #expect(streams.count == DrawPurpose.allCases.count * 500)
    }
}
