/// How many servers a lasting change comes to, and how often.
package struct ChangeCount {
    /// The change.
    package let name: String
    /// The share that is asked for.
    package let share: Double
    /// Probability that it comes to a server on a day; nil for declared days.
    package let rate: Double?
    /// Servers whose labels count.
    package var eligible = 0
    /// Of these the ones that it ever comes to.
    package var touched = 0
    /// Events of those whose days are in the run.
    package var found = 0
}

extension LastingPlan {
    /// - Complexity: O(servers * changes), and their events.
    package func counts(servers: some Collection<Int>) -> [ChangeCount] {
        changes.map { change in
            var rate: Double?
            if case .perYear(let perYear) = change.spec.timing { rate = perYear / 365.2425 }
            var count = ChangeCount(name: change.spec.name, share: change.spec.share, rate: rate)
            for server in servers where isEligible(change, server: server) {
                count.eligible += 1
                guard touches(change, server: server) else { continue }
                count.touched += 1
                guard rate != nil else { continue }
                // An event late on the last day begins at the step after it: days are what is drawn.
                count.found += daysOfEvents(change, server: server).count
            }
            return count
        }
    }
}
