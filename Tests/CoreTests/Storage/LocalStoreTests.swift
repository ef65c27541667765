import Core
import FoundationEssentials
import Glibc
import Testing

@Suite("The local store")
struct LocalStoreTests {
    private let bench: StoreBench
    private let key: ObjectKey

    init() throws {
        bench = try StoreBench(.local)
        key = try ObjectKey("raw/panel.parquet")
    }

    private func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: bench.root + "/" + folder).sorted()
    }

    @Test("D1 A staged file lies hidden beside its final name, and no *.parquet pattern matches it")
    func stagedName() async throws {
        let staged = try await bench.store().stage(key, owner: "0123456789abcdef")
        let name = ".panel.parquet.\(staged.token).staged"
        #expect(try names(in: "raw") == [name])
        #expect(fnmatch("*.parquet", name, 0) != 0)
        #expect(!name.hasSuffix(".parquet"))
    }

    @Test("D1 D3 The order is create, write, fsync, close, fsync of the folder, rename, fsync of the folder; new folders are synced once")
    func order() async throws {
        let plan = FaultPlan.recording
        let store = bench.store(faults: plan.hook)
        let staged = try await store.stage(key, owner: "web")
        // raw/ is created and made durable in the root.
        #expect(plan.steps.filter { $0 != .inspect } == [.makeFolder, .open, .sync, .create])
        let before = plan.steps.count
        try await staged.append([1])
        try await staged.seal()
        try await staged.publish()
        #expect(Array(plan.steps[before...]) == [.write, .sync, .close, .open, .sync, .rename, .open, .sync])
        let second = plan.steps.count
        _ = try await store.put(ObjectKey("raw/x"), [1], if: .none)
        #expect(Array(plan.steps[second...]).filter { $0 != .inspect } == [.create, .write, .sync, .close, .rename, .open, .sync])
    }

    @Test("D3 Folders that an earlier process created are synced again, because it may have died before it did")
    func syncsInheritedFolders() async throws {
        _ = try await bench.store().put(ObjectKey("a/b/first"), [1], if: .none)
        let plan = FaultPlan.recording
        _ = try await bench.store(faults: plan.hook).put(ObjectKey("a/b/second"), [1], if: .none)
        let prelude = plan.steps.prefix { $0 != .create }
        #expect(prelude.filter { $0 == .sync }.count == 2)
        #expect(!prelude.contains(.makeFolder))
    }

    @Test("A folder that somebody removed meanwhile is created again")
    func folderRemoved() async throws {
        let store = bench.store()
        _ = try await store.put(key, [1], if: .none)
        try FileManager.default.removeItem(atPath: bench.root)
        _ = try await store.put(key, [2], if: .none)
        #expect(try await store.get(key)?.bytes == [2])
    }

    @Test("D17 Files are 0666 and folders 0777 without the umask's bits")
    func modes() async throws {
        let old = umask(0o027)
        defer { umask(old) }
        _ = try await bench.store().put(ObjectKey("modes/x"), [1], if: .none)
        var status = stat()
        stat(bench.root + "/modes/x", &status)
        #expect(status.st_mode & 0o777 == 0o640)
        stat(bench.root + "/modes", &status)
        #expect(status.st_mode & 0o777 == 0o750)
    }

    @Test("A pipe or a folder in the place of a file is an error, not a wait", arguments: ["pipe", "folder"])
    func notAFile(name: String) async throws {
        mkfifo(bench.root + "/pipe", 0o600)
        mkdir(bench.root + "/folder", 0o700)
        await expectError(.notFound) { _ = try await bench.store().open(ObjectKey(name)) }
    }

    @Test("A file in the place of a folder is an error that names the folder")
    func fileForFolder() async throws {
        _ = try await bench.store().put(ObjectKey("raw"), [1], if: .none)
        let error = await expectError(.notFound) { _ = try await bench.store().put(key, [1], if: .none) }
        #expect(error?.message.contains("ENOTDIR") == true)
        #expect(try await bench.store().open(key) == nil)
    }

    @Test("A listing follows no links and skips names that are no keys")
    func foreignNames() async throws {
        _ = try await bench.store().put(key, [1], if: .none)
        symlink("/", bench.root + "/raw/root")
        for name in ["a\nb", String(repeating: "n", count: 240)] {
            let file = try #require(fopen(bench.root + "/raw/" + name, "w"))
            fclose(file)
        }
        #expect(try await bench.store().list("").map(\.key) == [key])
    }

    @Test("D15 The refusal of a second writer names the process that holds the lock")
    func holder() async throws {
        let scope = try ObjectKey("manifests/web")
        let lock = try await bench.store().lock(scope)
        let error = await expectError(.busy) { _ = try await bench.store().lock(scope) }
        #expect(error?.message.contains("process \(getpid()).") == true)
        #expect(try names(in: "manifests/web").isEmpty)
        await lock.release()
    }

    @Test("D15 A lock that is released or forgotten is free, although a process that is starting has a copy of its descriptor")
    func releasedWithCopies() async throws {
        let scope = try ObjectKey("manifests/web")
        let folder = bench.root + "/manifests/web"
        func copies() throws -> [Int32] {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }.filter { descriptor in
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")) == folder
            }.map { dup($0) }
        }
        for isForgotten in [false, true] {
            var lock: (any WriterLock)? = try await bench.store().lock(scope)
            let copies = try copies()
            #expect(!copies.isEmpty)
            if isForgotten { lock = nil } else { await lock?.release() }
            let next = try await bench.store().lock(scope)
            await next.release()
            for copy in copies { close(copy) }
            withExtendedLifetime(lock) {}
        }
    }

    @Test("The lock table is read by device and inode, and by the inode alone where one entry has it")
    func lockTable() {
        let table = """
            1: POSIX  ADVISORY  WRITE 11 08:01:77 0 EOF
            2: FLOCK  ADVISORY  WRITE 22 08:02:77 0 EOF
            3: FLOCK  ADVISORY  WRITE 33 08:01:77 0 EOF
            3: -> FLOCK  ADVISORY  WRITE 44 08:01:77 0 EOF
            4: FLOCK  ADVISORY  WRITE 55 00:2f:99 0 EOF
            5: FLOCK  ADVISORY  WRITE 0 08:01:78 0 EOF
            broken line
            """
        func holder(_ device: UInt64, _ inode: UInt64) -> Int32? {
            LockTable.holder(of: LockTable.File(device: device, inode: inode), in: table)
        }
        #expect(holder(0x801, 77) == 33)
        #expect(holder(0x802, 77) == 22)
        #expect(holder(0x803, 77) == nil)
        #expect(holder(0x1, 99) == 55)
        #expect(holder(0x801, 78) == nil)
    }

    @Test("Free space is measured above a folder that does not exist yet, and a store is found from a path inside it")
    func spaceAndPlace() async throws {
        #expect(try #require(try await LocalStore(root: bench.root + "/not/yet").freeSpace()) > 0)
        #expect(LocalStore.locate(bench.root, folder: "manifests") == nil)
        _ = try await bench.store().put(ObjectKey("manifests/web/7.json"), [1], if: .none)
        let base = try #require(LocalStore.locate(bench.root, folder: "manifests"))
        #expect(base.store.root == bench.root && base.below == "")
        let file = try #require(LocalStore.locate(bench.root + "/manifests/web/7.json", folder: "manifests"))
        #expect(file.store.root == bench.root && file.below == "web/7.json")
        #expect(LocalStore.locate(bench.root + "/none", folder: "manifests") == nil)
    }
}
