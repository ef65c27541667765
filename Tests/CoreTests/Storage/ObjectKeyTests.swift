import Core
import Testing

@Suite("Object keys")
struct ObjectKeyTests {
    @Test(
        "A path that leaves its store, or could be mistaken, is no key",
        arguments: [
            "", "/etc/passwd", "..", "../x", "a/../b", "a/./b", "a//b", "a/", "a\u{0}b", "a\nb", "a/\u{7F}",
            String(repeating: "x", count: 201), String(repeating: "abc/", count: 256) + "x", "raw/.p.parquet.put-0123456789abcdef.staged",
        ])
    func refused(path: String) {
        let error = #expect(throws: StoreError.self) { try ObjectKey(path) }
        #expect(error?.code == .invalidKey)
        #expect(error?.exitCode == 73)
    }

    @Test(
        "A plain relative path is a key, hidden and non-ASCII names included",
        arguments: [
            ("panel.parquet", "", "panel.parquet"), ("raw/a b/ü.parquet", "raw/a b", "ü.parquet"), ("..a/.b", "..a", ".b"),
            ("x/" + String(repeating: "y", count: 200), "x", String(repeating: "y", count: 200)),
        ])
    func accepted(path: String, folder: String, name: String) throws {
        let key = try ObjectKey(path)
        #expect(key.path == path)
        #expect(key.folder == folder)
        #expect(key.name == name)
    }

    @Test("Keys are in the order of their bytes, whatever the alphabet says")
    func order() throws {
        // 15 and 16 bytes: Swift keeps the shorter text in place and the longer elsewhere.
        let ordered = [
            "-", "A", "Z", "a", "a/b", "a/bb", "a0", "aa", "abcdefghijklmno", "abcdefghijklmno0", "abcdefghijklmnop", "e\u{301}",
            "z", "é", "ü", "日", "😀",
        ]
        for (left, text) in ordered.enumerated() {
            for (right, other) in ordered.enumerated() {
                #expect((try ObjectKey(text) < ObjectKey(other)) == (left < right), "\(text) < \(other)")
                #expect(text.precedesInBytes(other) == text.utf8.lexicographicallyPrecedes(other.utf8))
            }
        }
        #expect("".precedesInBytes("a") && !"a".precedesInBytes("") && !"".precedesInBytes(""))
    }
}
