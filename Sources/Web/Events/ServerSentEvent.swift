/// One message of a stream of events (HTML Living Standard, 9.2).
package struct ServerSentEvent: Hashable, Sendable {
    /// What kind it is; a page listens by it.
    var name: String
    /// What a client repeats as `Last-Event-ID` when it comes back.
    var id: String?
    var data: String

    package init(name: String, id: String?, data: String) {
        self.name = name
        self.id = id
        self.data = data
    }

    /// The bytes: a line per member, one `data:` per line of the data, an empty line at the end. A line break in a name or an id would begin
    /// a line of somebody else's, so there is none.
    package var text: String {
        var text = "event: \(Self.oneLine(name))\n"
        if let id { text += "id: \(Self.oneLine(id))\n" }
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r" || $0 == "\r\n" }) {
            text += "data: \(line)\n"
        }
        return text + "\n"
    }

    /// A comment that shows that the stream lives.
    static let heartbeat = ": alive\n\n"

    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
    }
}

/// A place in the stream of changes: which life of the service, and how many changes into it.
package struct StreamPlace: Hashable, Sendable, CustomStringConvertible {
    let life: String
    let revision: Int

    init(life: String, revision: Int) {
        self.life = life
        self.revision = revision
    }

    /// Reads what `description` writes.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count <= 64, parts.count == 2, let revision = Int(parts[1]), revision >= 0 else { return nil }
        self.init(life: String(parts[0]), revision: revision)
    }

    package var description: String { "\(life)-\(revision)" }
}
