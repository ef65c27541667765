import Testing
import Web

@Suite("Server-sent events") struct ServerSentEventTests {
    @Test(
        "Lines of the data stay lines of the data",
        arguments: [
            ("{}", "event: a\ndata: {}\n\n"), ("", "event: a\ndata: \n\n"), ("one\ntwo", "event: a\ndata: one\ndata: two\n\n"),
            ("one\r\ntwo\rthree\n", "event: a\ndata: one\ndata: two\ndata: three\ndata: \n\n"),
            ("x\n\nevent: b\ndata: forged", "event: a\ndata: x\ndata: \ndata: event: b\ndata: data: forged\n\n"),
        ])
    func data(_ data: String, _ text: String) {
        #expect(ServerSentEvent(name: "a", id: nil, data: data).text == text)
    }

    @Test("A name and an id are one line")
    func oneLine() {
        #expect(ServerSentEvent(name: "a\nid: 9", id: "1\u{0}\r\n2", data: "x").text == "event: a id: 9\nid: 1   2\ndata: x\n\n")
    }

    @Test(
        "A place reads back, and nothing else is one",
        arguments: [("k2-7", true), ("-0", true), ("k2", false), ("k2-", false), ("k2--7", false), ("k2-x", false), ("", false)])
    func place(_ text: String, _ isPlace: Bool) {
        #expect((StreamPlace(text)?.description == text) == isPlace)
    }
}
