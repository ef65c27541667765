import Core
import S3
import Testing

@Suite("Small formats around credentials")
struct TextFormTests {
    @Test(
        "Times are read in the forms that services write",
        arguments: [
            ("2026-01-31T00:00:00Z", epoch), ("2026-01-31T01:00:00.250Z", epoch + 3600), ("2026-01-31T02:00:00+02:00", epoch),
            ("2026-01-30T18:30:00-0530", epoch), ("2026-01-31T00:00:00UTC", epoch), ("1970-01-01 00:00:01Z", 1),
            ("2026-01-31T00:00:00", nil),
            ("2026-02-30T00:00:00Z", nil), ("2026-01-31T24:00:00Z", nil), ("2026-01-31T00:00:00.Z", nil), ("2026-01-31T00:00:00+2", nil),
            ("2026-01-31T00:00:00+02:000", nil), ("2026-01-31T00:00:00+0:200", nil), ("2026-01-31T-1:00:00Z", nil), ("", nil), ("now", nil),
        ])
    func times(text: String, seconds: Int64?) {
        #expect(ServiceTime.seconds(text) == seconds)
    }

    @Test(
        "A command line falls into words without a shell",
        arguments: [
            ("/bin/get keys", ["/bin/get", "keys"]), ("  a\t b  ", ["a", "b"]), (#"a "b c" 'd "e'"#, ["a", "b c", #"d "e"#]),
            (#"a\ b "c\"d" "e\n""#, ["a b", #"c"d"#, #"e\n"#]), (#"'a\b' x"y"z"#, [#"a\b"#, "xyz"]), ("a '' \"\"", ["a", "", ""]),
            ("$(id) `id` * ~ ; | $HOME", ["$(id)", "`id`", "*", "~", ";", "|", "$HOME"]), ("a 'b", nil), ("a \"b", nil), ("a \\", nil),
            ("a\nb", nil), ("a\0", nil), ("", []),
        ])
    func words(text: String, expected: [String]?) {
        #expect(CommandWords.split(text) == expected)
    }

    @Test(
        "A URL has one host, or is none",
        arguments: [
            ("http://127.0.0.1:80/x", "127.0.0.1"), ("HTTPS://Host.Example/x?y", "host.example"), ("http://[::1]:9000", "::1"),
            ("http://[FD00:EC2::23]/", "fd00:ec2::23"), ("http://127.0.0.1@evil.example/", nil), ("http://evil.example\\@127.0.0.1/", nil),
            ("http://127.0.0.1#@evil.example/", nil), ("http://[::1]x/", nil), ("http://::1/", nil), ("http:///x", nil),
            ("ftp://host/", nil),
            ("http://host:0/", nil), ("http://host:65536/", nil), ("http://host:/", nil), ("http://ho st/", nil),
            ("http://h\u{F6}st/", nil),
            ("http://host/\r\nx: y", nil), ("", nil), ("http://", nil), ("host", nil),
        ])
    func hosts(text: String, host: String?) {
        #expect(EndpointURL(text)?.host == host)
    }

    @Test(
        "Only addresses that cannot leave the machine are loopback",
        arguments: [
            ("http://127.0.0.1", true), ("http://127.255.0.9", true), ("http://localhost:1", true), ("http://[::1]", true),
            ("http://[0:0::1]", true), ("http://127.1", false), ("http://0177.0.0.1", false), ("http://localhost.evil.example", false),
            ("http://127.0.0.1.evil.example", false), ("http://[::2]", false), ("http://10.0.0.1", false), ("http://2130706433", false),
        ])
    func loopback(text: String, expected: Bool) {
        #expect(EndpointURL(text)?.isLoopback == expected)
    }

    @Test("An answer of STS is read by place; entities, comments and CDATA are text")
    func xml() {
        let text =
            "<?xml version='1.0'?>\n<!-- c --><A x='>' xmlns:n=\"u\"><n:B>1&amp;2&#x41;&#66;<!-- no --><![CDATA[<3>]]></n:B><C/><B>second</B></A>\n"
        let document = XMLNode(parsing: Array(text.utf8))
        #expect(document?.text(at: "A/B") == "1&2AB<3>")
        #expect(document?.text(at: "A/C") == "")
        #expect(document?.text(at: "A/D") == nil && document?.text(at: "B") == nil)
    }

    @Test(
        "What is not well-formed, or defines entities, is no answer",
        arguments: [
            "", "text", "<a>", "<a></b>", "</a>", "<a/><b/>", "<a>&x;</a>", "<a>&#xD800;</a>", "<a><!DOCTYPE x></a>",
            "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a", "<a b='", "<a><![CDATA[x</a>", "<a><!-- x</a>", "<a>&amp</a>", "x<a/>",
            "<a/>x",
            String(repeating: "<a>", count: 33) + String(repeating: "</a>", count: 33),
        ])
    func badXML(text: String) {
        #expect(XMLNode(parsing: Array(text.utf8)) == nil)
    }

    @Test("Twenty thousand mutated answers and URLs never crash a reader")
    func mutations() {
        let texts = [
            stsXML("AssumeRole", "ASIA", hours: 1), "https://[fd00:ec2::23]:443/path?query=1", "cmd 'a b' \"c\\\"d\" e\\ f",
            "2026-01-31T00:00:00.5+02:00",
        ]
        var random = SeededGenerator(seed: 20)
        for round in 0..<20_000 {
            var bytes = Array(texts[round % texts.count].utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: place)
                default: if bytes.count > 1 { bytes.remove(at: place) }
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            _ = XMLNode(parsing: bytes)?.text(at: "AssumeRoleResponse/AssumeRoleResult/Credentials/AccessKeyId")
            _ = CommandWords.split(text)
            if let url = EndpointURL(text) { #expect(!url.host.isEmpty) }
            _ = ServiceTime.seconds(text)
        }
    }
}
