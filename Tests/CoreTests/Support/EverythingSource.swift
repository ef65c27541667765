import Core

/// Odd servers have everything at known steps, even ones nothing; the second metric is left alone.
struct EverythingSource: CellChangeSource, TruthEventSource {
    func touches(metric: Int) -> Bool { metric != 1 }

    func add(to changes: inout CellChanges, metric: Int, server: Int) {
        guard server % 2 == 1 else { return }
        changes.change(10..<20, .incident) { _ in (1.5, 0) }
        changes.change(15..<25, .lastingChange) { _ in (0.5, 3) }
        changes.change(25..<30, .incident) { _ in (1, 0) }
        changes.gaps.append(.init(steps: 30..<35, cause: .agentOutage))
        changes.gaps.append(.init(steps: 33..<40, cause: .collectorOutage))
        changes.stuck.append(.init(steps: 50..<60))
        changes.stuck.append(.init(steps: 60..<62, value: 20))
        changes.slips.append(.init(steps: 70..<75, factor: 0.5))
        (changes.missingUnderLoad, changes.heavyLoad) = (0.3, 60)
    }

    func truthEvents(_ data: DataSpec, _ directory: ServerDirectory) -> [TruthEvent] {
        let servers = TruthEvent.Servers(count: 2, listed: [1, 3])
        let early = TruthEvent(
            id: "a", kind: "agent-outage", cause: "data_generation.mess", scopeColumn: "server_id", scopeLabel: "SRV-0002",
            servers: servers,
            metrics: ["cpu_p95", "mem_p95"], start: 1_640_995_200, end: nil, magnitude: 1.5, parent: "b")
        var late = early
        (late.id, late.start, late.end, late.magnitude) = ("0", 1_641_081_600, 1_641_168_000, nil)
        (late.scopeColumn, late.scopeLabel, late.servers.listed, late.parent) = (nil, nil, nil, nil)
        return [late, early]
    }
}
