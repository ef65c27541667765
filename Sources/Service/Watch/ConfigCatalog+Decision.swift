import Core

extension ConfigCatalog {
    /// How good a file's right to its name and its key is; where two meet, the better one stays.
    private enum Claim: Comparable, CaseIterable {
        /// Content in force has the same name and key.
        case inForce
        /// This very content was in force in an earlier life.
        case remembered
        /// The dataset is or was in force, with other content.
        case edited
        case new
    }

    /// Who may come into force beside whom.
    private struct Verdict {
        /// Right, and in nobody's way.
        var accepted: [String: DatasetSpec]
        /// What to tell of the others.
        var problems: [String: [ConfigProblem]] = [:]
        /// In the way of something that may soon be gone; nothing is told yet.
        var waiting: Set<String> = []

        mutating func refuse(_ conflicts: [String: [ConfigProblem]]) -> Bool {
            let new = conflicts.filter { accepted[$0.key] != nil }
            for (file, found) in new {
                problems[file] = found
                accepted[file] = nil
            }
            return !new.isEmpty
        }
    }

    /// Brings what may come into force into force.
    /// - Returns: What changed, by file name.
    mutating func decide() -> [ConfigChange] {
        let verdict = verdict()
        waiting = verdict.waiting
        handOver(to: verdict.accepted)
        var changes: [ConfigChange] = []
        for file in records.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            guard var record = records[file] else { continue }
            if verdict.accepted[file] != nil {
                if let change = accept(file, &record) { changes.append(change) }
            } else if record.isPresent, record.suspectSince == nil, !verdict.waiting.contains(file) {
                let problems = record.ownProblems.isEmpty ? verdict.problems[file] ?? [] : record.ownProblems
                if !problems.isEmpty, problems != record.reported {
                    record.reported = problems
                    changes.append(.refuse(refusal(file, record)))
                }
            }
            records[file] = record
        }
        return changes
    }

    /// The changes for files whose time is over; a dataset that another file took over lives on.
    func removals(of removed: [String: Record]) -> [ConfigChange] {
        removed.filter { $0.value.live != nil || !$0.value.reported.isEmpty }.keys
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            .map { .remove(file: $0, dataset: ConfigLoader.name(ofFile: $0)) }
    }

    private mutating func accept(_ file: String, _ record: inout Record) -> ConfigChange? {
        let wasRefused = !record.reported.isEmpty
        record.reported = []
        if let candidate = record.candidate {
            record.candidate = nil
            if record.live?.hash != candidate.hash {
                record.live = Live(hash: candidate.hash, spec: candidate.loaded.spec)
                incumbents[candidate.dataset] = nil
                return .apply(candidate)
            }
        }
        return wasRefused ? .restore(file: file, dataset: ConfigLoader.name(ofFile: file)) : nil
    }

    private func verdict() -> Verdict {
        var verdict = firstComeFirstServed()
        // Refusing one leaves its old content in force, which may be in the way of another: at most one round per file.
        while true {
            let names = Set(verdict.accepted.values.map(\.name))
            var kept: [String: DatasetSpec] = [:]
            var leaving: [String: DatasetSpec] = [:]
            for (file, record) in records where verdict.accepted[file] == nil {
                guard let spec = record.live?.spec else { continue }
                if record.isPresent, record.suspectSince == nil, !verdict.waiting.contains(file) {
                    kept[file] = spec
                } else if record.isPresent || !names.contains(spec.name) {
                    leaving[file] = spec
                }
            }
            if !kept.isEmpty, verdict.refuse(conflicts(verdict.accepted.merging(kept) { first, _ in first })) { continue }
            guard !leaving.isEmpty else { return verdict }
            let blocked = conflicts(verdict.accepted.merging(leaving) { first, _ in first }).keys.filter { verdict.accepted[$0] != nil }
            if blocked.isEmpty { return verdict }
            for file in blocked { verdict.accepted[file] = nil }
            verdict.waiting.formUnion(blocked)
        }
    }

    /// Of files that conflict, those with the best claim.
    private func firstComeFirstServed() -> Verdict {
        let wanted = records.compactMapValues(\.spec)
        let claims = claims(wanted)
        var verdict = Verdict(accepted: [:])
        for claim in Claim.allCases {
            let comers = wanted.filter { claims[$0.key] == claim }
            guard !comers.isEmpty else { continue }
            let conflicts = conflicts(verdict.accepted.merging(comers) { first, _ in first })
            for (file, spec) in comers {
                if let found = conflicts[file] { verdict.problems[file] = found } else { verdict.accepted[file] = spec }
            }
        }
        return verdict
    }

    private func claims(_ wanted: [String: DatasetSpec]) -> [String: Claim] {
        var claims: [String: Claim] = [:]
        var remembered: Set<String> = []
        // By name, so that of two files with the remembered content the same one has it after every start.
        for file in wanted.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            guard let spec = wanted[file], let record = records[file] else { continue }
            if let live = record.live {
                claims[file] = record.candidate == nil || ConfigSet.claimSameKeys(live.spec, spec) ? .inForce : .edited
            } else if let hash = incumbents[spec.name] {
                claims[file] = record.candidate?.hash.hex == hash && remembered.insert(spec.name).inserted ? .remembered : .edited
            } else {
                claims[file] = .new
            }
        }
        return claims
    }

    /// A dataset whose file is gone and whose name another file has (`mv a.yml a.yaml`) belongs to that one from now on.
    private mutating func handOver(to accepted: [String: DatasetSpec]) {
        let names = Set(accepted.values.map(\.name))
        for (file, record) in records where !record.isPresent && record.live.map({ names.contains($0.spec.name) }) == true {
            records[file] = nil
        }
    }

    private func conflicts(_ specs: [String: DatasetSpec]) -> [String: [ConfigProblem]] {
        let problems = ConfigSet.conflicts(specs.map { (path: path(of: $0.key), spec: $0.value) })
        guard !problems.isEmpty else { return [:] }
        let bySource = Dictionary(grouping: problems, by: \.source)
        return specs.reduce(into: [:]) { result, entry in
            if let found = bySource[path(of: entry.key)] { result[entry.key] = found }
        }
    }
}
