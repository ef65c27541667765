import Core
import Glibc
import Synchronization

/// How a commit dies: before one of its steps, and what it does about then.
struct Death: Sendable {
    let phase: String
    let step: Int
}

/// The steps of a commit, counted where the store asks about faults; a reader looks before each.
final class CommitSteps: Sendable {
    private struct Counts {
        var all = 0
        var firstRename = 0
        var lastRename = 0
    }

    private let counts = Mutex(Counts())
    private let death: Int?
    private let watcher: Watcher

    /// - Parameter death: The step before which the process dies; a dead process takes no further step.
    init(_ watcher: Watcher, death: Int? = nil) { (self.watcher, self.death) = (watcher, death) }

    var hook: FaultHook {
        { [self] step in
            watcher.look()
            return counts.withLock { counts in
                counts.all += 1
                if step == .rename {
                    if counts.firstRename == 0 { counts.firstRename = counts.all }
                    counts.lastRename = counts.all
                }
                return death.map { counts.all >= $0 } == true ? .before(EIO) : nil
            }
        }
    }

    /// Places to die in a commit that takes these steps.
    var deaths: [Death] {
        counts.withLock { counts in
            [
                Death(phase: "reading", step: counts.firstRename / 2), Death(phase: "before any part", step: counts.firstRename),
                Death(phase: "half of the parts", step: (counts.firstRename + counts.lastRename) / 2),
                Death(phase: "before the last file", step: counts.lastRename),
                Death(phase: "before the pointer", step: counts.lastRename + 1),
                Death(phase: "removing records", step: (counts.lastRename + counts.all) / 2),
            ]
        }
    }
}
