import Core
import Testing

@Suite("Manifests and pointers")
struct ManifestTests {
    /// A second generation's manifest and pointer, as they lie in the store.
    private func files() async throws -> (manifest: Manifest, manifestBytes: [UInt8], pointerBytes: [UInt8]) {
        let store = InMemoryStore()
        var publication = Publication()
        publication.retention = RetentionPolicy(keepLast: 1, graceHours: 24)
        try await publication.run(store)
        let manifest = try await publication.next().run(store)
        let bytes = try #require(try await store.get(ObjectKey("manifests/web/2.json"))).bytes
        return (manifest, bytes, try #require(try await store.get(ObjectKey("manifests/web/latest.json"))).bytes)
    }

    @Test("D5 A manifest has every field, in a canonical text that is a fixed point")
    func fixedPoint() async throws {
        let (manifest, bytes, _) = try await files()
        #expect(bytes == manifest.canonicalBytes)
        let parsed = try Manifest(parsing: bytes, path: "2.json")
        #expect(parsed.canonicalBytes == bytes)
        #expect(parsed.generation == 2 && parsed.previous?.generation == 1 && parsed.dataset == "web")
        #expect(parsed.run.seed == .max && parsed.run.window == manifest.run.window && parsed.run.identity == manifest.run.identity)
        #expect(parsed.artifacts == manifest.artifacts)
        #expect(parsed.artifacts.map(\.role) == [.summary, .panel])
        #expect(parsed.artifact(.panel)?.rows == 175_320)
        let text = String(decoding: bytes, as: UTF8.self)
        for line in [
            "\"format_version\": 1", "\"dataset\": \"web\"", "\"generation\": 2", "\"run_id\": \"run-2\"", "\"reason\": \"manual\"",
            "\"created\": \"2025-06-15T16:06:40Z\"", "\"tool_version\": \"1.0\"", "\"algorithm_version\": 1", "\"outlier_rate\": 1.50e-3",
            "\"window_start\": \"2022-01-01\"", "\"window_end\": \"2025-12-31\"", "\"servers\": 120", "\"rows\": 175320",
            "\"seed\": 18446744073709551615", "\"passed\": true", "\"config_sha256\": \"\(manifest.run.configSHA256)\"",
            "\"data_sha256\": \"\(manifest.run.dataSHA256)\"", "\"checksum\": \"sha256:",
        ] { #expect(text.contains(line), "\(line)") }
    }

    @Test("D5 The checksum is the hash of the canonical text without it, wherever its line stands")
    func checksum() async throws {
        let (_, manifest, pointer) = try await files()
        for bytes in [manifest, pointer] {
            let value = try CanonicalJSON(parsing: bytes)
            guard case .object(var members) = value else {
                Issue.record("it is an object")
                return
            }
            let stated = members.removeValue(forKey: "checksum")?.string
            #expect(stated == "sha256:" + ContentHash(of: CanonicalJSON.object(members).bytes).hex)
            #expect(value.bytes == bytes)
        }
    }

    @Test("D5 Generation by generation, each manifest carries the hash of the one before")
    func chain() async throws {
        let store = InMemoryStore()
        let first = try await Publication().run(store)
        let second = try await Publication().next().run(store)
        #expect(first.previous == nil)
        #expect(
            second.previous?.manifestSHA256 == ContentHash(of: try #require(try await store.get(ObjectKey("manifests/web/1.json"))).bytes))
    }

    @Test("D16 A flipped bit in any byte of a manifest or pointer is found")
    func bitFlips() async throws {
        let (_, manifest, pointer) = try await files()
        for index in manifest.indices {
            var bytes = manifest
            bytes[index] ^= UInt8(1 << (index % 8))
            #expect(throws: StoreError.self, "byte \(index)") { try Manifest(parsing: bytes, path: "2.json") }
        }
        for index in pointer.indices {
            var bytes = pointer
            bytes[index] ^= UInt8(1 << (index % 8))
            #expect(throws: StoreError.self, "byte \(index)") { try Pointer(parsing: bytes, path: "latest.json") }
        }
        #expect(try Pointer(parsing: pointer, path: "latest.json").unlisted.map(\.generation) == [1])
    }

    @Test("D16 Bytes added, cut off or merely spaced otherwise are found")
    func otherChanges() async throws {
        let (_, bytes, _) = try await files()
        for changed in [bytes + [0x0A], Array(bytes.dropLast()), [0x20] + bytes, []] {
            let error = #expect(throws: StoreError.self) { try Manifest(parsing: changed, path: "2.json") }
            #expect(error?.code == .damaged && error?.exitCode == 65)
        }
    }

    @Test("D5 A version from the future is refused, not guessed, even with another checksum")
    func future() async throws {
        let (_, bytes, pointer) = try await files()
        for (bytes, isManifest, newest) in [(bytes, true, Manifest.formatVersion), (pointer, false, Pointer.formatVersion)] {
            let text = String(decoding: bytes, as: UTF8.self)
            let newer = Array(text.replacing("\"format_version\": 1", with: "\"format_version\": \(newest + 1)").utf8)
            let error = #expect(throws: StoreError.self) {
                if isManifest { _ = try Manifest(parsing: newer, path: "x") } else { _ = try Pointer(parsing: newer, path: "x") }
            }
            #expect(error?.code == .unknownFormat)
            #expect(error?.message.contains("format version \(newest + 1)") == true)
        }
    }
}
