import Core
import Glibc

/// The machine's tz database, a folder of compiled zones.
public struct TimeZoneDatabase: Sendable {
    /// The folder, `/usr/share/zoneinfo` unless told otherwise.
    public let folder: String

    /// - Parameter folder: Where the zones are. Nothing is read yet.
    public init(folder: String = "/usr/share/zoneinfo") { self.folder = folder }

    /// Reads a zone anew from its file.
    ///
    /// - Parameter name: An IANA name such as `Europe/Berlin`. `UTC` needs no file.
    /// - Throws: `.unknownName` with the nearest names, `.unreadable` for a damaged file.
    public func rules(_ name: String) throws(TimeZoneError) -> TimeZoneRules {
        if name == "UTC" { return .utc }
        guard Self.isName(name) else { throw unknown(name) }
        let content: [UInt8]?
        do {
            content = try Self.read(folder + "/" + name)
        } catch {
            throw TimeZoneError(
                .unreadable,
                "Cannot read the time zone \(name) from \(folder): \(String(cString: strerror(error.number))). Check the package tzdata.")
        }
        guard let content else { throw unknown(name) }
        return try TimeZoneRules(name: name, bytes: content)
    }

    /// Letters first in the first part, one to three parts, and none of the names that mean another zone on another machine. No such name
    /// leaves the folder.
    static func isName(_ name: String) -> Bool {
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard 1...3 ~= parts.count, name.utf8.count <= 64, !["posix", "right"].contains(String(parts[0]) ?? "") else { return false }
        guard !["localtime", "posixrules", "Factory"].contains(name), let first = name.utf8.first, isLetter(first) else { return false }
        return parts.allSatisfy { part in
            !part.isEmpty && part.allSatisfy { isLetter($0) || 0x30...0x39 ~= $0 || "_+-".utf8.contains($0) }
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { 0x61...0x7A ~= byte | 0x20 }

    private func unknown(_ name: String) -> TimeZoneError {
        let names = names()
        guard !names.isEmpty else {
            return TimeZoneError(
                .unreadable, "There are no time zones in \(folder), so \(name) cannot be found. Install the package tzdata.")
        }
        let near = Suggestions.nearest(to: name, among: names) ?? city(name, names)
        let remedy = near.map { "Did you mean \($0)?" } ?? "Write an IANA name such as UTC or Europe/Berlin."
        return TimeZoneError(.unknownName, "There is no time zone \(name.prefix(64)). \(remedy)", suggestion: near)
    }

    /// `Berlin` for `Europe/Berlin`.
    private func city(_ name: String, _ names: [String]) -> String? {
        let last = { (name: String) in name.split(separator: "/").last.map(String.init) ?? name }
        let near = Suggestions.nearest(to: last(name), among: names.map(last))
        return near.flatMap { near in names.first { last($0) == near } }
    }

    /// All names, sorted. Empty when there is no database.
    public func names() -> [String] {
        var names: [String] = []
        var folders = [""]
        while let prefix = folders.popLast() {
            for entry in Self.entries(folder + "/" + prefix) where Self.isName(prefix + entry.name) {
                if entry.isFolder {
                    folders.append(prefix + entry.name + "/")
                } else {
                    names.append(prefix + entry.name)
                }
            }
        }
        // Other files have dots in their names, but for these tables of leap seconds.
        return names.filter { $0 != "leapseconds" }.sorted()
    }

    // MARK: System calls

    private struct SystemError: Error { let number: Int32 }

    private static func entries(_ path: String) -> [(name: String, isFolder: Bool)] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var entries: [(name: String, isFolder: Bool)] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            entries.append((name, Int32(entry.pointee.d_type) == Int32(DT_DIR)))
        }
        return entries
    }

    /// The bytes of a file, nil where there is none.
    private static func read(_ path: String) throws(SystemError) -> [UInt8]? {
        // Longer than any zone; what is longer is no zone.
        let limit = 1 << 20
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if [ENOENT, ENOTDIR, ENAMETOOLONG].contains(errno) { return nil }
            throw SystemError(number: errno)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < limit {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // `Europe` is a folder and no zone.
            if count < 0, errno == EISDIR { return nil }
            guard count >= 0 else { throw SystemError(number: errno) }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return bytes
    }
}
