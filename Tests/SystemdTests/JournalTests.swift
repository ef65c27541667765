import Glibc
import Logging
import Systemd
import Testing

@Suite("Journal fields")
struct JournalFieldTests {
    @Test(
        "S17: metadata keys become names that journald keeps",
        arguments: [
            ("dataset", "DATASET"), ("run_id", "RUN_ID"), ("config-file", "CONFIG_FILE"), ("a.b c", "A_B_C"), ("_boot_id", "BOOT_ID"),
            ("2nd", "FIELD_2ND"), ("message", "FIELD_MESSAGE"), ("Priority", "FIELD_PRIORITY"), ("caf\u{E9}", "CAF__"), ("", nil),
            ("___", nil), (String(repeating: "x", count: 70), String(repeating: "X", count: 64)),
        ] as [(String, String?)])
    func names(key: String, expected: String?) { #expect(JournalField.name(for: key) == expected) }

    @Test("S17: an entry carries message, priority, kind, place and every metadata key as a field")
    func entry() {
        let logger: Logger.Metadata = ["run_id": "web-1", "dataset": "old"]
        let data: Logger.Metadata = [
            "event": "run-published", "dataset": "web", "rows": .stringConvertible(175_320), "files": ["a.parquet", "b.csv"], "": "lost?",
        ]
        let entry = JournalEntry(LogRecord(event(.notice, "published", data), logger: logger), identifier: "fleetsynth")
        let message = #"published =lost? dataset=web files="[\"a.parquet\", \"b.csv\"]" rows=175320 run_id=web-1"#
        #expect(entry.values("MESSAGE") == [message])
        #expect(entry.values("PRIORITY") == ["5"])
        #expect(entry.values("MESSAGE_ID") == [EventKind.runPublished.messageID])
        #expect(entry.values("SYSLOG_IDENTIFIER") == ["fleetsynth"])
        #expect(entry.values("CODE_FILE") == ["Service/Queue.swift"])
        #expect(entry.values("CODE_LINE") == ["12"])
        #expect(entry.values("CODE_FUNC") == ["start()"])
        #expect(entry.values("EVENT") == ["run-published"])
        #expect(entry.values("DATASET") == ["web"])
        #expect(entry.values("RUN_ID") == ["web-1"])
        #expect(entry.values("ROWS") == ["175320"])
        #expect(entry.values("FILES") == ["a.parquet", "b.csv"])
        #expect(entry.values("OTHER_DATA") == ["=lost?"])
    }

    @Test("S17: the encoding keeps any bytes of a value after the first equals sign")
    func encoding() {
        let entry = JournalEntry(LogRecord(event(.error, "refused", ["text": "a=b\nPRIORITY=0"])), identifier: "x")
        let text = entry.encoded.map { String(decoding: $0, as: UTF8.self) }
        #expect(text.contains("TEXT=a=b\nPRIORITY=0"))
        #expect(text.contains("MESSAGE=refused text=\"a=b\\nPRIORITY=0\""))
        #expect(text.filter { $0.hasPrefix("PRIORITY=") } == ["PRIORITY=3"])
    }

    @Test("S17: levels become syslog priorities")
    func priorities() { #expect(Logger.Level.allCases.map(\.priority) == [7, 7, 6, 5, 4, 3, 2]) }
}

@Suite("Journal log handler")
struct JournalLogHandlerTests {
    private let journal = FakeJournal()
    private let stream = FakeLines()
    private var logger: Logger {
        Logger(label: "t") { [journal, stream] _ in JournalLogHandler(journal: journal, identifier: "fleetsynth", fallback: stream) }
    }

    @Test("S17: entries go to the journal, and not to standard error too")
    func native() {
        logger.warning("overflow", metadata: EventKind.watchOverflow.metadata)
        #expect(journal.entries.all.map { $0.values("MESSAGE_ID") } == [[EventKind.watchOverflow.messageID]])
        #expect(stream.lines.all.isEmpty)
    }

    @Test("S18: while the journal's socket is missing or full, entries are lines with their priority in front")
    func fallback() {
        journal.isUp(false)
        logger.error("refused", metadata: ["config_file": "web.yaml", "event": "config-refused"])
        #expect(stream.lines.all == ["<3>refused config_file=web.yaml"])
    }

    @Test("S20: what nobody could take is counted in the next entry")
    func lostEntries() {
        let logger = logger
        journal.isUp(false)
        stream.isUp(false)
        logger.info("one")
        logger.info("two")
        journal.isUp(true)
        logger.info("three")
        logger.info("four")
        #expect(journal.entries.all.map { $0.values("LOST_ENTRIES") } == [["2"], []])
    }
}

@Suite("Journal socket")
struct JournalSocketTests {
    @Test("S18: no socket, nobody behind it, or a full queue means no room; otherwise there is")
    func room() throws {
        let path = scratchPath("journal")
        #expect(!JournalSocket(path: path).hasRoom)
        #expect(!JournalSocket(path: String(repeating: "x", count: 200)).hasRoom)
        do {
            let peer = try DatagramPeer(path)
            #expect(JournalSocket(path: path).hasRoom)
            try peer.fill()
            #expect(!JournalSocket(path: path).hasRoom)
            _ = peer.receive()
            while peer.receive() != nil {}
            #expect(JournalSocket(path: path).hasRoom)
        }
        #expect(!JournalSocket(path: path).hasRoom)
    }

    @Test("S18: an entry is not sent where there is no room")
    func refused() {
        let entry = JournalEntry(LogRecord(event(.info, "x")), identifier: "x")
        #expect(!JournalSocket(path: scratchPath("no-journal")).send(entry))
    }
}
