/// Which directories are watched, what for, and which events matter.
///
/// A watch is of an inode; the paths are ours. One inode may have two paths (a bind mount), and a path may come to name another inode.
struct WatchTable: Sendable {
    /// What matters in a directory.
    struct Interest: Equatable, Sendable {
        /// All configs: it is the config directory.
        var hasConfigs = false
        /// Names that matter besides.
        var names: Set<String> = []
        var mask: InotifyEvent.Mask = .entries

        func includes(_ name: String) -> Bool { name.isEmpty || names.contains(name) || (hasConfigs && ConfigName.isConfig(name)) }
    }

    private struct Watch: Sendable {
        let identity: FileIdentity
        var mask: InotifyEvent.Mask
        var paths: Set<String>
    }

    private var watches: [Int32: Watch] = [:]
    private var numbers: [String: Int32] = [:]
    private var interests: [String: Interest] = [:]
    /// Watches that we ended and of which events may still be queued, up to the one that says `ignored` (W15): until then the number's
    /// events are old, even if the kernel gave the number to a new watch.
    private var ending: [Int32: Int] = [:]

    var paths: [String] { Array(numbers.keys) }

    /// Whether `path` is watched for at least that, as the object it is now.
    func isCurrent(_ path: String, _ identity: FileIdentity, _ mask: InotifyEvent.Mask) -> Bool {
        guard let watch = numbers[path].flatMap({ watches[$0] }) else { return false }
        return watch.identity == identity && watch.mask.isSuperset(of: mask)
    }

    /// The identity that `path` had when its watch began.
    func identity(of path: String) -> FileIdentity? { numbers[path].flatMap { watches[$0]?.identity } }

    /// What matters from now on.
    mutating func setInterests(_ interests: [String: Interest]) { self.interests = interests }

    mutating func add(_ number: Int32, _ path: String, _ identity: FileIdentity, _ mask: InotifyEvent.Mask) {
        numbers[path] = number
        if watches[number]?.identity == identity {
            watches[number]?.mask.formUnion(mask)
            watches[number]?.paths.insert(path)
        } else {
            watches[number] = Watch(identity: identity, mask: mask, paths: [path])
        }
    }

    /// Forgets a path.
    /// - Returns: The watch to end, when no other path needs it.
    mutating func release(_ path: String) -> Int32? {
        guard let number = numbers.removeValue(forKey: path) else { return nil }
        watches[number]?.paths.remove(path)
        guard watches[number]?.paths.isEmpty == true else { return nil }
        watches[number] = nil
        ending[number, default: 0] += 1
        return number
    }

    /// Takes an event.
    /// - Returns: The places that it concerns; empty where it does not matter.
    mutating func places(of event: InotifyEvent) -> [Place] {
        if let count = ending[event.watch] {
            if event.mask.contains(.ignored) { ending[event.watch] = count > 1 ? count - 1 : nil }
            return []
        }
        guard let watch = watches[event.watch] else { return [] }
        if event.mask.contains(.ignored) {
            watches[event.watch] = nil
            for path in watch.paths { numbers[path] = nil }
        }
        return watch.paths.filter { interests[$0]?.includes(event.name) == true }.map { Place(directory: $0, name: event.name) }
    }
}
