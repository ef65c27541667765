import Core
import Foundation
import Glibc
import Service
import Testing

/// A way to change the directory, and what must be told.
struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    /// Run before the watcher starts; `c.yaml` is there.
    var setUp = ""
    let script: String
    var told = "apply c"
    /// What is told at most this long after; the settle time suffices except where the table has no event.
    var wait = Duration.seconds(1)
    var missed = 0

    var testDescription: String { name }

    /// rsync itself, or what it does.
    private static func rsync(_ option: String, orElse other: String) -> String {
        "if command -v rsync > /dev/null; then rsync \(option) --ignore-times ../c.yaml ./; else \(other); fi"
    }

    static let all: [Row] = [
        Row(name: "echo >", script: #"echo "$V2" > c.yaml"#),
        Row(name: "cp over", setUp: #"echo "$V2" > ../new"#, script: "cp ../new c.yaml"),
        Row(name: "cp a new file", setUp: #"echo "$V2" > ../new"#, script: "cp ../new d.yaml", told: "apply d"),
        Row(name: "rsync --inplace", setUp: #"echo "$V2" > ../c.yaml"#, script: rsync("--inplace", orElse: "cat ../c.yaml > c.yaml")),
        Row(name: "mv over", setUp: #"echo "$V2" > ../new"#, script: "mv ../new c.yaml"),
        Row(name: "dpkg", script: #"echo "$V2" > c.yaml.dpkg-new; mv c.yaml c.yaml.dpkg-old; mv c.yaml.dpkg-new c.yaml"#),
        Row(name: "sed -i", script: "sed -i 's/random_seed: 1/random_seed: 2/' c.yaml"),
        Row(
            name: "rsync", setUp: #"echo "$V2" > ../c.yaml"#,
            script: rsync("", orElse: "cp ../c.yaml .c.yaml.Ab12Cd; mv .c.yaml.Ab12Cd c.yaml")),
        Row(name: "emacs, precious", script: #"echo "$V2" > .c.yaml.tmp; mv .c.yaml.tmp c.yaml"#),
        Row(name: "ln -sfn to a new file", setUp: #"echo "$V2" > ../new"#, script: "ln -sfn ../new c.yaml"),
        Row(
            name: "vim, default",
            script: #": > 4913; rm 4913; : > .c.yaml.swp; mv c.yaml c.yaml~; echo "$V2" > c.yaml; chmod 644 c.yaml; rm c.yaml~ .c.yaml.swp"#
        ),
        Row(name: "vim, Debian's", script: #"cp c.yaml c.yaml~; echo "$V2" > c.yaml"#),
        Row(
            name: "vim itself, or what it does",
            script: """
                if command -v vim > /dev/null; then
                    vim -Nu NONE -i NONE -es -c '%s/random_seed: 1/random_seed: 2/' -c wq c.yaml < /dev/null > ../log
                else
                    mv c.yaml c.yaml~; sed 's/random_seed: 1/random_seed: 2/' c.yaml~ > c.yaml; rm c.yaml~
                fi
                """),
        Row(
            name: "emacs, default",
            script: #"ln -s a@b.1 .#c.yaml; mv c.yaml c.yaml~; echo "$V2" > c.yaml; : >> c.yaml; chmod 644 c.yaml; rm .#c.yaml"#),
        Row(
            name: "git checkout",
            setUp: #"git init -q; git add c.yaml; git commit -qm 1; echo "$V2" > c.yaml; git commit -qam 2"#,
            script: "git checkout -q HEAD~1"),
        Row(name: "git by hand", script: #"rm c.yaml; echo "$V2" > c.yaml"#),
        Row(
            name: "ConfigMap ..data swap",
            setUp: "mkdir ..v1; mv c.yaml ..v1/; ln -s ..v1 ..data; ln -s ..data/c.yaml c.yaml",
            script: #"mkdir ..v2; echo "$V2" > ..v2/c.yaml; ln -s ..v2 ..data_tmp; mv -T ..data_tmp ..data; rm -r ..v1"#),
        Row(
            name: "an edit behind ConfigMap links",
            setUp: "mkdir ..v1; mv c.yaml ..v1/; ln -s ..v1 ..data; ln -s ..data/c.yaml c.yaml", script: #"echo "$V2" > ..v1/c.yaml"#),
        Row(
            name: "ConfigMap swap with the same content",
            setUp: "mkdir ..v1; mv c.yaml ..v1/; ln -s ..v1 ..data; ln -s ..data/c.yaml c.yaml",
            script: "cp -r ..v1 ..v2; ln -s ..v2 ..data_tmp; mv -T ..data_tmp ..data; rm -r ..v1", told: ""),
        Row(name: "touch", script: "touch c.yaml", told: ""),
        Row(name: "chmod", script: "chmod 600 c.yaml", told: ""),
        Row(
            name: "the same content saved", script: "cat c.yaml > ../same; cat ../same > c.yaml; cp ../same c.yaml; mv ../same c.yaml",
            told: ""),
        Row(name: "rm and back within the grace", setUp: "cp c.yaml ../c", script: "rm c.yaml; cp ../c c.yaml", told: ""),
        Row(name: "rm", script: "rm c.yaml", told: "remove c", wait: .seconds(11)),
        Row(name: "mv to another name", script: "mv c.yaml e.yaml", told: "apply e | remove c", wait: .seconds(11)),
        Row(
            name: "an edit through another hard link", setUp: "ln c.yaml ../other", script: #"echo "$V2" > ../other"#, wait: .seconds(62),
            missed: 1),
        Row(name: "rm -r and recreate", script: #"cd ..; rm -r conf; mkdir conf; cd conf; echo "$V2" > c.yaml"#),
        Row(
            name: "mv away and recreate",
            script: #"cd ..; mv conf old; mkdir conf; cd conf; echo "$V2" > c.yaml; echo "$V3" > ../old/c.yaml"#),
        Row(name: "mv away and put a link in its place", script: #"cd ..; mv conf old; ln -s old conf; echo "$V2" > old/c.yaml"#),
        Row(name: "a broken file", script: "echo 'data_generation: { servers: 2 }' > c.yaml", told: "refuse c", wait: .milliseconds(1100)),
        Row(
            name: "several files together", script: #"echo "$V2" > a.yaml; echo "$V2" > b.yml; echo "$V3" > c.yaml; echo x > d.yaml"#,
            told: "apply a, apply b, apply c, refuse d", wait: .milliseconds(1100)),
    ]
}

@Suite("The event table, for real")
struct EventTableTests {
    @Test("W2 W3 W6: each row is told once and ends like a fresh start", arguments: Row.all)
    func row(row: Row) throws {
        let folder = try Folder()
        try folder.write("c.yaml", config(1))
        if !row.setUp.isEmpty { try folder.sh(row.setUp) }
        let rig = RealRig.real(folder.conf)
        #expect(rig.run() == "apply c")

        try folder.sh(row.script)
        #expect(rig.run(row.wait) == row.told)
        #expect(rig.status.missed == row.missed)
        #expect(rig.known == RealRig.fresh(folder.conf))
        // Nothing is told again, neither by a rescan nor by the next start of the settle time; and the directory is still watched.
        #expect(rig.run(.seconds(130)) == "")
        try folder.sh(#"echo "$V3" > z.yaml"#)
        #expect(rig.run(.seconds(1)) == "apply z")
        #expect(rig.status.missed == row.missed)
    }

    @Test("W2 W3: whatever is done at whatever pace, the end is that of a fresh start, and nothing is missed", arguments: 1...6)
    func anything(seed: Int) throws {
        let folder = try Folder()
        let rig = RealRig.real(folder.conf)
        rig.run()
        var random = SplitMix(state: UInt64(seed))
        var log: [String] = []
        for _ in 0..<60 {
            let name = ["a", "b", "c", "d"].randomElement(using: &random) ?? "a"
            let text = Bool.random(using: &random) ? config(.random(in: 1...4, using: &random)) : "x\n"
            let write = "cat > W <<'END'\n\(text)END"
            let script =
                [
                    write.replacing("W", with: "\(name).yaml"), write.replacing("W", with: "t") + "\nmv t \(name).yaml",
                    write.replacing("W", with: "../\(name)") + "\nln -sfn ../\(name) \(name).yaml", "touch \(name).yaml",
                    write.replacing("W", with: "../\(name)"), "rm -f \(name).yaml", "mv -f \(name).yaml d.yaml || true",
                    "cd ..; rm -rf conf; mkdir conf", "cp -a ../conf ../new; mv ../conf ../old; mv ../new ../conf; rm -r ../old",
                ].randomElement(using: &random) ?? ""
            log.append(script)
            try folder.sh(script)
            rig.run(.milliseconds(Int.random(in: 0...1500, using: &random)))
        }
        try folder.write("e.yaml", config(5))
        rig.run(.seconds(30))
        #expect(rig.known == RealRig.fresh(folder.conf), "\(log.joined(separator: "\n"))")
        #expect(rig.status.missed == 0)
    }

    @Test("W4: a file that is written slowly is judged when it is whole, within the longest wait")
    func slowWriter() throws {
        let folder = try Folder()
        let rig = RealRig.real(folder.conf)
        #expect(rig.run() == "")
        let text = Array(config(1).utf8)
        let file = open(folder.conf + "/c.yaml", O_WRONLY | O_CREAT, 0o644)
        defer { close(file) }
        for byte in [text.prefix(57), text.dropFirst(57).prefix(10)] {
            #expect(byte.withUnsafeBytes { write(file, $0.baseAddress, $0.count) } == byte.count)
            #expect(rig.run(.seconds(2)) == "")
        }
        let rest = Array(text.dropFirst(67))
        #expect(rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) } == rest.count)
        #expect(rig.run(.seconds(1.5)) == "apply c", "five seconds after the first event it is read although it is still open")
    }

    @Test("W2: O_TMPFILE and linkat")
    func unnamedFile() throws {
        let folder = try Folder()
        let rig = RealRig.real(folder.conf)
        rig.run()
        // O_TMPFILE, which Swift's Glibc module does not have.
        let file = open(folder.conf, O_WRONLY | 0o20000000 | O_DIRECTORY, 0o644)
        try #require(file >= 0)
        let text = config(2)
        #expect(write(file, text, text.utf8.count) == text.utf8.count)
        #expect(linkat(AT_FDCWD, "/proc/self/fd/\(file)", AT_FDCWD, folder.conf + "/c.yaml", AT_SYMLINK_FOLLOW) == 0)
        close(file)
        #expect(rig.run(.seconds(1)) == "apply c")
        #expect(rig.known == RealRig.fresh(folder.conf))
    }

    @Test("W2: a write through a mapping is announced by the close alone")
    func mapping() throws {
        let folder = try Folder()
        try folder.write("c.yaml", config(1))
        let rig = RealRig.real(folder.conf)
        rig.run()
        let file = open(folder.conf + "/c.yaml", O_RDWR)
        let text = config(2)
        let memory = try #require(mmap(nil, text.utf8.count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0))
        #expect(memory != MAP_FAILED)
        memcpy(memory, text, text.utf8.count)
        munmap(memory, text.utf8.count)
        close(file)
        #expect(rig.run(.seconds(1)) == "apply c")
        #expect(rig.known == RealRig.fresh(folder.conf))
    }

    @Test("W1: ConfigMap swaps one after the other")
    func swaps() throws {
        let folder = try Folder()
        try folder.sh(#"mkdir ..v0; echo "$V3" > ..v0/c.yaml; ln -s ..v0 ..data; ln -s ..data/c.yaml c.yaml"#)
        let rig = RealRig.real(folder.conf)
        #expect(rig.run() == "apply c")
        for round in 1...5 {
            try folder.sh("mkdir ..v\(round)")
            try folder.write("..v\(round)/c.yaml", config(round + 10))
            try folder.sh("ln -s ..v\(round) ..data_tmp; mv -T ..data_tmp ..data; rm -r ..v\(round - 1)")
            #expect(rig.run(.seconds(1)) == "apply c")
        }
        #expect(rig.status.missed == 0)
    }

    @Test("W9: a directory that is not there yet is waited for, however much of its path is missing")
    func missingAtStart() throws {
        let folder = try Folder()
        let rig = RealRig.real(folder.base + "/x/y/conf")
        #expect(rig.run() == "")
        #expect(rig.status.directory == .missing)
        #expect(rig.report(0)?.directory == .missing)
        try folder.sh(#"mkdir -p ../x/y"#)
        rig.run(.seconds(1))
        try folder.sh(#"mkdir ../x/y/conf; echo "$V2" > ../x/y/conf/c.yaml"#)
        #expect(rig.run(.seconds(1)) == "apply c")
        #expect(rig.status.directory == .present)
        let away = WatchNotice.directoryAway(folder.base + "/x/y/conf", .missing, isKeeping: false)
        #expect("\(away)".hasSuffix("/x/y/conf: there is no such directory; waiting for it"))
        #expect(rig.notices == [away, .directoryBack(folder.base + "/x/y/conf")])
    }

    @Test("W9 W10: while the directory is away, or empty in its stead, everything stays in force")
    func awayAndEmpty() throws {
        let folder = try Folder()
        try folder.write("c.yaml", config(1))
        let rig = RealRig.real(folder.conf)
        rig.run()
        try folder.sh("mv ../conf ../old")
        #expect(rig.run(.seconds(100)) == "")
        #expect(rig.status.directory == .missing)
        #expect(rig.notices.last.map { "\($0)".contains("; keeping the configs in force and waiting for it") } == true)
        try folder.sh("mkdir conf")
        #expect(rig.run(.seconds(100)) == "")
        #expect(rig.status.directory == .replacedByEmpty)
        #expect(rig.status.inForce == 1)
        // Asked for, it is believed.
        rig.request(1)
        #expect(rig.run(.seconds(11)) == "remove c")
        #expect(rig.status.directory == .present)
    }

    @Test("W11: what cannot be read is refused, and the others go on")
    func unreadable() throws {
        let folder = try Folder()
        let rig = RealRig.real(folder.conf)
        rig.run()
        try folder.sh(
            #"""
            echo "$V2" > good.yaml; mkfifo fifo.yaml; mkdir folder.yaml; ln -s nowhere dangling.yaml; ln -s loop.yaml loop.yaml
            head -c 1048577 /dev/zero | tr '\0' ' ' > large.yaml; printf 'data_generation: { random_seed: \377 }' > latin.yaml
            : > "$(printf 'bad\377.yaml')"; : > empty.yaml
            """#)
        let refused = ["bad\u{FFFD}", "dangling", "empty", "fifo", "folder", "large", "latin", "loop"]
        #expect(
            rig.run()
                == (refused.prefix(5).map { "refuse \($0)" } + ["apply good"] + refused.dropFirst(5).map { "refuse \($0)" }).joined(
                    separator: ", "))
        let words = [
            "fifo": "not a regular file", "folder": "not a regular file", "dangling": "leads nowhere", "loop": "symbolic link",
            "large": "more than",
            "latin": "latin.yaml:1:33", "empty": "data_generation is missing", "bad\u{FFFD}": "multibyte",
        ]
        for (name, word) in words {
            let text = rig.problems(name + ".yaml").joined(separator: "\n")
            #expect(text.contains(word) && text.hasPrefix("\(folder.conf)/\(name).yaml:"), "\(text)")
        }
        #expect(rig.known == RealRig.fresh(folder.conf))
        // A dangling link comes to life when its target appears, and the table's target directory is the config directory here.
        try folder.sh(#"echo "$V3" > nowhere"#)
        #expect(rig.run(.seconds(1)) == "apply dangling")
        #expect(rig.status.missed == 0)
    }
}
