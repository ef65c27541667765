import Kernels
import Synchronization

/// Buffers of one column in the making, reused from chunk to chunk so that the operating system need not clear new pages.
final class ColumnScratch {
    /// Deviates of one server, or its scaled values in the kernel's order.
    private(set) var noise: UnsafeMutableBufferPointer<Float>
    /// One server's numbers above the grid's lowest, in whole superblocks; each class's sums over servers in the kernel's order; the chunk's present cells.
    private(set) var row: UnsafeMutableBufferPointer<UInt16>
    private(set) var sums: UnsafeMutableBufferPointer<UInt32>
    private(set) var narrow: UnsafeMutableBufferPointer<UInt16>
    /// By step over servers: published numbers of a narrow grid less judged ones, and judged cells that are not published.
    private(set) var excess: UnsafeMutableBufferPointer<Int32>
    private(set) var hidden: UnsafeMutableBufferPointer<Int32>
    /// Whether there is anything in these two.
    var hasExcess = false
    /// Whether the judged row at hand is in the counts.
    var isCounted = true
    private(set) var whole: UnsafeMutableBufferPointer<Int32>
    private(set) var real: UnsafeMutableBufferPointer<Double>
    private(set) var counts: UnsafeMutableBufferPointer<UInt32>
    /// Values per bin of the chunk's rows, where these are made of several cells.
    private(set) var rowCounts: UnsafeMutableBufferPointer<UInt32>
    /// Buffers of noise that is more than independent deviates.
    let noiseRow = NoiseScratch()
    /// Buffers of the rich path.
    let rich = RichScratch()
    /// Rows of the chunk that are missing so far.
    var nullRows: [Int32] = []
    /// Steps on which the server at hand exists.
    var span = 0..<0
    /// Of these the ones that are outliers, and that are missing.
    var outliers: [Int32] = []
    var missing: [Int32] = []

    init() {
        noise = .allocate(capacity: 0)
        row = .allocate(capacity: 0)
        sums = .allocate(capacity: 0)
        narrow = .allocate(capacity: 0)
        excess = .allocate(capacity: 0)
        hidden = .allocate(capacity: 0)
        whole = .allocate(capacity: 0)
        real = .allocate(capacity: 0)
        counts = .allocate(capacity: 0)
        rowCounts = .allocate(capacity: 0)
    }

    /// Makes room and sets the counters to 0; what was in the other buffers is lost.
    func reserve(noise noiseCount: Int, whole wholeCount: Int, real realCount: Int, counts countsCount: Int) {
        Self.grow(&noise, to: noiseCount)
        Self.grow(&whole, to: wholeCount)
        Self.grow(&real, to: realCount)
        Self.grow(&counts, to: countsCount)
        counts.update(repeating: 0)
    }

    /// The same for a narrow grid; the sums are set to 0, too.
    func reserveNarrow(row rowCount: Int, classes: Int, cells: Int, counts countsCount: Int) {
        reserve(noise: rowCount, whole: 0, real: 0, counts: countsCount)
        let slack = Int(FLEETSYNTH_CLOSE_SLACK)
        Self.grow(&row, to: rowCount + slack)
        Self.grow(&sums, to: rowCount * classes)
        Self.grow(&narrow, to: cells + slack)
        Self.grow(&excess, to: rowCount)
        Self.grow(&hidden, to: rowCount)
        UnsafeMutableBufferPointer(rebasing: sums.prefix(rowCount * classes)).update(repeating: 0)
        forgetExcess(rowCount)
    }

    /// Sets what differs by step to 0.
    func forgetExcess(_ count: Int) {
        UnsafeMutableBufferPointer(rebasing: excess.prefix(count)).update(repeating: 0)
        UnsafeMutableBufferPointer(rebasing: hidden.prefix(count)).update(repeating: 0)
        hasExcess = false
    }

    /// Makes room for the counters of rows and sets them to 0.
    func reserveRows(counts count: Int) {
        Self.grow(&rowCounts, to: count)
        rowCounts.update(repeating: 0)
    }

    private static func grow<T>(_ buffer: inout UnsafeMutableBufferPointer<T>, to count: Int) {
        guard buffer.count < count else { return }
        buffer.deallocate()
        buffer = .allocate(capacity: count)
    }

    deinit {
        noise.deallocate()
        row.deallocate()
        sums.deallocate()
        narrow.deallocate()
        excess.deallocate()
        hidden.deallocate()
        whole.deallocate()
        real.deallocate()
        counts.deallocate()
        rowCounts.deallocate()
    }
}

/// Scratch buffers at rest, as many as were ever in use at once.
final class ScratchPool: Sendable {
    private struct Idle: ~Copyable, @unchecked Sendable {
        var buffers: [ColumnScratch] = []
    }

    // A buffer is in the pool or with exactly one user, never both.
    private let idle = Mutex(Idle())

    func withScratch<R>(_ body: (ColumnScratch) -> R) -> R {
        let scratch = take()
        defer { give(scratch) }
        return body(scratch)
    }

    private func take() -> ColumnScratch {
        nonisolated(unsafe) var scratch: ColumnScratch?
        idle.withLock { scratch = $0.buffers.popLast() }
        return scratch ?? ColumnScratch()
    }

    private func give(_ scratch: ColumnScratch) {
        nonisolated(unsafe) let scratch = scratch
        idle.withLock { $0.buffers.append(scratch) }
    }
}
