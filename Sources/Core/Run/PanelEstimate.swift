/// The size of a panel before it is made, for `plan` and for the check of free space.
public struct PanelEstimate: Sendable, Equatable {
    /// Rows of the plan.
    public let rows: Int
    /// Bytes of the Parquet file: for panels of a million rows or more within some ten per cent, for small ones, and for rows made of several cells, an upper bound.
    public let bytes: UInt64
    /// Row groups of the file.
    public let rowGroups: Int
    /// Bytes of the ground truth's tables, 0 for none: an upper bound for all but unusual ones.
    public let truthBytes: UInt64

    /// Estimates from the plan alone. Complexity: O(metrics).
    public init(_ plan: PanelPlan) {
        rows = plan.rows
        let generator = (perGroup: max(1, PanelGenerator.rowsPerGroup / plan.rowSteps.count), servers: plan.servers.count)
        let odd = plan.spec.data.mess.rows
        let isRagged = !plan.spec.data.lifetime.isUnbounded || odd.duplicateRate > 0 || odd.lateRate > 0
        rowGroups =
            isRagged
            ? max(1, (plan.rows + PanelGenerator.rowsPerGroup - 1) / PanelGenerator.rowsPerGroup)
            : (generator.servers + generator.perGroup - 1) / generator.perGroup
        let steps = plan.rowSteps.count
        var perRow = isRagged ? 0.5 : 0.2
        // Ids are written once per row group and server, and hardly compress.
        let id = Double(plan.spec.data.idPrefix.utf8.count + plan.spec.data.idWidth + 6)
        var perGroup = 4096.0 + id * Double(min(generator.perGroup, plan.servers.count))
        // A year's days are a few kilobytes, its five minutes a megabyte.
        if !plan.spec.data.rowGranularity.isDaily { perGroup += 8 * Double(steps) }
        if plan.spec.output.calendarFlags { perRow += 3 / 8 }
        // Late rows have times of their own, for which a dictionary has few places of three bytes.
        if odd.arrivalColumn != nil { perRow += 0.3 + 10 * odd.lateRate }
        if plan.spec.output.compression == .none { perRow += 2 }
        let width = plan.spec.output.floatType == .double ? 8.0 : 4.0
        for metric in plan.spec.data.metrics {
            let grid = ValueGrid(metric: metric)
            if grid.isDictionary {
                perRow += Double(Int.bitWidth - (grid.bins - 1).leadingZeroBitCount) / 8 + 4 * metric.missingRate
                perGroup += Double(min(grid.bins, plan.rows)) * width
            } else {
                perRow += width
            }
        }
        bytes = UInt64(perRow * Double(rows) + perGroup * Double(rowGroups))
        truthBytes = Self.truthBytes(plan)
    }

    private static func truthBytes(_ plan: PanelPlan) -> UInt64 {
        let (truth, data) = (plan.spec.truth, plan.spec.data)
        var bytes = 0.0
        if truth.cells {
            var perRow = 0.5
            for metric in data.metrics {
                let grid = ValueGrid(metric: metric)
                let clean = grid.isDictionary ? Double(Int.bitWidth - (grid.bins - 1).leadingZeroBitCount) / 8 : 8
                // A flag and a change for the cells that have them; components are the noise, and the rest nearly nothing.
                perRow += clean + 0.1 + 8 * (metric.missingRate + metric.outlierRate) + (truth.components ? 8.5 : 0)
            }
            bytes += perRow * Double(plan.rows) + 65_536 * Double(data.metrics.count)
        }
        if let horizon = truth.horizon {
            let steps = (plan.days.count + horizon) * data.rowGranularity.stepsPerDay
            bytes += 8 * Double(steps) * Double(data.rowGranularity.isDaily ? 1 : data.regions.labels.count) + 16_384
        }
        return UInt64(bytes) + (truth.events ? 16_384 : 0)
    }
}
