import Core

/// A time zone: what its clocks show at any instant, and at which instants they show something.
///
/// Read from the machine's tz database rather than through glibc, whose zone is one per process, or ICU, whose data are as old as its
/// build. A value holds the data of the moment it was read; after an update of tzdata it is read again.
///
/// Instants are Unix seconds, offsets seconds east of UTC.
public struct TimeZoneRules: Equatable, Sendable {
    /// A change of the offset.
    public struct Transition: Equatable, Sendable {
        /// The first instant with the new offset.
        public let at: Int64
        /// The offset before.
        public let before: Int
        /// The offset from then on, another one than before.
        public let after: Int

        /// - Parameters: as the properties of these names.
        public init(at: Int64, before: Int, after: Int) {
            self.at = at
            self.before = before
            self.after = after
        }
    }

    /// At which instants clocks show a given time.
    public enum Instants: Equatable, Sendable {
        /// None: the transition skips it.
        case none(Transition)
        /// One.
        case one(Int64)
        /// The clocks are set back and show it again.
        case two(first: Int64, second: Int64)
    }

    /// The IANA name.
    public let name: String
    /// All changes of the offset, ascending. With a rule for the future they go on to more than a year after `cycleEnd`.
    private let transitions: [Transition]
    private let initialOffset: Int
    /// With a rule for the future: from this instant on, what happens is what happened 400 years before.
    private let cycleEnd: Int64?

    private static let cycle: Int64 = 146_097 * 86_400

    /// Universal time.
    public static let utc = TimeZoneRules(name: "UTC", offset: 0)

    /// A zone without changes.
    init(name: String, offset: Int) {
        self.name = name
        transitions = []
        initialOffset = offset
        cycleEnd = nil
    }

    /// Reads a compiled zone (RFC 8536, any version).
    ///
    /// - Parameters:
    ///   - name: The zone's name, for messages and for the state of schedules.
    ///   - bytes: The whole file.
    /// - Throws: `.unreadable` for bytes that are no zone or count leap seconds.
    public init(name: String, bytes: [UInt8]) throws(TimeZoneError) {
        let file = try TZifFile(name: name, bytes: bytes)
        self.name = name
        initialOffset = file.rule != nil && file.changes.isEmpty ? file.rule?.standardOffset ?? 0 : file.initialOffset
        var changes = file.changes
        if let rule = file.rule, rule.isAlternating {
            // A zone that has only its rule follows it at all times; 1900 is before every date of use.
            let from = changes.last?.at ?? Int64(Day(number: -25_567).number) * 86_400
            let firstYear = Day(number: Int(from / 86_400)).year
            changes += rule.changes(years: firstYear - 1...firstYear + 405).filter { $0.at > from }
            cycleEnd = from + 2 * 366 * 86_400 + Self.cycle
        } else {
            // A rule without summer time says what the last change has said.
            cycleEnd = nil
        }
        var transitions: [Transition] = []
        var offset = initialOffset
        for (index, change) in changes.enumerated() {
            // Two changes at one instant are one: summer time that lasts all year ends and begins in the same second.
            if index + 1 < changes.count, changes[index + 1].at == change.at { continue }
            if change.offset != offset { transitions.append(Transition(at: change.at, before: offset, after: change.offset)) }
            offset = change.offset
        }
        self.transitions = transitions
    }

    /// The offset at an instant.
    /// - Complexity: O(log transitions).
    public func offset(at time: Int64) -> Int { transition(atOrBefore: time)?.after ?? initialOffset }

    /// The first change of the offset after an instant, nil when there is none ever.
    public func transition(after time: Int64) -> Transition? {
        let (folded, shift) = fold(time)
        let index = firstIndex(after: folded)
        return index < transitions.count ? shifted(transitions[index], shift) : nil
    }

    /// The last change of the offset up to an instant, nil when there is none.
    public func transition(atOrBefore time: Int64) -> Transition? {
        let (folded, shift) = fold(time)
        let index = firstIndex(after: folded) - 1
        return index >= 0 ? shifted(transitions[index], shift) : nil
    }

    /// The same instant in the years that `transitions` covers, and what to add to come back.
    private func fold(_ time: Int64) -> (time: Int64, shift: Int64) {
        guard let cycleEnd, time >= cycleEnd else { return (time, 0) }
        let shift = ((time - cycleEnd) / Self.cycle + 1) * Self.cycle
        return (time - shift, shift)
    }

    private func shifted(_ transition: Transition, _ shift: Int64) -> Transition {
        Transition(at: transition.at + shift, before: transition.before, after: transition.after)
    }

    private func firstIndex(after time: Int64) -> Int {
        var (low, high) = (0, transitions.count)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].at <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension TimeZoneRules {
    /// No zone is further from UTC than this (RFC 8536, section 3.2).
    private static let widest: Int64 = 26 * 3_600

    /// At which instants the zone's clocks show a time.
    ///
    /// - Parameter reading: What the clocks show, as seconds from 1970-01-01T00:00:00 on the same clocks.
    /// - Returns: The first two instants where clocks were set back more than once.
    public func instants(showing reading: Int64) -> Instants {
        var found: [Int64] = []
        var gap: Transition?
        var start = Int64.min
        var offset = Int64(self.offset(at: reading - Self.widest - 1))
        var next = transition(after: reading - Self.widest - 1)
        while found.count < 2 {
            let time = reading - offset
            if time >= start, time < next?.at ?? .max { found.append(time) }
            guard let change = next, change.at <= reading + Self.widest else { break }
            if (change.at + Int64(change.before)..<change.at + Int64(max(change.before, change.after))).contains(reading) { gap = change }
            (start, offset, next) = (change.at, Int64(change.after), transition(after: change.at))
        }
        if found.count == 2 { return .two(first: found[0], second: found[1]) }
        if let time = found.first { return .one(time) }
        guard let gap else { preconditionFailure("a time that no transition skips is shown") }
        return .none(gap)
    }

    /// The latest time that clocks had shown before a transition, in a chain of transitions within three days.
    ///
    /// Clocks set back show earlier times again afterwards; what lies before this reading has had its turn.
    func reached(before transition: Transition) -> Int64 {
        var latest = transition.at + Int64(transition.before)
        var earlier = self.transition(atOrBefore: transition.at - 1)
        while let change = earlier, change.at > transition.at - 3 * 86_400 {
            latest = max(latest, change.at + Int64(change.before))
            earlier = self.transition(atOrBefore: change.at - 1)
        }
        return latest
    }

    /// What the zone's clocks show at an instant, with the offset: `2024-03-31T03:00:00+02:00`.
    public func text(at time: Int64) -> String {
        let offset = self.offset(at: time)
        let reading = time + Int64(offset)
        let days = reading >= 0 ? reading / 86_400 : -((-reading + 86_399) / 86_400)
        let clock = Self.clock(Int(reading - days * 86_400), withSeconds: true)
        let size = Int(offset.magnitude)
        return "\(Day(number: Int(days)))T\(clock)\(offset < 0 ? "-" : "+")\(Self.clock(size, withSeconds: size % 60 != 0))"
    }

    private static func clock(_ seconds: Int, withSeconds: Bool) -> String {
        [seconds / 3_600, seconds / 60 % 60, seconds % 60].prefix(withSeconds ? 3 : 2).map { $0 < 10 ? "0\($0)" : "\($0)" }
            .joined(separator: ":")
    }
}
