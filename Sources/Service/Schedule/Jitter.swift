/// Spreads datasets of one schedule over some time.
public enum Jitter {
    /// The delay of a dataset on a host: a hash decides, so that it is the same after every restart. A delay drawn anew each time starves
    /// daily jobs of hosts that often reboot (systemd#21166).
    ///
    /// - Parameters:
    ///   - limit: Seconds, 0 or more.
    ///   - dataset: The dataset's name.
    ///   - host: What tells this machine from others.
    /// - Returns: Seconds, 0..<limit, or 0 for a limit of 0.
    public static func delay(upTo limit: Int64, dataset: String, host: String) -> Int64 {
        precondition(limit >= 0, "jitter is not negative")
        // FNV-1a over both texts and a byte that no UTF-8 has between them, then the finish of splitmix64: FNV alone leaves the high bits
        // of short texts poor.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in Array(dataset.utf8) + [0xFF] + Array(host.utf8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ hash >> 27) &* 0x94d0_49bb_1331_11eb
        hash ^= hash >> 31
        return Int64(hash.multipliedFullWidth(by: UInt64(limit)).high)
    }
}
