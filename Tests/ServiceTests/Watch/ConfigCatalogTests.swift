import Core
import Service
import Testing

@Suite("What the config directory holds and what is in force")
struct ConfigCatalogTests {
    /// A catalog with a clock; observations are file names with their content, nil for content as before.
    private struct Bench {
        var catalog: ConfigCatalog
        var now = ContinuousClock.now

        /// - Parameter incumbents: What was in force in an earlier life: content by dataset.
        init(incumbents: [String: String] = [:]) {
            catalog = ConfigCatalog(
                settings: WatchSettings(directory: "/conf"), incumbents: incumbents.mapValues { ContentHash(of: Array($0.utf8)).hex })
        }

        mutating func look(_ contents: [String: String], after: Duration = .seconds(1), isReplaced: Bool = false, isForced: Bool = false)
            -> String
        {
            now += after
            let observations = contents.reduce(into: [String: ConfigCatalog.Observation]()) { result, entry in
                let bytes = Array(entry.value.utf8)
                let hash = ContentHash(of: bytes)
                if catalog.isDecided(entry.key, .bytes(hash)) {
                    result[entry.key] = .same
                } else {
                    do throws(ConfigProblems) {
                        result[entry.key] = .right(hash, try loadConfig(catalog.path(of: entry.key), bytes))
                    } catch {
                        result[entry.key] = .wrong(.bytes(hash), error.problems)
                    }
                }
            }
            let set = catalog.take(observations, isReplaced: isReplaced, isForced: isForced, at: now)
            return (set?.changes ?? []).map { change in
                switch change {
                case .apply: "apply \(change.file)"
                case .refuse(let config): "refuse \(change.file)\(config.keeps == nil ? "" : " keeping")"
                case .restore: "restore \(change.file)"
                case .remove: "remove \(change.file)"
                }
            }.joined(separator: ", ")
        }
    }

    private let one = config(1)
    private let two = config(2)
    /// A config that writes the same panel as every other of this form.
    private func shared(_ seed: Int) -> String { "data_generation: { random_seed: \(seed) }\n" }

    @Test("W3 W5: what changed together is one set, each change once")
    func together() {
        var bench = Bench()
        #expect(bench.look(["b.yaml": one, "a.yaml": one, "c.yaml": "x"]) == "apply a.yaml, apply b.yaml")
        #expect(bench.look(["b.yaml": one, "a.yaml": one, "c.yaml": "x"]) == "refuse c.yaml")
        #expect(bench.look(["b.yaml": one, "a.yaml": one, "c.yaml": "x"]) == "")
        // One open verdict holds up the rest of its set, for the second chance only.
        #expect(bench.look(["b.yaml": two, "a.yaml": "x", "c.yaml": one]) == "")
        #expect(bench.look(["b.yaml": two, "a.yaml": "x", "c.yaml": one]) == "refuse a.yaml keeping, apply b.yaml, apply c.yaml")
        #expect(bench.catalog.inForce == 3)
        #expect(bench.catalog.refused.map(\.file) == ["a.yaml"])
    }

    @Test("W5: broken files that come one after the other do not hold up the rest for ever")
    func heldUp() {
        var bench = Bench()
        #expect(bench.look([:]) == "")
        var told = ""
        var contents = ["good.yaml": one]
        for round in 0..<16 {
            contents["x\(round).yaml"] = "x"
            told = bench.look(contents, after: .milliseconds(400))
            if !told.isEmpty { break }
        }
        #expect(told.hasPrefix("apply good.yaml, refuse x0.yaml"))
    }

    @Test("W10: a file is gone after ten seconds, and what comes back before is as if nothing had been")
    func grace() {
        var bench = Bench()
        #expect(bench.look(["a.yaml": one, "b.yaml": one]) == "apply a.yaml, apply b.yaml")
        #expect(bench.look(["a.yaml": one]) == "")
        #expect(bench.catalog.nextCheck() == bench.now + .seconds(10))
        #expect(bench.look(["a.yaml": one, "b.yaml": one], after: .seconds(9.9)) == "")
        #expect(bench.look(["a.yaml": one]) == "")
        #expect(bench.look(["a.yaml": one], after: .seconds(9.9)) == "")
        #expect(bench.look(["a.yaml": one], after: .seconds(0.1)) == "remove b.yaml")
        #expect(bench.look(["a.yaml": one, "b.yaml": one]) == "apply b.yaml")
    }

    @Test("W10 W12: a file that never counted is gone at once, and a look that was asked for waits for the quiet time only")
    func absence() {
        var bench = Bench()
        #expect(bench.look(["a.yaml": one, "b.yaml": one, "x.yaml": "x"]) == "apply a.yaml, apply b.yaml")
        #expect(bench.look(["a.yaml": one, "b.yaml": "x", "x.yaml": "x"]) == "")
        #expect(bench.look(["a.yaml": one, "b.yaml": "x", "x.yaml": "x"]) == "refuse b.yaml keeping, refuse x.yaml")
        #expect(bench.look(["a.yaml": one], isForced: true) == "remove x.yaml")
        #expect(bench.catalog.refused.isEmpty && bench.catalog.hasAbsent)
        #expect(bench.catalog.nextCheck(isForced: true) == bench.now + .milliseconds(500))
        #expect(bench.look(["a.yaml": one], after: .milliseconds(499), isForced: true) == "")
        #expect(bench.look(["a.yaml": one], after: .milliseconds(1), isForced: true) == "remove b.yaml")
        #expect(!bench.catalog.hasAbsent)
    }

    @Test("S5: of two files of one dataset the one that is in force stays, and the newcomer is refused alone")
    func sameDataset() {
        var bench = Bench()
        #expect(bench.look(["a.yaml": one]) == "apply a.yaml")
        #expect(bench.look(["a.yaml": one, "a.yml": two]) == "refuse a.yml")
        #expect(bench.look(["a.yaml": one, "a.yml": two]) == "")
        #expect(bench.look(["a.yaml": two, "a.yml": two]) == "apply a.yaml")
        #expect(bench.look(["a.yaml": two]) == "remove a.yml")
        var both = Bench()
        #expect(both.look(["a.yaml": one, "a.yml": two]) == "refuse a.yaml, refuse a.yml")
    }

    @Test("W2 W5: a newcomer that wants the key of a dataset in force is refused alone, and edits of that one still count")
    func newcomer() {
        var bench = Bench()
        #expect(bench.look(["web.yaml": shared(1)]) == "apply web.yaml")
        #expect(bench.look(["dup.yaml": shared(2), "web.yaml": shared(1)]) == "refuse dup.yaml")
        #expect(bench.look(["dup.yaml": shared(2), "web.yaml": shared(3)]) == "apply web.yaml")
        // An edit that wants another's key is the newcomer there, and its old content stays.
        #expect(bench.look(["dup.yaml": one, "web.yaml": shared(3)]) == "apply dup.yaml")
        #expect(bench.look(["dup.yaml": shared(4), "web.yaml": shared(3)]) == "refuse dup.yaml keeping")
        #expect(bench.catalog.inForce == 2)
        // Who lets a key go gives it to the one that waits for it.
        #expect(bench.look(["dup.yaml": shared(4), "web.yaml": two]) == "apply dup.yaml, apply web.yaml")
    }

    @Test("W2: a start comes to the same set: who was in force before it stays, also when it was edited meanwhile")
    func incumbents() {
        let files = ["dup.yaml": shared(2), "web.yaml": shared(1)]
        for before in [shared(1), shared(7)] {
            var bench = Bench(incumbents: ["web": before])
            #expect(bench.look(files) == "refuse dup.yaml, apply web.yaml")
        }
        // Both were there once; the content that was in force wins against the edit.
        var edited = Bench(incumbents: ["dup": one, "web": shared(1)])
        #expect(edited.look(files) == "refuse dup.yaml, apply web.yaml")
        var named = Bench(incumbents: ["a": one])
        #expect(named.look(["a.yaml": two, "a.yml": one]) == "refuse a.yaml, apply a.yml")
        var copied = Bench(incumbents: ["a": one])
        #expect(copied.look(["a.yaml": one, "a.yml": one]) == "apply a.yaml, refuse a.yml")
        // What is in force now has the better right than what comes back.
        var late = Bench(incumbents: ["web": shared(1)])
        #expect(late.look(["dup.yaml": shared(2)]) == "apply dup.yaml")
        #expect(late.look(files) == "refuse web.yaml")
    }

    @Test("two new files with one key are both refused, and one of them comes into force when the other gives way")
    func sameKey() {
        var bench = Bench()
        #expect(bench.look(["a.yaml": shared(1), "b.yaml": shared(2)]) == "refuse a.yaml, refuse b.yaml")
        #expect(bench.look(["a.yaml": one, "b.yaml": shared(2)]) == "apply a.yaml, apply b.yaml")
    }

    @Test("W5: a key moves from one file to another in one step, or not at all")
    func keyMoves() {
        var bench = Bench()
        #expect(bench.look(["a.yaml": shared(1), "b.yaml": one]) == "apply a.yaml, apply b.yaml")
        #expect(bench.look(["a.yaml": one, "b.yaml": shared(1)]) == "apply a.yaml, apply b.yaml")
        // Now a wants it back, but b is broken and stays as it was.
        #expect(bench.look(["a.yaml": shared(3), "b.yaml": "x"]) == "")
        #expect(bench.look(["a.yaml": shared(3), "b.yaml": "x"]) == "refuse a.yaml keeping, refuse b.yaml keeping")
        #expect(bench.look(["a.yaml": shared(3), "b.yaml": two]) == "apply a.yaml, apply b.yaml")
    }

    @Test("W10: a renamed config waits for the old one's grace when they share a key, and takes over at once when they share a name")
    func renamed() {
        var bench = Bench()
        #expect(bench.look(["a.yaml": shared(1)]) == "apply a.yaml")
        #expect(bench.look(["b.yaml": shared(1)]) == "")
        #expect(bench.look(["b.yaml": shared(1)], after: .seconds(10)) == "remove a.yaml, apply b.yaml")
        #expect(bench.look(["b.yml": shared(1)]) == "apply b.yml")
        #expect(bench.look(["b.yml": shared(1)], after: .seconds(10)) == "")
        #expect(bench.catalog.inForce == 1)
        // The old name comes back within its grace: two files of one dataset.
        #expect(bench.look(["b.yaml": shared(1)]) == "apply b.yaml")
        #expect(bench.look(["b.yaml": shared(1), "b.yml": shared(1)]) == "refuse b.yml")
    }

    @Test("W9: an empty directory in the place of a full one is believed only when asked for")
    func emptyReplacement() {
        var bench = Bench()
        #expect(bench.look(["a.yaml": one]) == "apply a.yaml")
        bench.catalog.loseDirectory()
        #expect(bench.look([:], after: .seconds(100)) == "")
        #expect(bench.catalog.isKeeping && bench.catalog.nextCheck() == nil)
        #expect(bench.look(["a.yaml": one]) == "")
        #expect(bench.look([:], isReplaced: true) == "")
        #expect(bench.look([:], isForced: true) == "")
        #expect(bench.look([:], after: .seconds(10)) == "remove a.yaml")
    }
}
