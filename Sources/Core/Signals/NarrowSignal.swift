/// A signal's level and spread as the kernel reads them: single precision, in steps of the grid above its lowest value, over whole superblocks.
///
/// ```
/// time     0  1  2  3 | 4  5  6  7 | 8  9 10 11 | 12 13 14 15       of each 16 steps
/// kernel   cosines 0-3| sines 0-3  | cosines 4-7| sines 4-7         cosines first, then sines
/// ```
struct NarrowSignal: Sendable {
    let level: [Float]
    let spread: [Float]
    /// The absolute superblock of the first number.
    let firstBlock: Int
    /// The first day's place in time within the arrays.
    let offset: Int

    /// Superblocks in the arrays.
    var blocks: Int { level.count / StandardNormal.superblock }

    /// The kernel's place of a place in time.
    static func place(_ time: Int) -> Int {
        let j = time & 15
        return time & ~15 | (j & 4) << 1 | (j & 8) >> 1 | (j & 3)
    }

    /// - Parameters:
    ///   - level: Per day, in the metric's unit; `spread` too.
    ///   - steps: The days' absolute numbers.
    init(level: [Double], spread: [Double], grid: ValueGrid, steps: Range<Int>) {
        firstBlock = floorDivide(steps.lowerBound, StandardNormal.superblock)
        offset = steps.lowerBound - firstBlock * StandardNormal.superblock
        let count = (floorDivide(steps.upperBound - 1, StandardNormal.superblock) - firstBlock + 1) * StandardNormal.superblock
        let (offset, scale, lowest) = (offset, grid.scale, Double(grid.range.lowerBound))
        func arranged(_ values: [Double], less lowest: Double) -> [Float] {
            [Float](unsafeUninitializedCapacity: count) { places, initialized in
                places.initialize(repeating: 0)
                for step in values.indices { places[Self.place(offset + step)] = Float(values[step] * scale - lowest) }
                initialized = count
            }
        }
        self.level = arranged(level, less: lowest)
        self.spread = arranged(spread, less: 0)
    }
}
