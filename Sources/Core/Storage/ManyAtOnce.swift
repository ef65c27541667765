import Synchronization

/// Work on many objects of a store: one after the other where a store is near, several at once where each takes a journey.
package enum ManyAtOnce {
    /// Objects handled at once.
    package static func window(_ store: any ObjectStore, near: Int = 1) -> Int { store is any SharedStaging ? 32 : near }

    /// - Returns: What `body` makes of each element, in their order.
    /// - Throws: The first error; what has begun by then is finished.
    package static func map<Element: Sendable, Made: Sendable>(
        _ elements: [Element], in store: any ObjectStore, _ body: @escaping @Sendable (Element) async throws(StoreError) -> Made
    ) async throws(StoreError) -> [Made] {
        let made = Mutex<[Int: Made]>([:])
        try await forEach(Array(elements.enumerated()), in: store) { element throws(StoreError) in
            let one = try await body(element.element)
            made.withLock { $0[element.offset] = one }
        }
        return made.withLock { made in elements.indices.compactMap { made[$0] } }
    }

    /// - Throws: The first error; what has begun by then is finished.
    package static func forEach<Element: Sendable>(
        _ elements: [Element], in store: any ObjectStore, _ body: @escaping @Sendable (Element) async throws(StoreError) -> Void
    ) async throws(StoreError) {
        let window = window(store)
        guard window > 1 else {
            for element in elements { try await body(element) }
            return
        }
        let failure = await withTaskGroup(of: StoreError?.self) { tasks in
            var left = elements[...]
            var failure: StoreError?
            func begin() {
                guard failure == nil, let element = left.popFirst() else { return }
                tasks.addTask {
                    do throws(StoreError) {
                        try await body(element)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            for _ in 0..<window { begin() }
            for await problem in tasks {
                if failure == nil { failure = problem }
                begin()
            }
            return failure
        }
        if let failure { throw failure }
    }
}
