import Core
import Foundation
import Glibc
import Service
import Testing

/// A watcher on a temporary directory, with a clock that the test turns: events are the kernel's, time is ours, nobody sleeps.
final class WatchRig<Files: WatchFileSystem, Source: ChangeSource & ~Copyable> {
    private var engine: WatchEngine<Files, Source>
    private var now = ContinuousClock.now
    private(set) var events: [WatchEvent] = []
    /// What is known of each file from the changes alone, as a reader of them would keep it: its hash, or `refused`.
    private(set) var known: [String: String] = [:]
    /// The content of each file that is in force.
    private var inForce: [String: String] = [:]

    init(
        _ settings: WatchSettings, _ files: Files, judge: @escaping ConfigJudge = loadConfig,
        makeSource: @escaping @Sendable () throws(WatchFailure) -> Source
    ) {
        engine = WatchEngine(settings: settings, files: files, judge: judge, makeSource: makeSource)
    }

    var status: WatchStatus { engine.status }
    var time: ContinuousClock.Instant { now }

    /// Lets time pass, taking every step when it is due.
    /// - Returns: What was told, as `apply c`, `refuse c`, `restore c`, `remove c`; ` | ` between change sets.
    @discardableResult
    func run(_ duration: Duration = .seconds(2)) -> String {
        let end = now + duration
        let start = events.count
        var steps = 0
        step()
        while let next = engine.nextStep, next <= end {
            steps += 1
            guard steps < 10_000 else { return "the watcher spins" }
            now = max(now, next)
            step()
        }
        now = end
        let sets = events[start...].compactMap { event in if case .change(let set) = event { set } else { nil } }
        return sets.map { $0.changes.map(\.text).joined(separator: ", ") }.joined(separator: " | ")
    }

    func request(_ id: Int) { engine.request(id, at: now) }

    func report(_ id: Int) -> RescanReport? {
        events.compactMap { event in if case .rescanned(id, let report) = event { report } else { nil } }.last
    }

    var notices: [WatchNotice] { events.compactMap { event in if case .notice(let notice) = event { notice } else { nil } } }

    /// What was told about a file last.
    func problems(_ file: String) -> [String] {
        for event in events.reversed() {
            if case .change(let set) = event, let change = set.changes.first(where: { $0.file == file }) {
                if case .refuse(let refused) = change { return refused.problems.map(\.headline) }
                return []
            }
        }
        return []
    }

    private func step() {
        let new = engine.step(at: now)
        events += new
        for case .change(let set) in new {
            for change in set.changes {
                switch change {
                case .apply(let config):
                    #expect(inForce[config.file] != config.hash.hex, "\(config.file) is applied twice")
                    inForce[config.file] = config.hash.hex
                    known[config.file] = config.hash.hex
                case .refuse(let config): known[config.file] = "refused"
                case .restore(let file, _): known[file] = inForce[file]
                case .remove(let file, _):
                    known[file] = nil
                    inForce[file] = nil
                }
            }
        }
    }
}

extension ConfigChange {
    /// `apply c`
    var text: String {
        switch self {
        case .apply(let config): "apply \(config.dataset)"
        case .refuse(let config): "refuse \(config.dataset)"
        case .restore(_, let dataset): "restore \(dataset)"
        case .remove(_, let dataset): "remove \(dataset)"
        }
    }
}

typealias RealRig = WatchRig<SystemFiles, Inotify>

extension WatchRig where Files == SystemFiles, Source == Inotify {
    static func real(_ directory: String, _ change: (inout WatchSettings) -> Void = { _ in }) -> RealRig {
        var settings = WatchSettings(directory: directory)
        change(&settings)
        return RealRig(settings, SystemFiles()) { () throws(WatchFailure) in try Inotify() }
    }

    /// What a fresh start makes of the directory.
    static func fresh(_ directory: String) -> [String: String] {
        let rig = RealRig.real(directory)
        rig.run()
        return rig.known
    }
}

let loadConfig: ConfigJudge = { (path, bytes) throws(ConfigProblems) in
    try ConfigLoader.load(bytes: bytes, file: path, today: Day(number: 20_000))
}

/// A right config; another seed is another content of the same length.
func config(_ seed: Int, more: String = "") -> String {
    "data_generation: { num_servers: 2, random_seed: \(seed) }\noutput: { filename: \"{dataset}.parquet\" }\n" + more
}

/// A temporary folder without links in its path, with `conf` in it.
final class Folder {
    let base: String
    var conf: String { base + "/conf" }

    init() throws {
        base = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path + "/fleetsynth-watch-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: base + "/conf", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: base) }

    func write(_ name: String, _ text: String) throws { try sh("cat > \(conf)/\(name) <<'END'\n\(text)END") }

    /// Runs a shell script in `conf`, or beside it where it is not there, with configs of two seeds as $V2 and $V3.
    func sh(_ script: String) throws {
        let arguments = ["/bin/sh", "-euc", "cd \(base)/conf 2>/dev/null || cd \(base)\n" + script]
        let environment = [
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "V2": String(config(2).dropLast()), "V3": String(config(3).dropLast()),
            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
            "GIT_CONFIG_NOSYSTEM": "1", "HOME": base,
        ]
        // Not Foundation's Process: it waits for a socket to close that every other child of this moment has inherited.
        var words = arguments.map { strdup($0) } + [nil]
        var settings = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + settings { free(word) } }
        var process = pid_t()
        try #require(posix_spawn(&process, "/bin/sh", nil, nil, &words, &settings) == 0)
        var status: Int32 = -1
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        #expect(status == 0, "\(script)")
    }
}

/// Repeatable random numbers (Steele, Lea and Flood, OOPSLA 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
