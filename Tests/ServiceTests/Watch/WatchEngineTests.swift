import Core
import Glibc
import Service
import Synchronization
import Testing

@Suite("The watcher's engine, on a file system in memory")
struct WatchEngineTests {
    private let files = MemoryFiles()
    private let script = SourceScript()

    /// A watcher of `/conf` that has started on `c.yaml`.
    private func started() -> MemoryRig {
        files["/conf"] = .folder
        files.put("/conf/c.yaml", config(1))
        let rig = MemoryRig.memory(files, script)
        #expect(rig.run() == "apply c")
        return rig
    }

    @Test("W2: what happens just before a watch begins is seen, because everything is looked at after arming")
    func armedFirst() {
        files["/conf"] = .folder
        files["/far"] = .folder
        files.put("/conf/c.yaml", config(1))
        files["/conf/d.yaml"] = .link("/far/d.yaml")
        let files = files
        script.state.withLock { state in
            state.beforeWatch["/conf"] = { files.put("/conf/e.yaml", config(2)) }
            state.beforeWatch["/far"] = { files.put("/far/d.yaml", config(3)) }
        }
        let rig = MemoryRig.memory(files, script)
        #expect(rig.run(.seconds(1)) == "apply c, apply d, apply e")
    }

    @Test("W4: nothing is read before the directory was quiet for 500 ms")
    func quiet() {
        let rig = started()
        files.put("/conf/c.yaml", config(2))
        for _ in 0..<8 {
            script.send(.closeWrite, "/conf", "c.yaml")
            #expect(rig.run(.milliseconds(490)) == "")
        }
        #expect(rig.run(.milliseconds(10)) == "apply c")
    }

    @Test("W4: steady traffic cannot starve it: five seconds after the first event everything is read")
    func maxWait() {
        let rig = started()
        files.put("/conf/c.yaml", config(2))
        var told = ""
        for _ in 0..<51 {
            script.send(.attributes, "/conf", "c.yaml")
            told += rig.run(.milliseconds(100))
        }
        #expect(told == "apply c")
    }

    @Test("W4: content that changes between two looks is not judged until it holds still")
    func changingContent() {
        let rig = started()
        files.put("/conf/c.yaml", config(2))
        files.beforeReading("/conf/c.yaml") { files in
            guard case .file(let bytes) = files["/conf/c.yaml"], bytes.count < 200 else { return }
            files["/conf/c.yaml"] = .file(bytes + Array("# more\n".utf8))
        }
        script.send(.closeWrite, "/conf", "c.yaml")
        #expect(rig.run(.seconds(1)) == "")
        #expect(rig.run(.seconds(9)) == "apply c")
        #expect(rig.status.missed == 0)
    }

    @Test("W4: a file that fails to parse gets a second chance before it is reported")
    func secondChance() {
        let rig = started()
        files.put("/conf/c.yaml", "data_gen")
        script.send(.closeWrite, "/conf", "c.yaml")
        #expect(rig.run(.milliseconds(900)) == "")
        files.put("/conf/c.yaml", config(2))
        #expect(rig.run(.seconds(1)) == "apply c")
        #expect(rig.status.refused == 0)
    }

    @Test("W3: what is told first is what was first; breaking and mending a file runs nothing")
    func mended() {
        let rig = started()
        files.put("/conf/c.yaml", "data_gen")
        script.send(.closeWrite, "/conf", "c.yaml")
        #expect(rig.run() == "refuse c")
        #expect(rig.status.inForce == 1)
        files.put("/conf/c.yaml", config(1))
        script.send(.closeWrite, "/conf", "c.yaml")
        #expect(rig.run() == "restore c")
    }

    @Test("W6: names that are no configs wake nobody")
    func ignoredNames() {
        let rig = started()
        let before = rig.status
        for name in ["4913", ".c.yaml.swp", "c.yaml~", "#123", "..v2"] { script.send([.create, .closeWrite], "/conf", name) }
        script.send(.create, "/", "other")
        #expect(rig.run(.seconds(5)) == "")
        #expect(rig.status == before)
    }

    @Test(
        "W8: without inotify the directory is read from time to time, and the sysctl is named",
        arguments: [
            (WatchFailure(code: EMFILE, action: "use inotify"), "max_user_instances"),
            (WatchFailure(code: ENOSPC, action: "watch /conf"), "max_user_watches"),
        ])
    func polling(failure: WatchFailure, sysctl: String) {
        files["/conf"] = .folder
        files.put("/conf/c.yaml", config(1))
        script.state.withLock { state in
            if failure.code == EMFILE { state.openError = failure } else { state.watchErrors = ["/conf": ENOSPC] }
        }
        let rig = MemoryRig.memory(files, script)
        #expect(rig.run() == "apply c")
        #expect(rig.status.mode == .polling(failure))
        #expect(rig.notices == [.polling(failure)])
        #expect("\(rig.notices[0])".contains(sysctl))
        files.put("/conf/c.yaml", config(2))
        #expect(rig.run(.seconds(6)) == "apply c")
        #expect(rig.status.missed == 0, "nothing is missed where nothing is announced")

        script.state.withLock { state in
            state.openError = nil
            state.watchErrors = [:]
        }
        #expect(rig.run(.seconds(65)) == "")
        #expect(rig.notices == [.polling(failure), .eventsAgain])
        files.put("/conf/c.yaml", config(3))
        script.send(.closeWrite, "/conf", "c.yaml")
        #expect(rig.run(.seconds(1)) == "apply c")
    }

    @Test("W7: an overflow makes a new instance and reads everything")
    func overflow() {
        let rig = started()
        files.put("/conf/c.yaml", config(2))
        script.state.withLock { $0.events.append(InotifyEvent(watch: -1, mask: .overflow)) }
        #expect(rig.run(.seconds(1)) == "apply c")
        #expect(rig.status.overflows == 1)
        #expect(rig.notices == [.overflow])
        #expect(script.state.withLock { $0.instances } == 2)
        #expect(script.number(of: "/conf") != nil)
    }

    @Test("W9: a directory that was deleted and made anew is another one even when it gets the same inode number")
    func reusedInode() {
        let rig = started()
        files["/conf/c.yaml"] = nil
        script.send(.deleteSelf, "/conf")
        script.send(.ignored, "/conf")
        #expect(rig.run(.seconds(100)) == "")
        #expect(rig.status.directory == .replacedByEmpty)
        #expect(rig.status.inForce == 1)
    }

    @Test("W11: a file and a directory that may not be read")
    func forbidden() {
        let rig = started()
        files["/conf/d.yaml"] = .refusing(EACCES)
        files["/conf/p.yaml"] = .pipe
        script.send(.create, "/conf", "d.yaml")
        #expect(rig.run() == "refuse d, refuse p")
        #expect(rig.problems("d.yaml") == ["/conf/d.yaml: the file cannot be read (Permission denied); check its permissions"])
        files["/conf/."] = .refusing(EACCES)
        #expect(rig.run(.seconds(100)) == "")
        #expect(rig.status.directory == .unreadable(WatchFailure(code: EACCES, action: "list /conf")))
        #expect(rig.status.inForce == 1)
        files["/conf/."] = nil
        #expect(rig.run(.seconds(10)) == "")
        #expect(rig.status.directory == .present)
    }

    @Test("W12: a rescan finds what no event announced, counts it, and lets it settle; the jitter counts")
    func missed() {
        files["/conf"] = .folder
        files.put("/conf/c.yaml", config(1))
        var settings = WatchSettings(directory: "/conf")
        settings.rescanJitter = .seconds(7)
        let script = script
        let rig = MemoryRig(settings, files) { () throws(WatchFailure) in try script.makeSource() }
        rig.run(.seconds(1))
        files.put("/conf/c.yaml", config(2))
        files["/conf/x.yaml"] = .file(Array("x".utf8))
        #expect(rig.run(.seconds(65.9)) == "")
        #expect(rig.status.rescans == 1)
        #expect(rig.run(.seconds(0.2)) == "")
        #expect(rig.notices == [.missed(["c.yaml", "x.yaml"])])
        #expect(rig.run(.seconds(1)) == "apply c, refuse x")
        #expect(rig.status.missed == 1)
        #expect(rig.run(.seconds(200)) == "")
        #expect(rig.status.missed == 1)
    }

    @Test("W12: a rescan that was asked for answers when every verdict is in")
    func request() throws {
        let rig = started()
        rig.request(1)
        rig.run(.zero)
        #expect(rig.report(1)?.isComplete == true)
        #expect(rig.report(1)?.refused == [])

        files.put("/conf/c.yaml", "data_gen")
        rig.request(2)
        #expect(rig.run(.milliseconds(999)) == "")
        #expect(rig.report(2) == nil)
        #expect(rig.run(.milliseconds(1)) == "refuse c")
        let report = try #require(rig.report(2))
        #expect(report.isComplete && report.generation == 2 && report.inForce == 1)
        #expect(report.refused.map(\.file) == ["c.yaml"])
        // Old problems are part of every answer.
        rig.request(3)
        #expect(rig.run(.zero) == "")
        #expect(rig.report(3)?.refused.map(\.file) == ["c.yaml"])
    }

    @Test("W12 S4: a rescan that was asked for believes what is gone after a second look, and forgets problems of files that are gone")
    func requestAfterDeletion() throws {
        let rig = started()
        files.put("/conf/bad.yaml", "data_gen")
        script.send(.closeWrite, "/conf", "bad.yaml")
        #expect(rig.run() == "refuse bad")
        files["/conf/bad.yaml"] = nil
        files["/conf/c.yaml"] = nil
        rig.request(1)
        #expect(rig.run(.milliseconds(499)) == "remove bad")
        #expect(rig.report(1) == nil)
        #expect(rig.run(.milliseconds(1)) == "remove c")
        let report = try #require(rig.report(1))
        #expect(report.isComplete && report.inForce == 0 && report.refused.isEmpty)
        // Gone for a while already: nothing is left to wait for.
        files.put("/conf/c.yaml", config(1))
        script.send(.closeWrite, "/conf", "c.yaml")
        #expect(rig.run() == "apply c")
        files["/conf/c.yaml"] = nil
        script.send(.delete, "/conf", "c.yaml")
        #expect(rig.run(.seconds(3)) == "")
        rig.request(2)
        #expect(rig.run(.zero) == "remove c")
        #expect(rig.report(2)?.isComplete == true)
    }

    @Test("W12: an answer does not wait for ever, and says so")
    func requestInTraffic() {
        let rig = started()
        files.beforeReading("/conf/c.yaml") { files in
            guard case .file(let bytes) = files["/conf/c.yaml"] else { return }
            files["/conf/c.yaml"] = .file(bytes + Array("#\n".utf8))
        }
        rig.request(1)
        rig.run(.seconds(9.9))
        #expect(rig.report(1) == nil)
        rig.run(.seconds(0.1))
        #expect(rig.report(1)?.isComplete == false)
    }

    @Test("W15: events of an ended watch are not heard, even when its number is used again")
    func endedWatches() {
        let rig = started()
        for folder in ["/far", "/near"] {
            files[folder] = .folder
            files.put(folder + "/d.yaml", config(4))
        }
        files["/conf/d.yaml"] = .link("/far/d.yaml")
        script.send(.create, "/conf", "d.yaml")
        #expect(rig.run(.seconds(1)) == "apply d")
        let number = script.number(of: "/far")
        #expect(number != nil)

        files["/conf/d.yaml"] = .link("/near/d.yaml")
        script.send(.create, "/conf", "d.yaml")
        let before = rig.status.events
        #expect(rig.run(.seconds(1)) == "")
        // Armed in that scan; what the old watch still says comes with the next step.
        rig.run(.zero)
        #expect(script.number(of: "/near") == number && script.number(of: "/far") == nil)
        #expect(rig.status.events == before + 1)
        files.put("/near/d.yaml", config(5))
        script.send(.closeWrite, "/near", "d.yaml")
        #expect(rig.run(.seconds(1)) == "apply d")
        #expect(rig.status.missed == 0)
    }

    @Test("W10 W17: a renamed config that waits for the old one to be gone is named while it waits")
    func waiting() {
        let shared = "data_generation: { random_seed: 1 }\n"
        files["/conf"] = .folder
        files.put("/conf/a.yaml", shared)
        let rig = MemoryRig.memory(files, script)
        #expect(rig.run() == "apply a")
        files["/conf/a.yaml"] = nil
        files.put("/conf/b.yaml", shared)
        script.send(.create, "/conf", "b.yaml")
        #expect(rig.run() == "")
        #expect(rig.status.waiting == ["b.yaml"])
        #expect(rig.run(.seconds(10)) == "remove a, apply b")
        #expect(rig.status.waiting.isEmpty)
    }

    @Test("W17: time and result of the last reload are kept")
    func lastReload() {
        let rig = started()
        #expect(rig.status.lastChange != nil && rig.status.lastSuccess == rig.status.lastChange)
        let success = rig.status.lastSuccess
        files.put("/conf/c.yaml", "data_gen")
        script.send(.closeWrite, "/conf", "c.yaml")
        rig.run()
        #expect(rig.status.lastSuccess == success)
        #expect(rig.status.generation == 2 && rig.status.refused == 1 && rig.status.inForce == 1)
    }
}
