import Core
import FoundationEssentials
import Glibc
import Testing

@Suite("Empty folders")
struct TidyingTests {
    private let bench: StoreBench
    private var store: LocalStore { LocalStore(root: bench.root) }

    init() throws { bench = try StoreBench(.local) }

    private func make(_ folders: String...) throws {
        for folder in folders {
            try FileManager.default.createDirectory(atPath: "\(bench.root)/\(folder)", withIntermediateDirectories: true)
        }
    }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(bench.root)/\(path)") }

    private func keys(_ paths: String...) throws -> [ObjectKey] { try paths.map { try ObjectKey($0) } }

    @Test("the folders of removed objects go, up to the one that stays", arguments: ["raw/", "raw", "raw//"])
    func climbs(prefix: String) async throws {
        try make("raw/web/one", "raw/web/two", "raw/other")
        await store.removeEmptyFolders(of: try keys("raw/web/one/a", "raw/web/one/b", "raw/web/two/a"), below: prefix)
        #expect(!exists("raw/web") && exists("raw/other"))
        await store.removeEmptyFolders(of: try keys("raw/a", "raw/other/a"), below: prefix)
        #expect(exists("raw") && !exists("raw/other"))
        // What an interrupted removal has begun is finished.
        try make("raw/web")
        await store.removeEmptyFolders(of: try keys("raw/web/gone/deep/a"), below: prefix)
        #expect(exists("raw") && !exists("raw/web"))
    }

    @Test("a folder that holds anything stays, a hidden file and an empty folder included")
    func holds() async throws {
        try make("raw/web/one", "raw/web/two/deep", "raw/web/three")
        _ = try await store.stage(ObjectKey("raw/web/one/a"), owner: "somebody").seal()
        await store.removeEmptyFolders(of: try keys("raw/web/one/a", "raw/web/two/a", "raw/web/three/a", "raw/web/never/a"), below: "raw/")
        #expect(exists("raw/web/one") && exists("raw/web/two/deep") && !exists("raw/web/three"))
    }

    @Test("nothing outside of the folder that stays is touched, one whose name begins the same included")
    func outside() async throws {
        try make("raw/web", "rawer/web", "manifests/web")
        await store.removeEmptyFolders(of: try keys("rawer/web/a", "manifests/web/a"), below: "raw/")
        #expect(exists("rawer/web") && exists("manifests/web"))
        await store.removeEmptyFolders(of: try keys("rawer/web/a", "top"), below: "")
        #expect(!exists("rawer") && exists(""))
    }

    @Test("links are not followed, and do not go themselves")
    func links() async throws {
        try make("elsewhere/one", "raw")
        try FileManager.default.createSymbolicLink(atPath: "\(bench.root)/raw/web", withDestinationPath: "\(bench.root)/elsewhere")
        await store.removeEmptyFolders(of: try keys("raw/web/one/a", "raw/web/a"), below: "raw/")
        #expect(exists("elsewhere/one") && exists("raw/web/one"))
    }

    @Test("a folder that went at any moment before its first file is made again", arguments: 1...12)
    func raced(moment: Int) async throws {
        try make("raw/_staging/web")
        let root = bench.root
        let plan = FaultPlan { steps in
            // Before that step, somebody removes what is empty.
            if steps.count == moment {
                for folder in ["raw/_staging/web/one", "raw/_staging/web", "raw/_staging", "raw"] { _ = rmdir("\(root)/\(folder)") }
            }
            return nil
        }
        _ = try await LocalStore(root: root, faults: plan.hook).put(ObjectKey("raw/_staging/web/one/a"), [1], if: .absent)
        #expect(try await store.get(ObjectKey("raw/_staging/web/one/a"))?.bytes == [1] && plan.steps.count >= moment)
    }

    @Test("a shard that cannot write a file leaves no folder that was made for one", arguments: 1...3)
    func refusedShard(file: Int) async throws {
        try make("raw")
        let config = try Shards.config("truth: { cells: true }")
        // Its part, that of the ground truth, its record.
        let plan = FaultPlan.fail(at: file, .create, .before(EACCES))
        let error = await #expect(throws: RunError.self) {
            try await Shards.stage(config, 0, of: 2, in: LocalStore(root: bench.root, faults: plan.hook))
        }
        #expect(error?.exitCode == 77)
        #expect(try FileManager.default.subpathsOfDirectory(atPath: bench.root) == ["raw"])
    }

    @Test("retention and what is taken back leave no empty folders, and those of manifests stay")
    func generations() async throws {
        var publication = Publication(folder: "raw/1")
        publication.retention = RetentionPolicy(keepLast: 1, graceHours: 0)
        try await publication.run(store)
        publication = publication.next()
        publication.folder = "raw/2"
        try await publication.run(store)
        let session = try await Publisher.open(store, dataset: "web", prefixes: [""])
        _ = try await session.sweep(publication.retention, now: publication.now.adding(hours: 1))
        await session.close()
        #expect(!exists("raw/1") && exists("raw/2") && exists("manifests/web"))
    }
}
