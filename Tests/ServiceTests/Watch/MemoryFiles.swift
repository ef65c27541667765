import Core
import Glibc
import Service
import Synchronization

/// A file system in memory, with links and refusals.
final class MemoryFiles: WatchFileSystem {
    enum Node {
        case file([UInt8])
        case folder
        case link(String)
        case pipe
        /// A file that may be seen and not read.
        case refusing(Int32)
    }

    private struct State {
        var nodes: [String: (node: Node, identity: UInt64)] = ["/": (.folder, 1)]
        var last: UInt64 = 1
        /// Called before the file of that path is read.
        var beforeRead: [String: @Sendable (MemoryFiles) -> Void] = [:]
    }

    private let state = Mutex(State())

    subscript(path: String) -> Node? {
        get { state.withLock { $0.nodes[path]?.node } }
        set {
            state.withLock { state in
                guard let newValue else {
                    state.nodes = state.nodes.filter { $0.key != path && !$0.key.hasPrefix(path + "/") }
                    return
                }
                if case .file = newValue, case .file = state.nodes[path]?.node {
                    state.nodes[path]?.node = newValue
                    return
                }
                state.last += 1
                state.nodes[path] = (newValue, state.last)
            }
        }
    }

    func put(_ path: String, _ text: String) { self[path] = .file(Array(text.utf8)) }

    func beforeReading(_ path: String, _ body: @escaping @Sendable (MemoryFiles) -> Void) {
        state.withLock { $0.beforeRead[path] = body }
    }

    func status(of path: String) throws(WatchFailure) -> FileStatus? {
        guard let (node, identity) = state.withLock({ $0.nodes[path] }) else { return nil }
        let identities = FileIdentity(device: 1, inode: identity)
        return switch node {
        case .file(let bytes): FileStatus(kind: .regular, identity: identities, size: Int64(bytes.count))
        case .refusing: FileStatus(kind: .regular, identity: identities, size: 1)
        case .folder: FileStatus(kind: .directory, identity: identities, size: 0)
        case .link: FileStatus(kind: .link, identity: identities, size: 0)
        case .pipe: FileStatus(kind: .other, identity: identities, size: 0)
        }
    }

    func target(of path: String) throws(WatchFailure) -> String {
        guard case .link(let target) = self[path] else { throw WatchFailure(code: EINVAL, action: "read the link \(path)") }
        return target
    }

    func names(in directory: String) throws(WatchFailure) -> [String] {
        if case .refusing(let code) = self[directory + "/."] { throw WatchFailure(code: code, action: "list \(directory)") }
        return state.withLock { state in
            state.nodes.keys.filter { $0.hasPrefix(directory + "/") }.map { String($0.dropFirst(directory.count + 1)) }
                .filter { !$0.contains("/") && $0 != "." }
        }
    }

    func read(_ path: String) throws(ConfigFileError) -> [UInt8] {
        if let body = state.withLock({ $0.beforeRead[path] }) { body(self) }
        switch self[path] {
        case .file(let bytes): return bytes
        case .link(let target) where target.hasPrefix("/"): return try read(target)
        case .refusing(let code): throw ConfigFileError(code: .unreadable(code), path: path)
        case nil: throw ConfigFileError(code: .missing, path: path)
        default: throw ConfigFileError(code: .notRegular, path: path)
        }
    }
}

/// What a source of events is told, and what it tells.
final class SourceScript: Sendable {
    struct State {
        var events: [InotifyEvent] = []
        /// Watched directories of the newest instance, by number.
        var watches: [Int32: String] = [:]
        var openError: WatchFailure?
        var watchErrors: [String: Int32] = [:]
        var instances = 0
        var last: Int32 = 0
        /// The next watch gets the number of the last that ended, whose events are still in the queue.
        var reuse: Int32?
        /// What somebody does just before a directory's watch begins, so that no event tells of it.
        var beforeWatch: [String: @Sendable () -> Void] = [:]
    }

    let state = Mutex(State())

    func number(of directory: String) -> Int32? { state.withLock { $0.watches.first { $0.value == directory }?.key } }

    func send(_ mask: InotifyEvent.Mask, _ directory: String, _ name: String = "") {
        guard let number = number(of: directory) else { return }
        state.withLock { $0.events.append(InotifyEvent(watch: number, mask: mask, name: name)) }
    }

    func makeSource() throws(WatchFailure) -> ScriptedSource {
        if let error = state.withLock({ $0.openError }) { throw error }
        state.withLock { state in
            state.instances += 1
            state.watches = [:]
            state.events = []
        }
        return ScriptedSource(script: self)
    }
}

struct ScriptedSource: ChangeSource {
    let script: SourceScript
    var descriptor: Int32 { -1 }

    mutating func watch(_ directory: String, for mask: InotifyEvent.Mask) throws(WatchFailure) -> Int32 {
        if let code = script.state.withLock({ $0.watchErrors[directory] }) { throw WatchFailure(code: code, action: "watch \(directory)") }
        script.state.withLock({ $0.beforeWatch[directory] })?()
        return script.state.withLock { state in
            if let number = state.watches.first(where: { $0.value == directory })?.key { return number }
            let number = state.reuse ?? state.last + 1
            state.reuse = nil
            state.last = max(state.last, number)
            state.watches[number] = directory
            return number
        }
    }

    mutating func unwatch(_ watch: Int32) {
        script.state.withLock { state in
            state.watches[watch] = nil
            state.reuse = watch
            state.events += [InotifyEvent(watch: watch, mask: .closeWrite, name: "d.yaml"), InotifyEvent(watch: watch, mask: .ignored)]
        }
    }

    mutating func drain() throws(WatchFailure) -> [InotifyEvent] {
        script.state.withLock { state in
            defer { state.events = [] }
            return state.events
        }
    }
}

typealias MemoryRig = WatchRig<MemoryFiles, ScriptedSource>

extension WatchRig where Files == MemoryFiles, Source == ScriptedSource {
    /// A watcher of `/conf`.
    static func memory(_ files: MemoryFiles, _ script: SourceScript) -> MemoryRig {
        MemoryRig(WatchSettings(directory: "/conf"), files) { () throws(WatchFailure) in try script.makeSource() }
    }
}
