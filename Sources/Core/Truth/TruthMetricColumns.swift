import Parquet

/// The columns of one metric for some servers, in the making.
struct TruthMetricColumns {
    private let truth: CellTruth
    private let components: [SignalComponents]?
    private let servers: Range<Int>
    /// The rows that each server has.
    private let spans: RowSpans
    /// How far the clean values are from what can be known.
    private(set) var oracle: OracleTally
    /// Raw flags of each row.
    private var flags: [Int32]
    /// Clean values of each row, in the metric's unit.
    private var clean: [Double]
    /// Published less clean numbers of the rows that are not missing: whole numbers of the grid, or values.
    private var change: [Double] = []
    private var nullRows: [Int32] = []
    /// Class and offset of each server.
    private var classes: [Int] = []
    private var biases: [Double] = []
    private var grid: ValueGrid { truth.signal.grid }

    init(_ truth: CellTruth, components: [SignalComponents]?, servers: Range<Int>, spans: RowSpans) {
        (self.truth, self.components, self.servers, self.spans) = (truth, components, servers, spans)
        oracle = OracleTally(truth.signal.metric)
        flags = [Int32](repeating: 0, count: spans.rows)
        clean = [Double](repeating: 0, count: flags.count)
        change.reserveCapacity(flags.count)
    }

    /// Works all cells out, server by server.
    mutating func fill(_ directory: ServerDirectory, scratch: ColumnScratch) {
        let steps = truth.signal.steps.count
        var row = CellTruthRow(steps: steps)
        var forecast = [Double](repeating: 0, count: steps)
        let metric = truth.signal.metric
        let scale = metric.decimals == nil ? 1 : grid.scale
        var tally = oracle
        let spans = spans
        var announced: [Double] = []
        var place = 0
        for (index, server) in servers.enumerated() {
            let (own, span) = (directory.classIndex(server: server), spans.of(index))
            let bias = truth.signal.bias(server: UInt32(server))
            classes.append(own)
            biases.append(bias)
            guard !span.isEmpty else { continue }
            truth.fill(&row, of: own, server: server, span: span, scratch: scratch)
            var gap = row.missing.prefix { Int($0) < span.lowerBound }.count
            let signal = truth.signal.classes[own]
            for step in span { forecast[step] = min(max(signal.saturated(signal.level[step] + bias), metric.minClip), metric.maxClip) }
            let first = place
            announced.removeAll(keepingCapacity: true)
            spans.forEachRow(index) { step, mark in
                flags[place] = Int32(bitPattern: row.flags[step] | mark.flags.rawValue)
                clean[place] = row.clean[step] / scale
                announced.append(forecast[step])
                while gap < row.missing.count, Int(row.missing[gap]) < step { gap += 1 }
                if gap < row.missing.count, Int(row.missing[gap]) == step {
                    nullRows.append(Int32(place))
                } else {
                    change.append(row.published[step] - row.clean[step])
                }
                place += 1
            }
            tally.add(clean: clean.span.extracting(first..<place), forecast: announced.span)
        }
        oracle = tally
    }

    /// The chunks of the parts, in their order.
    func chunks(_ columns: [Column], _ parts: [TruthSchema.Part], _ layout: PageLayout) -> [EncodedChunk] {
        zip(parts, columns).map { part, column in
            switch part {
            case .flags: flagChunk(column, layout)
            case .clean: cleanChunk(column, layout)
            case .change: changeChunk(column, layout)
            case .level: constants(column, layout) { components, _ in components.level }
            case .trend: series(column, layout, \.trend)
            case .season: series(column, layout, \.season)
            case .calendar: series(column, layout, \.calendar)
            case .bias: constants(column, layout) { _, bias in bias }
            case .noise: noiseChunk(column, layout)
            }
        }
    }

    private func flagChunk(_ column: Column, _ layout: PageLayout) -> EncodedChunk {
        var dictionary: [Int32] = []
        var last: Int32?
        for value in flags where value != last {
            last = value
            if !dictionary.contains(value) { dictionary.append(value) }
        }
        dictionary.sort()
        var indices = flags
        // Most cells have no flag, which is the first entry.
        for row in indices.indices { indices[row] = Int32(dictionary.firstIndex(of: indices[row]) ?? 0) }
        return ChunkEncoder.integers(
            indices.span, dictionary: dictionary.map(Int64.init), nullRows: [Int32]().span, rows: indices.count, column: column,
            layout: layout)
    }

    private func cleanChunk(_ column: Column, _ layout: PageLayout) -> EncodedChunk {
        guard grid.isDictionary else { return doubles(clean, column, layout) }
        let lowest = grid.range.lowerBound
        return decimals(clean.map { Int32(($0 * grid.scale).rounded(.toNearestOrEven)) }, lowest: lowest, bins: grid.bins, column, layout)
    }

    /// Differences of whole numbers are few, too.
    private func changeChunk(_ column: Column, _ layout: PageLayout) -> EncodedChunk {
        guard truth.signal.metric.decimals != nil else { return doubles(change, nulls: nullRows, column, layout) }
        let reach = grid.range.upperBound.subtractingReportingOverflow(grid.range.lowerBound)
        guard !reach.overflow, reach.partialValue < Int32(ValueGrid.mostExactBins) else {
            return doubles(change.map { $0 / grid.scale }, nulls: nullRows, column, layout)
        }
        return decimals(
            change.map { Int32($0) }, nulls: nullRows, lowest: -reach.partialValue, bins: 2 * Int(reach.partialValue) + 1, column, layout)
    }

    /// What a server has at every step.
    private func constants(
        _ column: Column, _ layout: PageLayout, _ value: (SignalComponents, _ bias: Double) -> Double
    ) -> EncodedChunk {
        var values: [Double] = []
        values.reserveCapacity(clean.count)
        for (index, own) in classes.enumerated() {
            guard let components else { preconditionFailure("a table with components") }
            values.append(contentsOf: repeatElement(value(components[own], biases[index]), count: spans.count(index)))
        }
        return doubles(values, column, layout)
    }

    /// What a class has at each step.
    private func series(_ column: Column, _ layout: PageLayout, _ part: KeyPath<SignalComponents, [Double]>) -> EncodedChunk {
        var values: [Double] = []
        values.reserveCapacity(clean.count)
        for (index, own) in classes.enumerated() {
            guard let components else { preconditionFailure("a table with components") }
            let series = components[own][keyPath: part]
            if spans.areOdd {
                spans.forEachRow(index) { step, _ in values.append(series[step]) }
            } else {
                values.append(contentsOf: series[spans.of(index)])
            }
        }
        return doubles(values, column, layout)
    }

    private func noiseChunk(_ column: Column, _ layout: PageLayout) -> EncodedChunk {
        var values = clean
        var place = 0
        for (index, own) in classes.enumerated() {
            guard let parts = components?[own] else { preconditionFailure("a table with components") }
            spans.forEachRow(index) { step, _ in
                values[place] -= (((parts.level + parts.trend[step]) + parts.season[step]) + parts.calendar[step]) + biases[index]
                place += 1
            }
        }
        return doubles(values, column, layout)
    }

    private func decimals(
        _ values: [Int32], nulls nullRows: [Int32] = [], lowest: Int32, bins: Int, _ column: Column, _ layout: PageLayout
    ) -> EncodedChunk {
        var counts = [UInt32](repeating: 0, count: bins)
        for value in values { counts[Int(value) - Int(lowest)] += 1 }
        return ChunkEncoder.decimals(
            values.span, nullRows: nullRows.span, rows: values.count + nullRows.count, decimals: grid.decimals ?? 0, lowest: lowest,
            counts: counts.span, column: column, layout: layout)
    }

    private func doubles(_ values: [Double], nulls nullRows: [Int32] = [], _ column: Column, _ layout: PageLayout) -> EncodedChunk {
        ChunkEncoder.doubles(
            values.span, nullRows: nullRows.span, rows: values.count + nullRows.count, column: column, layout: layout)
    }
}
