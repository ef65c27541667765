/// How a chunk is cut into pages and how pages are stored.
public struct PageLayout: Sendable, Equatable {
    /// Rows per data page where nothing else is asked for: small enough for the page index to prune, large enough for
    /// headers and codec calls to cost nothing (a page of 14-bit indices is 112 KiB and stays in a 512 KiB level-2 cache).
    public static let defaultRowsPerPage = 65_536

    /// Most rows in a data page, 1...16,777,216. The last page of a chunk may have fewer.
    public let rowsPerPage: Int
    /// The codec of all pages.
    public let compression: Compression
    /// Whether every page header carries a CRC-32 of the page as stored.
    public let checksums: Bool
    /// Whether numbers of full precision are split into byte planes (BYTE_STREAM_SPLIT) where a codec follows. Doubles of 53 noisy bits then
    /// take 6.6 bytes instead of 7.4 with zstd, but fastparquet cannot read them; all other readers tried can.
    public let splitsBytes: Bool

    /// - Parameters:
    ///   - rowsPerPage: Most rows in a data page, 1...16,777,216.
    ///   - compression: The codec of all pages.
    ///   - checksums: Whether every page header carries a CRC-32.
    ///   - splitsBytes: Whether numbers of full precision are split into byte planes where a codec follows.
    public init(
        rowsPerPage: Int = PageLayout.defaultRowsPerPage, compression: Compression = .zstd, checksums: Bool = true, splitsBytes: Bool = true
    ) {
        precondition((1...(1 << 24)).contains(rowsPerPage), "rowsPerPage out of range")
        self.rowsPerPage = rowsPerPage
        self.compression = compression
        self.checksums = checksums
        self.splitsBytes = splitsBytes
    }
}
