/// The names of one generation's artifacts in the store.
struct ArtifactKeys {
    let panel: ObjectKey
    let summary: ObjectKey
    let sample: ObjectKey
    /// Nil where the config wants none.
    let report: ObjectKey?
    /// The tables of the ground truth, in the order in which they are made.
    let truth: [(role: Artifact.Role, key: ObjectKey)]

    /// - Parameter generation: Fills `{generation}`.
    init(_ plan: PanelPlan, generation: Int) throws(StoreError) {
        let names = ArtifactNames(plan, generation: "\(generation)")
        panel = try ObjectKey(names.panel)
        summary = try ObjectKey(names.summary)
        sample = try ObjectKey(names.sample)
        report = plan.spec.output.report ? try ObjectKey(names.report) : nil
        var truth: [(role: Artifact.Role, key: ObjectKey)] = []
        for role in plan.spec.truth.tables { truth.append((role, try ObjectKey(names.truth(role)))) }
        self.truth = truth
    }

    var all: [ObjectKey] { [panel, summary, sample] + [report].compactMap(\.self) + truth.map(\.key) }
}

/// The same as paths within the store.
private struct ArtifactNames {
    /// Up to the panel's folder, `/` at its end unless it is empty; the name without `.parquet`.
    private let folder: String
    private let stem: String

    init(_ plan: PanelPlan, generation: String) {
        let name = FilenameTemplate.fill(
            plan.spec.output.filename,
            [
                "dataset": plan.spec.name, "generation": generation, "start_date": plan.window.start.iso, "end_date": plan.window.end.iso,
            ])
        var path = plan.spec.storage.rawPrefix
        if !path.isEmpty, !path.hasSuffix("/") { path += "/" }
        path += name.hasSuffix(".parquet") ? String(name.dropLast(".parquet".count)) : name
        stem = path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? path
        folder = String(path.dropLast(stem.count))
    }

    var panel: String { folder + stem + ".parquet" }
    var summary: String { folder + stem + ".summary.json" }
    var sample: String { folder + stem + ".sample.csv" }
    var report: String { folder + stem + ".report.html" }

    /// In a folder of its own, which no pattern for the panels finds: people read `raw/*.parquet`.
    func truth(_ role: Artifact.Role) -> String { "\(folder)_truth/\(stem).\(role.rawValue).parquet" }
}

extension TruthSpec {
    /// The tables that are asked for, in the order in which they are made.
    var tables: [Artifact.Role] {
        [(cells, Artifact.Role.truth), (events, .events), (horizon != nil, .covariates)].filter(\.0).map(\.1)
    }
}

extension PanelPlan {
    /// The files a run writes, as people see them: the store's place first, `{generation}` left where its number is not known yet.
    public var fileNames: [String] {
        let base = spec.storage.useS3 ? "s3://\(spec.storage.bucketName)" : spec.storage.localBasePath
        let names = ArtifactNames(self, generation: "{generation}")
        let manifests = "manifests/\(spec.name)/"
        return
            ([names.panel, names.summary, names.sample] + (spec.output.report ? [names.report] : []) + spec.truth.tables.map(names.truth)
            + ["\(manifests){generation}.json", "\(manifests)latest.json"]).map { "\(base)/\($0)" }
    }
}
