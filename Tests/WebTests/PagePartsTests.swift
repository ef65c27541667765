import Core
import Testing
import Web

@Suite("Parts of the pages") struct PagePartsTests {
    @Test(
        "Sizes have two or three digits",
        arguments: [
            (UInt64(0), "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9949, "9.9 kB"), (9950, "10 kB"), (999_499, "999 kB"),
            (999_500, "1.0 MB"), (4_200_000, "4.2 MB"), (123_456_789_012, "123 GB"), (UInt64.max, "18447 PB"),
        ])
    func sizes(_ bytes: UInt64, _ text: String) {
        #expect(Words.size(bytes) == text)
    }

    @Test("The date is that of HTTP", arguments: [(784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT")])
    func date(_ seconds: Int64, _ text: String) {
        #expect(HTTPDate.text(Moment(secondsSince1970: seconds)) == text)
    }

    @Test("A line in miniature spans its picture, high values above")
    func spark() throws {
        let line = try #require(Sparkline("cpu_p95", [40, 50, 45]))
        #expect(line.lines == ["2,26 60,2 118,14"])
        #expect(line.label == "cpu_p95: mean between 40 and 50")
    }

    @Test("A gap is a gap, and what is flat is in the middle")
    func gaps() throws {
        #expect(try #require(Sparkline("m", [1, 2, nil, 1, 2])).lines.count == 2)
        #expect(try #require(Sparkline("m", [-3, -3])).lines == ["2,14 118,14"])
        #expect(Sparkline("m", [1]) == nil && Sparkline("m", []) == nil && Sparkline("m", [nil, .nan, 1]) == nil)
    }
}
