/// What the shares of archetypes ask of each other and of the labels.
extension Contradictions {
    private static let archetypesKey = "data_generation.archetypes"

    /// The keys to point at for a share, the most exact first: business units may stand without their column.
    private func keys(_ archetype: ArchetypeSpec, _ column: ServerDirectory.Label? = nil, _ label: String? = nil) -> [String] {
        let own = ConfigPlace.path(Self.archetypesKey, archetype.name)
        var keys = [ConfigPlace.path(own, "share"), own, Self.archetypesKey]
        guard let column else { return keys }
        if let label { keys.insert(ConfigPlace.path(keys[0], label), at: 0) }
        let whole = ConfigPlace.path(ConfigPlace.path(own, "share"), column.rawValue)
        keys.insert(whole, at: 0)
        if let label { keys.insert(ConfigPlace.path(whole, label), at: 0) }
        return keys
    }

    /// For each label of each column that is named the shares of the archetypes sum to 1, and all combinations leave an archetype.
    mutating func shares() {
        let columns = ArchetypeShare.columns.filter { column in archetypes.contains { $0.share.names(column) } }
        var isComplete = !archetypes.isEmpty
        for column in columns.isEmpty ? [.businessUnit] : columns {
            guard let labels = labels(column) else { return }
            // Not evaluated together: all that is missing is said at once.
            isComplete = areComplete(column, labels) && isComplete
        }
        guard isComplete else { return }
        for column in columns.isEmpty ? [.businessUnit] : columns {
            guard let labels = labels(column), sumsAreRight(column, labels) else { return }
        }
        if columns.count > 1 { combinations() }
    }

    private mutating func areComplete(_ column: ServerDirectory.Label, _ labels: [String]) -> Bool {
        let thing = column.rawValue.replacing("_", with: " ")
        var isComplete = true
        for archetype in archetypes {
            guard case .byLabel(let all) = archetype.share else { continue }
            guard let own = all.first(where: { $0.column == column }) else {
                add(
                    "\(archetype.name) has no shares by \(thing), as others have",
                    expected: "the same columns in all archetypes, or one number", remedy: "add \(column.rawValue): to its share",
                    at: keys(archetype))
                isComplete = false
                continue
            }
            for share in own.shares where !labels.contains(share.label) {
                unknown(share.label, thing, labels, at: keys(archetype, column, share.label))
                isComplete = false
            }
            for label in labels where !own.shares.contains(where: { $0.label == label }) {
                add(
                    "\(archetype.name) has no share in the \(thing) \(Quoting.quoted(label))",
                    expected: "a share for every \(column == .businessUnit ? "unit" : thing)", remedy: "write \(label): 0 if it has none",
                    at: keys(archetype, column))
                isComplete = false
            }
        }
        return isComplete
    }

    private mutating func sumsAreRight(_ column: ServerDirectory.Label, _ labels: [String]) -> Bool {
        for label in labels {
            let sum = archetypes.reduce(0) { $0 + ($1.share.overall ?? $1.share.at(label, of: column) ?? 0) }
            guard (sum - 1).magnitude > 1e-9 else { continue }
            let thing = column.rawValue.replacing("_", with: " ")
            let shown = ConfigJSON.canonical((sum * 1e12).rounded() / 1e12)
            add(
                "the archetypes' shares in the \(thing) \(Quoting.quoted(label)) sum to \(shown)", expected: "a sum of 1",
                remedy: "divide each share by that sum", at: [Self.archetypesKey])
            return false
        }
        return true
    }

    private mutating func combinations() {
        var weighted: [ServerDirectory.Label: WeightedLabels] = [:]
        for (column, key) in [
            (ServerDirectory.Label.businessUnit, "business_units"), (.region, "regions"), (.criticality, "criticality_levels"),
        ] {
            weighted[column] = settings.labels("data_generation.metadata." + key)
        }
        guard weighted.count == ArchetypeShare.columns.count else { return }
        let shares = ArchetypeShares(archetypes) { weighted[$0] ?? .equal([""]) }
        guard shares.combinations * shares.count <= ArchetypeShares.maximumCombinations else {
            add(
                "\(shares.combinations) combinations of labels times \(shares.count) archetypes have shares of their own",
                expected: "at most \(ArchetypeShares.maximumCombinations)", remedy: "give shares by fewer columns", at: [Self.archetypesKey]
            )
            return
        }
        guard let labels = shares.impossible else { return }
        let names = zip(shares.columns, labels).map { column, label in
            "\(column.rawValue.replacing("_", with: " ")) \(Quoting.quoted(weighted[column]?.labels[label] ?? ""))"
        }
        add(
            "no archetype is left for \(names.joined(separator: " and "))", expected: "one whose shares are all above 0",
            remedy: "raise a share that is 0", at: [Self.archetypesKey])
    }
}
