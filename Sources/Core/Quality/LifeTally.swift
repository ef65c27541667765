/// Which servers there were when, where they begin and end: what a slot's mean is expected to be depends on the offsets of just those.
///
/// ```
/// class 0: slots 0 ... n | class 1: slots 0 ... n | ...     changes from the slot before; the last entry of a class closes its last slot
/// ```
struct LifeTally: Sendable {
    private let slots: Int
    private var servers: [Int64]
    /// In 2^-16 of the bias's standard deviation.
    private var offsets: [Int64]

    init(slots: Int, classes: Int) {
        self.slots = slots
        servers = [Int64](repeating: 0, count: (slots + 1) * classes)
        offsets = servers
    }

    /// Adds a server that is there in some slots.
    mutating func add(_ own: Range<Int>, at place: Int, offset: Int64) {
        let first = place * (slots + 1)
        servers[first + own.lowerBound] += 1
        servers[first + own.upperBound] -= 1
        offsets[first + own.lowerBound] += offset
        offsets[first + own.upperBound] -= offset
    }

    /// Adds what another tally has at `place` to the class `own`.
    mutating func merge(_ other: LifeTally, from place: Int, to own: Int) {
        for slot in 0...slots {
            servers[own * (slots + 1) + slot] += other.servers[place * (slots + 1) + slot]
            offsets[own * (slots + 1) + slot] += other.offsets[place * (slots + 1) + slot]
        }
    }

    /// Of a class's slots the servers and the sum of their offsets, one after the other.
    func pairs(of own: Int) -> [Int64] {
        let first = own * (slots + 1)
        return [Int64](unsafeUninitializedCapacity: 2 * slots) { pairs, count in
            var (there, sum): (Int64, Int64) = (0, 0)
            for slot in 0..<slots {
                there += servers[first + slot]
                sum += offsets[first + slot]
                (pairs[2 * slot], pairs[2 * slot + 1]) = (there, sum)
            }
            count = 2 * slots
        }
    }

    /// Servers of a class in each slot, and the sum of their offsets.
    func slots(of own: Int) -> [(servers: Int64, offsets: Int64)] {
        var sum: (servers: Int64, offsets: Int64) = (0, 0)
        return (0..<slots).map { slot in
            sum.servers += servers[own * (slots + 1) + slot]
            sum.offsets += offsets[own * (slots + 1) + slot]
            return sum
        }
    }
}

extension LifeTally {
    func write(to output: inout TallyWriter) {
        output.put(servers)
        output.put(offsets)
    }

    /// Adds what another one of the same slots and classes wrote.
    mutating func merge(from input: inout TallyReader) throws(TallyReader.Damage) {
        try input.add(to: &servers)
        try input.add(to: &offsets)
    }
}
