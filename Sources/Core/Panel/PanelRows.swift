/// Which rows the servers of a run have: one for each step of their lives, some of them twice, and some not yet.
struct PanelRows: Sendable {
    let lifetimes: ServerLifetimes
    /// Nil where every row comes once and on time.
    let mess: RowMess?
    let steps: StepRange

    init(_ data: DataSpec, steps: StepRange, window: DayRange) {
        lifetimes = ServerLifetimes(data)
        mess = RowMess(data, steps: steps, window: window)
        self.steps = steps
    }

    /// Whether every server has one row for every step.
    var arePlain: Bool { lifetimes.isUnbounded && mess == nil }

    /// The steps of the run on which a server exists.
    func span(server: Int) -> Range<Int> { lifetimes.steps(server: server, in: steps) }

    /// Calls `body` with each server and the number of its rows.
    func forEachCount(_ servers: Range<Int>, _ body: (_ server: Int, _ rows: Int) -> Void) {
        var (marks, scratch) = ([RowMess.Mark](), RowMess.Scratch())
        for server in servers {
            let span = span(server: server)
            var rows = span.count
            if let mess {
                marks.removeAll(keepingCapacity: true)
                mess.append(to: &marks, server: server, span: span, scratch: &scratch, onlyCounts: true)
                for mark in marks { rows += Int(mark.count) - 1 }
            }
            body(server, rows)
        }
    }

    /// Rows of some servers, and how many of these have any.
    ///
    /// - Complexity: O(servers), with duplicate and late rows O(servers + those rows + steps / 2,048); O(1) where all rows are plain.
    func total(_ servers: Range<Int>) -> (rows: Int, servers: Int) {
        if arePlain { return (servers.count * steps.count, servers.count) }
        var total = (rows: 0, servers: 0)
        forEachCount(servers) { _, rows in
            total.rows += rows
            total.servers += rows > 0 ? 1 : 0
        }
        return total
    }
}

/// The rows of a row group's servers, servers in order.
struct RowSpans: Sendable {
    /// Rows of all servers.
    let rows: Int
    /// Steps of all servers' lives: the rows that there would be if each came once and on time.
    let cells: Int
    /// By the server's index in the group; nil where all servers have all steps.
    private let spans: [Range<Int>]?
    private let steps: Int
    private var marks: [RowMess.Mark] = []
    /// Where the marks of each server end; empty where every row comes once and on time.
    private var ends: [Int] = []

    init(_ all: PanelRows, servers: Range<Int>) {
        steps = all.steps.count
        if all.lifetimes.isUnbounded {
            (spans, cells) = (nil, servers.count * steps)
        } else {
            let spans = servers.map { all.span(server: $0) }
            (self.spans, cells) = (spans, spans.reduce(0) { $0 + $1.count })
        }
        guard let mess = all.mess else {
            rows = cells
            return
        }
        var scratch = RowMess.Scratch()
        for (index, server) in servers.enumerated() {
            mess.append(to: &marks, server: server, span: spans.map { $0[index] } ?? 0..<steps, scratch: &scratch)
            ends.append(marks.count)
        }
        rows = marks.reduce(cells) { $0 + Int($1.count) - 1 }
    }

    /// Whether servers may exist on fewer steps than the run has.
    var haveLives: Bool { spans != nil }

    /// Whether a step of a server's life may have no row, or two.
    var areOdd: Bool { !ends.isEmpty }

    /// Whether servers may have other numbers of rows than there are steps.
    var areRagged: Bool { haveLives || areOdd }

    /// The steps of the life of the group's server of that index.
    func of(_ index: Int) -> Range<Int> { spans.map { $0[index] } ?? 0..<steps }

    /// What is unusual about that server's rows, ascending.
    func marks(_ index: Int) -> ArraySlice<RowMess.Mark> { areOdd ? marks[(index > 0 ? ends[index - 1] : 0)..<ends[index]] : [] }

    /// Rows of that server.
    func count(_ index: Int) -> Int { marks(index).reduce(of(index).count) { $0 + Int($1.count) - 1 } }

    /// Calls `usual` with runs of that server's steps whose rows come once and on time, and `marked` with each step between them, in order.
    func forEachRun(_ index: Int, usual: (Range<Int>) -> Void, marked: (RowMess.Mark) -> Void) {
        let span = of(index)
        var start = span.lowerBound
        for mark in marks(index) {
            if start < Int(mark.step) { usual(start..<Int(mark.step)) }
            marked(mark)
            start = Int(mark.step) + 1
        }
        if start < span.upperBound { usual(start..<span.upperBound) }
    }

    /// One number for each row of the first so many servers: that of its step, and what `marked` says for rows that are marked.
    func numbers(servers: Int, of steps: [Int32], marked: (RowMess.Mark) -> Int32) -> [Int32] {
        steps.withUnsafeBufferPointer { steps in
            [Int32](unsafeUninitializedCapacity: rows) { numbers, count in
                for index in 0..<servers {
                    forEachRun(index) { run in
                        precondition(run.count <= rows - count && run.upperBound <= steps.count, "as many rows as were counted")
                        (numbers.baseAddress.unsafelyUnwrapped + count).initialize(
                            from: steps.baseAddress.unsafelyUnwrapped + run.lowerBound, count: run.count)
                        count += run.count
                    } marked: { mark in
                        guard mark.count > 0 else { return }
                        let number = marked(mark)
                        for _ in 0..<mark.count {
                            precondition(count < rows, "as many rows as were counted")
                            numbers[count] = number
                            count += 1
                        }
                    }
                }
            }
        }
    }

    /// Calls `body` with each row of that server: its step, and what is unusual about it.
    func forEachRow(_ index: Int, _ body: (_ step: Int, _ mark: RowMess.Mark) -> Void) {
        forEachRun(index) { steps in
            for step in steps { body(step, .usual(step)) }
        } marked: { mark in
            for _ in 0..<mark.count { body(Int(mark.step), mark) }
        }
    }
}
