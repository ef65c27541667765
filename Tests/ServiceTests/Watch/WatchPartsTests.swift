import Core
import Glibc
import Service
import Testing

@Suite("Parts of the watcher")
struct WatchPartsTests {
    @Test("W6: only names that end in .yaml or .yml and do not start with a dot are configs")
    func names() {
        for name in ["c.yaml", "c.yml", "a.b.yaml", "c~.yaml"] { #expect(ConfigName.isConfig(name), "\(name)") }
        let ignored = [
            ".yaml", ".c.yaml", "c.yaml~", "#c.yaml#", ".#c.yaml", ".c.yaml.swp", ".c.yaml.swx", "#123", "4913", "c.yaml.tmp", "c.yaml.bak",
            "c.yaml.orig", "c.yaml.rej", "c.yaml.dpkg-new", "c.yaml.dpkg-dist", "c.yaml.rpmsave", "c.yaml.ucf-dist", "lost+found", "..data",
            "..2026_01_01", "yaml", "", "c.json", ".c.yaml.Ab12Cd", "c.YAML",
        ]
        for name in ignored { #expect(!ConfigName.isConfig(name), "\(name)") }
    }

    @Test("events are read from the bytes of the kernel, and a record that is cut off ends them")
    func parsing() {
        func record(_ watch: Int32, _ mask: UInt32, _ name: [UInt8]) -> [UInt8] {
            [UInt32(bitPattern: watch), mask, 7, UInt32(name.count)].flatMap { value in withUnsafeBytes(of: value) { Array($0) } } + name
        }
        let bytes = record(3, 0x8, Array("c.yaml\0\0".utf8)) + record(-1, 0x4000, []) + record(4, 0x100, Array("12345678".utf8))
        let events = [
            InotifyEvent(watch: 3, mask: .closeWrite, name: "c.yaml"), InotifyEvent(watch: -1, mask: .overflow),
            InotifyEvent(watch: 4, mask: .create, name: "12345678"),
        ]
        #expect(InotifyEvent.parse(bytes.span.bytes) == events)
        for length in 0..<bytes.count { #expect(InotifyEvent.parse(bytes.span.bytes.extracting(first: length)).count < 3) }
    }

    @Test("W14: output in the watched tree is found, through links and missing folders, and elsewhere is left alone")
    func outputGuard() throws {
        let folder = try Folder()
        try folder.sh("mkdir ../out sub; ln -s ../conf ../out/back; ln -s ../out away")
        let output = OutputGuard(directory: folder.conf, workingDirectory: folder.base)
        for path in ["conf", "./conf/x/y", "out/back/x", "out/../conf/new", "none/../conf", folder.conf + "/sub", "conf/none/../x"] {
            #expect(output.contains(path), "\(path)")
        }
        for path in ["out", "conf2", "conf/../out", "conf/away/x", "var/data", "/", folder.base, "conf/none/../../x"] {
            #expect(!output.contains(path), "\(path)")
        }
        let spec = { (base: String) in
            try loadConfig("a.yaml", Array("data_generation: {}\nstorage: { local_base_path: \(base) }\n".utf8)).spec
        }
        #expect(output.problems(of: try spec("out"), path: "a.yaml") == [])
        let problem = try #require(output.problems(of: try spec("conf/sub"), path: "a.yaml").first)
        #expect(problem.headline.hasPrefix("a.yaml: storage.raw_prefix: conf/sub/raw/ lies in the watched directory"))
    }

    @Test("W8: the remedies name what to raise")
    func remedies() {
        #expect("\(WatchFailure(code: ENOSPC, action: "watch /a"))".hasSuffix("fs.inotify.max_user_watches"))
        #expect("\(WatchFailure(code: EMFILE, action: "use inotify"))".contains("fs.inotify.max_user_instances"))
        #expect("\(WatchFailure(code: ENOENT, action: "watch /a"))" == "cannot watch /a (No such file or directory)")
    }
}
