import Core

/// Judges what one spec makes by what another asks for.
enum Proof {
    static func plan(_ spec: DatasetSpec) throws -> PanelPlan { try PanelPlan(spec, today: Specs.day("2026-01-01")) }

    /// Generates what `made` says and judges it by what `asked` says.
    ///
    /// - Parameter miscount: Changes what the writer counted.
    static func judge(
        made: DatasetSpec, asked: DatasetSpec? = nil, miscount: (inout PanelFacts) -> Void = { _ in }
    ) async throws -> QualityReport {
        try await reports(made: made, asked: [asked ?? made], miscount: miscount)[0]
    }

    /// The same for several specs that ask, each of which judges the same cells.
    static func reports(
        made: DatasetSpec, asked: [DatasetSpec], miscount: (inout PanelFacts) -> Void = { _ in }
    ) async throws -> [QualityReport] {
        func plan(_ spec: DatasetSpec) throws -> PanelPlan {
            var spec = spec
            spec.output.compression = .none
            return try Self.plan(spec)
        }
        let generator = PanelGenerator(try plan(made))
        let outcome = try await PanelWriter(generator, threads: 2).write(metadata: [], sink: { _ in })
        let noise = generator.noiseSample()
        var facts = outcome.facts
        miscount(&facts)
        return try asked.map { asked in
            let own = try plan(asked)
            let signals = asked.data == made.data ? generator.signals : PanelGenerator(own).signals
            return QualityGate(own).judge(facts: facts, signals: signals, tallies: outcome.tallies, noise: noise)
        }
    }

    /// Judges what one spec draws for whole servers by what another asks for.
    static func drawn(made: DatasetSpec, asked: DatasetSpec) throws -> QualityReport {
        let (gate, other) = (QualityGate(try plan(asked)), QualityGate(try plan(made)))
        var checks = zip(gate.archetypeCounts(), other.archetypeCounts()).map { wanted, found in
            var count = wanted
            count.found = found.found
            return gate.shareCheck(count)
        }
        if let lives = other.lifetimeCount() { checks += gate.lifetimeChecks(lives) }
        let (servers, steps) = (0..<asked.data.servers, try plan(asked).steps)
        func starts(_ data: DataSpec) -> [StartCount] {
            IncidentPlan(data, steps: steps).startCounts(servers: servers, ServerDirectory(data))
        }
        checks += zip(starts(asked.data), starts(made.data)).map { wanted, found in
            var count = wanted
            count.found = found.found
            return gate.startCheck(count)
        }
        func changes(_ data: DataSpec) -> [ChangeCount] {
            LastingPlan(data, steps: steps, directory: ServerDirectory(data))?.counts(servers: servers) ?? []
        }
        checks += zip(changes(asked.data), changes(made.data)).flatMap { wanted, found in
            var count = wanted
            (count.touched, count.found) = (found.touched, found.found)
            return gate.changeChecks(count)
        }
        func spreads(_ data: DataSpec) -> [FactorSpread] { SharedFactors(data, steps: steps).spreads(data) }
        checks += zip(spreads(asked.data), spreads(made.data)).map { wanted, found in
            var spread = wanted
            spread.found = found.found
            return gate.factorCheck(spread)
        }
        return QualityReport(checks: checks)
    }
}
