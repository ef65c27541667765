/// The steps at which a store touches the outside world, one per kind of system call.
package enum StoreStep: String, Hashable, Sendable, CaseIterable {
    case open, read, create, write, sync, close, rename, remove, makeFolder, removeFolder, list, inspect
}

/// What a test makes of a step.
package enum InjectedFault: Hashable, Sendable {
    /// The step fails with this `errno` and has no effect.
    case before(Int32)
    /// The step takes effect, but its caller hears this `errno`: a lost answer.
    case after(Int32)
}

/// Asked before every step; nil lets it happen. A hook that fails every step from the n-th on is a crash at the n-th step.
package typealias FaultHook = @Sendable (StoreStep) -> InjectedFault?
