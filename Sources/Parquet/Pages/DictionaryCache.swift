import Synchronization

/// Dictionary pages as stored, by what they list: the chunks of one column mostly list the same numbers.
///
/// A page depends on its key alone, so it does not matter which chunk made it first.
public final class DictionaryCache: Sendable {
    struct Key: Hashable {
        let first: Int32
        let last: Int32
        let decimals: Int
        let type: ColumnType
        let compression: Compression
    }

    struct Page {
        /// Header and stored body.
        let bytes: [UInt8]
        /// Header and body before compression.
        let uncompressedSize: Int
    }

    /// Columns whose ranges differ from chunk to chunk would fill the memory.
    private static let mostPages = 64

    private let pages = Mutex<[Key: Page]>([:])

    /// An empty cache.
    public init() {}

    subscript(key: Key) -> Page? {
        get { pages.withLock { $0[key] } }
        set { pages.withLock { if $0.count < Self.mostPages { $0[key] = newValue } } }
    }
}
