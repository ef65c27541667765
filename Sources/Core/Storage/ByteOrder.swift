import Glibc

extension String {
    /// Whether its UTF-8 bytes come before those of another text: the order of S3's listings, of keys and of canonical JSON.
    ///
    /// `utf8.lexicographicallyPrecedes` means the same and takes one byte at a time: a commit of 10,000 shards spent a quarter of its time there.
    package func precedesInBytes(_ other: String) -> Bool {
        let order = utf8.withContiguousStorageIfAvailable { left in
            other.utf8.withContiguousStorageIfAvailable { right -> Bool in
                let shorter = min(left.count, right.count)
                guard shorter > 0, let own = left.baseAddress, let its = right.baseAddress else { return left.count < right.count }
                let difference = memcmp(own, its, shorter)
                return difference == 0 ? left.count < right.count : difference < 0
            }
        }
        // Texts that are not kept as UTF-8 do not occur on Linux.
        return order.flatMap(\.self) ?? utf8.lexicographicallyPrecedes(other.utf8)
    }
}
