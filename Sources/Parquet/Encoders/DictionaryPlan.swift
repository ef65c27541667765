/// Which scaled integers a decimal column's dictionary lists, and how indices come from values.
///
/// The whole observed range needs no table: index = value - first. Listing only the values that occur needs a look-up per value, so it is
/// chosen only where it makes the chunk noticeably smaller.
///
/// - Source of the sizes: Apache Parquet format, `Encodings.md`, "Dictionary Encoding".
package struct DictionaryPlan {
    /// A table is used when it saves at least this share of the chunk.
    private static let worthwhileShare = 1.0 / 64

    /// A range is widened to all countable values where that adds at most this part of its entries.
    private static let widened = 8

    /// The smallest and the largest value listed.
    package private(set) var first: Int32
    package private(set) var last: Int32
    /// How many values occur.
    package let distinct: Int
    /// Indices by `value - first`, or nil if the dictionary is the whole range.
    package let ranks: [Int32]?

    /// The dictionary's entries.
    package var entries: Int { ranks == nil ? Int(last) - Int(first) + 1 : distinct }
    /// Bits per index.
    package var width: Int { BitPacker.width(forLargest: entries - 1) }

    /// - Parameters:
    ///   - lowest: The value that `counts[0]` counts.
    ///   - counts: How often each value occurs.
    ///   - entrySize: Bytes of a dictionary entry.
    /// - Returns: nil if nothing occurs.
    package init?(lowest: Int32, counts: UnsafeBufferPointer<UInt32>, entrySize: Int) {
        guard let low = counts.firstIndex(where: { $0 != 0 }), let high = counts.lastIndex(where: { $0 != 0 }) else { return nil }
        var distinct = 0
        var values = 0
        for index in low...high {
            distinct += counts[index] == 0 ? 0 : 1
            values += Int(counts[index])
        }
        first = lowest + Int32(low)
        last = lowest + Int32(high)
        self.distinct = distinct

        func size(entries: Int) -> Int {
            entries * entrySize + HybridRuns.packedSize(count: values, width: BitPacker.width(forLargest: entries - 1))
        }
        let range = high - low + 1
        let saved = size(entries: range) - size(entries: distinct)
        guard Double(saved) >= Double(size(entries: range)) * Self.worthwhileShare, saved > 0 else {
            ranks = nil
            // A range that is nearly all of what could occur becomes all of it: the dictionary page is then the same in every chunk.
            let extra = counts.count - range
            if extra <= range / Self.widened, BitPacker.width(forLargest: counts.count - 1) == BitPacker.width(forLargest: range - 1) {
                first = lowest
                last = lowest + Int32(counts.count - 1)
            }
            return
        }
        var ranks = [Int32](repeating: 0, count: range)
        var rank: Int32 = 0
        for index in 0..<range where counts[low + index] != 0 {
            ranks[index] = rank
            rank += 1
        }
        self.ranks = ranks
    }

    /// Calls `body` with each entry of the dictionary, ascending.
    ///
    /// - Parameter counts: As given to the initialiser.
    func forEachEntry(lowest: Int32, counts: UnsafeBufferPointer<UInt32>, _ body: (Int32) -> Void) {
        for value in first...last where ranks == nil || counts[Int(value) - Int(lowest)] != 0 { body(value) }
    }
}
