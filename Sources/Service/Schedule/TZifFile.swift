import Core

/// The content of a compiled time zone, RFC 8536.
///
/// ```
/// version 1 block (32-bit times)   version 2+ block (64-bit times)   "\n" footer "\n"
/// block = header(44) times type-indices types(6 each) names leap-seconds flags
/// ```
struct TZifFile {
    /// The instants at which the offset may change, ascending, with the offset from then on.
    let changes: [(at: Int64, offset: Int)]
    /// The offset before the first of them.
    let initialOffset: Int
    /// What holds after the last of them.
    let rule: PosixTimeZone?

    init(name: String, bytes: [UInt8]) throws(TimeZoneError) {
        var reader = Reader(name: name, bytes: bytes[...])
        var header = try reader.header()
        var timeSize = 4
        if header.version >= UInt8(ascii: "2") {
            try reader.skip(header.size(timeSize: 4))
            header = try reader.header()
            timeSize = 8
        }
        guard header.types > 0 else { throw reader.damaged("no types") }
        guard header.leapSeconds == 0 else {
            throw reader.damaged("leap seconds, which Unix time does not count; use the zone of the same name without right/")
        }
        var times: [Int64] = []
        for _ in 0..<header.times { times.append(try reader.integer(timeSize)) }
        guard zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) else { throw reader.damaged("times out of order") }
        var indices: [Int] = []
        for _ in 0..<header.times { indices.append(Int(try reader.integer(1))) }
        var offsets: [Int] = []
        for _ in 0..<header.types {
            let offset = Int(try reader.integer(4))
            guard abs(offset) < 26 * 3_600 else { throw reader.damaged("an offset of \(offset) seconds") }
            offsets.append(offset)
            try reader.skip(2)
        }
        var changes: [(at: Int64, offset: Int)] = []
        for (time, index) in zip(times, indices) {
            guard offsets.indices.contains(index) else { throw reader.damaged("a type that is not there") }
            changes.append((time, offsets[index]))
        }
        self.changes = changes
        initialOffset = offsets[0]
        try reader.skip(header.names + header.flags)
        rule = timeSize == 8 ? try reader.footer() : nil
    }
}

private struct Header {
    let version: UInt8
    let flags: Int
    let leapSeconds: Int
    let times: Int
    let types: Int
    let names: Int

    func size(timeSize: Int) -> Int { times * (timeSize + 1) + types * 6 + names + leapSeconds * (timeSize + 4) + flags }
}

private struct Reader {
    let name: String
    var bytes: ArraySlice<UInt8>

    func damaged(_ found: String) -> TimeZoneError {
        TimeZoneError(.unreadable, "The data of the time zone \(name) are damaged: they have \(found). Reinstall the package tzdata.")
    }

    mutating func take(_ count: Int) throws(TimeZoneError) -> ArraySlice<UInt8> {
        guard count <= bytes.count else { throw damaged("too few bytes") }
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count)
    }

    mutating func skip(_ count: Int) throws(TimeZoneError) { _ = try take(count) }

    /// A big-endian number: 1 byte without sign, 4 and 8 bytes with.
    mutating func integer(_ size: Int) throws(TimeZoneError) -> Int64 {
        var value: UInt64 = 0
        for byte in try take(size) { value = value << 8 | UInt64(byte) }
        return size == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
    }

    mutating func header() throws(TimeZoneError) -> Header {
        guard try take(4).elementsEqual("TZif".utf8) else { throw damaged("another format") }
        let version = UInt8(truncatingIfNeeded: try integer(1))
        try skip(15)
        var counts: [Int] = []
        for _ in 0..<6 {
            let count = try integer(4)
            // No real zone comes near; more could only be meant to exhaust memory.
            guard 0...65_536 ~= count else { throw damaged("a count of \(count)") }
            counts.append(Int(count))
        }
        return Header(
            version: version, flags: counts[0] + counts[1], leapSeconds: counts[2], times: counts[3], types: counts[4], names: counts[5])
    }

    mutating func footer() throws(TimeZoneError) -> PosixTimeZone? {
        guard try take(1).first == 0x0A, let end = bytes.firstIndex(of: 0x0A) else { throw damaged("no footer") }
        let text = String(decoding: bytes[..<end], as: UTF8.self)
        if text.isEmpty { return nil }
        guard let rule = PosixTimeZone(text) else { throw damaged("the footer \(text)") }
        return rule
    }
}
