import Glibc
import Systemd
import Testing

/// The catalog as journalctl reads it: entries start with `-- ` and an id, then headers, a blank line and text.
private struct Catalog {
    var entries: [(id: String, subject: String, body: String)] = []

    init() throws {
        let path = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let file = try #require(fopen("/\(path)/systemd/fleetsynth.catalog", "r"))
        defer { fclose(file) }
        var isHeader = false
        var buffer = [CChar](repeating: 0, count: 1024)
        while fgets(&buffer, Int32(buffer.count), file) != nil {
            let line = String(decoding: buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if line.hasPrefix("-- ") {
                entries.append((String(line.dropFirst(3)), "", ""))
                isHeader = true
            } else if let last = entries.indices.last {
                if line.isEmpty { isHeader = false }
                if isHeader, line.hasPrefix("Subject: ") { entries[last].subject = String(line.dropFirst(9)) }
                if !isHeader { entries[last].body += line + "\n" }
            }
        }
    }
}

@Suite("Message catalog")
struct CatalogTests {
    @Test("S19: every kind of event has one entry, and every entry is a kind of event")
    func bothWays() throws {
        let ids = try Catalog().entries.map(\.id)
        #expect(ids.sorted() == EventKind.allCases.map(\.messageID).sorted())
    }

    @Test("S19: every entry has a subject, says what it means and what to do")
    func complete() throws {
        for entry in try Catalog().entries {
            #expect(!entry.subject.isEmpty, "\(entry.id)")
            #expect(entry.body.contains("Meaning: "), "\(entry.id)")
            #expect(entry.body.contains("What to do: "), "\(entry.id)")
        }
    }

    @Test("S17: ids are 128 bits in lower-case hexadecimal and differ")
    func ids() {
        let ids = EventKind.allCases.map(\.messageID)
        #expect(Set(ids).count == ids.count)
        for id in ids { #expect(id.utf8.count == 32 && id.allSatisfy { $0.isHexDigit && !$0.isUppercase }, "\(id)") }
    }

    @Test("S17: ids are fixed for ever: a change breaks everybody's filters")
    func pinned() {
        #expect(EventKind.runPublished.messageID == "009103d0263e4abf950632712f05d24d")
        #expect(EventKind.configRefused.messageID == "15fd326fff584e4cbe1d6669e1146243")
    }
}
