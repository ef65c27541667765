/// What `Publisher.open` found and did, for the caller's log. All empty after a clean end.
public struct RecoveryReport: Hashable, Sendable {
    /// The announced generation that was completed.
    public var rolledForward: Int?
    /// The announced generation that could not be completed and was removed.
    public var discarded: Int?
    /// Generations after the latest that are not whole although nothing shows that they were never finished, ascending: after the pointer
    /// was lost and a file as well. Nothing of them was touched; the next run publishes a generation with a higher number.
    public var damaged: [Int] = []
    /// Final names that the discarded generation had already taken from the one before; the next run restores them.
    public var replaced: [ObjectKey] = []
    /// Keys of the hidden files that were removed, sorted.
    public var removedStaged: [ObjectKey] = []
    /// Why the latest generation's manifest cannot be used; the next run publishes a new generation.
    public var latestProblem: StoreError?

    /// Whether there was nothing to do.
    public var isClean: Bool { self == RecoveryReport() }
}
