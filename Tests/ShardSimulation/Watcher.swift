import Core
import Synchronization

/// A reader who looks before every step of every process, and so between any two changes of the store: what the pointer names is there and whole
/// from the instant it is named, and no table goes back to an older one.
///
/// A look takes about a microsecond: the whole table is read when the pointer changes, else one file of it, and every `hashEvery`-th time its bytes.
final class Watcher: Sendable {
    private struct State {
        var pointer: [UInt8] = []
        var generation = 0
        var artifacts: [Artifact] = []
        var next = 0
        var isFolderSeen = false
        var looks = 0
        var problems: [String] = []
    }

    private static let hashEvery = 32
    private let store: InMemoryStore
    private let pointerKey: ObjectKey
    private let state = Mutex(State())
    /// The summary beside the folder of parts, and the parts that are then there.
    private let folder: (summary: ObjectKey, parts: [ObjectKey])

    /// - Parameter parts: Those of the table that is to be published, in one folder.
    init(_ store: InMemoryStore, dataset: String, parts: [ObjectKey]) throws {
        self.store = store
        folder = (summary: try ObjectKey((parts.first?.folder ?? "") + ".summary.json"), parts: parts)
        pointerKey = try ObjectKey("manifests/\(dataset)/latest.json")
    }

    /// How often was looked, and what was wrong.
    var outcome: (looks: Int, problems: [String]) { state.withLock { ($0.looks, $0.problems) } }

    /// Looks once.
    func look() {
        state.withLock { state in
            state.looks += 1
            // One line for each kind of problem is enough, and a broken store would give millions.
            guard state.problems.count < 10 else { return }
            if !state.isFolderSeen, store.bytes(of: folder.summary) != nil {
                state.isFolderSeen = true
                let missing = folder.parts.filter { store.bytes(of: $0) == nil }
                if let first = missing.first { state.problems.append("\(folder.summary) is there before \(first)") }
            }
            guard let pointer = store.bytes(of: pointerKey) else {
                if state.generation > 0 { state.problems.append("the pointer to generation \(state.generation) is gone") }
                return
            }
            if pointer != state.pointer { return readAll(pointer, &state) }
            guard !state.artifacts.isEmpty else { return }
            state.next = (state.next + 1) % state.artifacts.count
            check(state.artifacts[state.next], hashing: state.looks % Self.hashEvery == 0, &state)
        }
    }

    private func readAll(_ bytes: [UInt8], _ state: inout State) {
        state.pointer = bytes
        do {
            let pointer = try Pointer(parsing: bytes, path: pointerKey.path)
            guard pointer.generation > state.generation else {
                state.problems.append("generation \(pointer.generation) after \(state.generation)")
                return
            }
            let key = try ObjectKey("manifests/\(pointer.dataset)/\(pointer.generation).json")
            guard let text = store.bytes(of: key), ContentHash(of: text) == pointer.manifestSHA256 else {
                state.problems.append("\(key) is not what the pointer names")
                return
            }
            state.generation = pointer.generation
            state.artifacts = try Manifest(parsing: text, path: key.path).artifacts
        } catch {
            state.problems.append("\(error)")
            return
        }
        for artifact in state.artifacts { check(artifact, hashing: true, &state) }
    }

    private func check(_ artifact: Artifact, hashing: Bool, _ state: inout State) {
        guard let found = store.bytes(of: artifact.key) else {
            state.problems.append("generation \(state.generation): \(artifact.key) is not there")
            return
        }
        if found.count != Int(artifact.bytes) || (hashing && ContentHash(of: found) != artifact.sha256) {
            state.problems.append("generation \(state.generation): \(artifact.key) is another")
        }
    }
}
