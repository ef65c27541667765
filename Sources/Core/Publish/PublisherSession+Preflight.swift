extension PublisherSession {
    /// Room that a run leaves free, so that even a nearly full disk has space for manifests and for retention to work: 64 MiB.
    public static let defaultReserve: UInt64 = 64 << 20

    /// Refuses a run that will not fit, before anything is generated.
    ///
    /// The old generation stays while the new one is written, so the estimate is the new generation's whole size. A store that does not
    /// know its free space refuses nothing.
    ///
    /// - Parameters:
    ///   - estimate: The bytes that the run will write.
    ///   - reserve: The bytes to leave free.
    /// - Throws: Code `noSpace` (exit status 73, as for a disk that fills up in the middle), retryable.
    public func preflight(estimate: UInt64, reserve: UInt64 = PublisherSession.defaultReserve) async throws(StoreError) {
        try await Self.preflight(store, estimate: estimate, reserve: reserve)
    }

    /// The same for work outside a session.
    static func preflight(
        _ store: any ObjectStore, estimate: UInt64, reserve: UInt64 = PublisherSession.defaultReserve
    ) async throws(StoreError) {
        guard let free = try await (store as? any SpaceReporting)?.freeSpace() else { return }
        let (needed, overflow) = estimate.addingReportingOverflow(reserve)
        guard overflow || needed > free else { return }
        throw StoreError(
            .noSpace, .retryable,
            "The run needs about \(size(estimate)) and leaves \(size(reserve)) free, but there are \(size(free)). Nothing "
                + "was changed. Free space, lower retention.keep_last, or make the dataset smaller.")
    }

    /// Bytes with a binary unit: `1.3 MiB`.
    private static func size(_ bytes: UInt64) -> String {
        guard bytes >= 1024 else { return "\(bytes) B" }
        var value = Double(bytes) / 1024
        var units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"][...]
        while (value * 10).rounded() >= 10_240, units.count > 1 {
            value /= 1024
            units.removeFirst()
        }
        return "\((value * 10).rounded() / 10) \(units.first ?? "")"
    }
}
