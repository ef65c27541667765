/// Offsets that are predicted together, in the metric's unit.
struct OffsetBin {
    let count: Double
    let mean: Double
    let variance: Double

    init(_ moments: Moments, unit: Double) {
        count = Double(moments.count)
        mean = moments.mean * unit
        variance = moments.variance * unit * unit
    }
}

/// The offsets of a class's servers in bins of several widths: the wider the noise, the wider a bin may be.
///
/// ```
/// rung 0  | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | ...      those of the tally
/// rung 1  |   0   |   1   |   2   |   3   | ...      two of them each, and so on
/// ```
struct OffsetBins {
    /// All offsets together.
    let whole: OffsetBin
    /// The farthest that an offset may be from 0.
    let reach: Double
    /// The bins that hold offsets and their places, rung by rung.
    private(set) var rungs: [[(place: Int, bin: OffsetBin)]]
    /// Width of the narrowest bins.
    private let width: Double

    /// Width of a bin in standard deviations of the noise: what a cell's mean is bent to is a parabola in it but for some hundred-thousandths.
    private static let smoothWidth = 0.35
    private static let rungCount = 7

    /// - Parameter unit: Of the tally's offsets, in the metric's unit.
    init(_ servers: ServerTally, unit: Double) {
        let whole = OffsetBin(servers.bias, unit: unit)
        self.whole = whole
        width = unit * ServerTally.binWidth
        guard unit > 0 else {
            (reach, rungs) = (whole.mean.magnitude, [[(0, whole)]])
            return
        }
        var held = servers.biasBins.enumerated().compactMap { $1.count > 0 ? (place: $0, moments: $1) : nil }
        rungs = []
        rungs.reserveCapacity(Self.rungCount)
        for rung in 0..<Self.rungCount {
            if rung > 0 { Self.pair(&held) }
            rungs.append(held.map { ($0.place, OffsetBin($0.moments, unit: unit)) })
        }
        reach = rungs[0].reduce(0) { max($0, $1.bin.mean.magnitude) } + width
    }

    /// Joins bins that lie in one of twice the width.
    private static func pair(_ held: inout [(place: Int, moments: Moments)]) {
        var last = -1
        for (place, moments) in held {
            if last >= 0, held[last].place == place >> 1 {
                held[last].moments.merge(moments)
            } else {
                last += 1
                held[last] = (place >> 1, moments)
            }
        }
        held.removeLast(held.count - 1 - last)
    }

    /// The rung whose bins are narrow beside noise of a spread.
    func rung(spread: Double) -> Int {
        var (rung, wide) = (0, 2 * width)
        while rung + 1 < rungs.count, wide <= Self.smoothWidth * spread { (rung, wide) = (rung + 1, 2 * wide) }
        return rung
    }
}
