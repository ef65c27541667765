import Foundation
import Glibc
import Service
import Testing

/// What needs root: mounts, and a limit of the kernel. One after the other, because the limit is the whole machine's.
@Suite("Mounts and limits, for real", .serialized)
struct PrivilegedWatchTests {
    private static var isRoot: Bool {
        if geteuid() == 0 { return true }
        print("SKIPPED, not root: mounts over the config directory, bind mounts, overflow of inotify's queue")
        return false
    }

    @Test("W9: a file system mounted over the directory is adopted when it has configs, and so is what lay below", .enabled(if: isRoot))
    func mountedOver() throws {
        let folder = try Folder()
        try folder.write("c.yaml", config(1))
        let rig = RealRig.real(folder.conf)
        rig.run()
        try folder.sh("cd ..; mount -t tmpfs -o size=1m none conf")
        var isMounted = true
        defer { if isMounted { umount2(folder.conf, Int32(MNT_DETACH)) } }
        #expect(rig.run(.seconds(61)) == "")
        #expect(rig.status.directory == .replacedByEmpty)
        try folder.write("d.yaml", config(2))
        #expect(rig.run(.seconds(20)) == "apply d | remove c")
        #expect(rig.known == RealRig.fresh(folder.conf))

        #expect(umount2(folder.conf, 0) == 0)
        isMounted = false
        #expect(rig.run(.seconds(20)) == "apply c | remove d")
        #expect(rig.known == RealRig.fresh(folder.conf))
    }

    @Test("W12: a bind-mounted file that is edited at its source is found by a rescan", .enabled(if: isRoot))
    func bindMount() throws {
        let folder = try Folder()
        try folder.sh(#"echo "$V3" > ../source; : > c.yaml; mount --bind ../source c.yaml"#)
        defer { umount2(folder.conf + "/c.yaml", Int32(MNT_DETACH)) }
        let rig = RealRig.real(folder.conf)
        #expect(rig.run() == "apply c")
        try folder.sh(#"echo "$V2" > ../source"#)
        #expect(rig.run(.seconds(61)) == "apply c")
        #expect(rig.status.missed == 1)
        #expect(rig.known == RealRig.fresh(folder.conf))
    }

    @Test("W7: after an overflow everything is read again, and watching goes on", .enabled(if: isRoot))
    func overflow() throws {
        let folder = try Folder()
        try folder.write("c.yaml", config(1))
        let limit = "/proc/sys/fs/inotify/max_queued_events"
        let before = try String(contentsOfFile: limit, encoding: .utf8)
        try "16".write(toFile: limit, atomically: false, encoding: .utf8)
        let rig = RealRig.real(folder.conf)
        rig.run(.zero)
        try before.write(toFile: limit, atomically: false, encoding: .utf8)
        #expect(try String(contentsOfFile: limit, encoding: .utf8) == before)
        rig.run()

        try folder.sh(#"for i in $(seq 40); do echo "$V2" > x$i.yaml; rm x$i.yaml; done; echo "$V2" > last.yaml; echo "$V3" > c.yaml"#)
        #expect(rig.run(.seconds(1)) == "apply c, apply last")
        #expect(rig.status.overflows == 1)
        #expect(rig.notices.contains(.overflow))
        #expect(rig.known == RealRig.fresh(folder.conf))
        try folder.sh(#"echo "$V2" > c.yaml"#)
        #expect(rig.run(.seconds(1)) == "apply c")
        #expect(rig.status.missed == 0)
    }
}
