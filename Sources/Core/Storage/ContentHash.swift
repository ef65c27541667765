import Crypto

/// The SHA-256 of some bytes: how artifacts, manifests and configurations are told apart.
///
/// Source: FIPS 180-4.
public struct ContentHash: Hashable, Sendable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public let hex: String

    /// Returns nil unless `hex` is 64 lower-case hexadecimal digits.
    public init?(hex: String) {
        guard hex.utf8.count == 64, hex.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else { return nil }
        self.hex = hex
    }

    /// The hash of `bytes`.
    /// - Complexity: O(bytes).
    public init(of bytes: [UInt8]) {
        var hasher = ContentHasher()
        hasher.update(bytes)
        self = hasher.finish()
    }

    /// The 32 bytes.
    package var bytes: [UInt8] {
        let digits = hex.utf8.map { $0 < 58 ? $0 - 48 : $0 - 87 }
        return stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    fileprivate init(digest: some Sequence<UInt8>) {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in digest {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        hex = String(decoding: text, as: UTF8.self)
    }

    /// Same as `hex`.
    public var description: String { hex }
}

/// Hashes bytes as they pass, in bounded memory.
public struct ContentHasher: Sendable {
    private var hasher = SHA256()
    /// Bytes seen so far.
    public private(set) var count: UInt64 = 0

    /// A hasher that has seen nothing.
    public init() {}

    /// Takes the next bytes.
    public mutating func update(_ bytes: [UInt8]) {
        hasher.update(data: bytes)
        count += UInt64(bytes.count)
    }

    /// The hash of everything seen; the hasher may go on.
    public func finish() -> ContentHash {
        ContentHash(digest: hasher.finalize())
    }
}
