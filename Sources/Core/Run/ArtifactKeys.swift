/// The names of one generation's artifacts in the store.
struct ArtifactKeys {
    let panel: ObjectKey
    let summary: ObjectKey
    let sample: ObjectKey

    /// - Parameter generation: Fills `{generation}`.
    init(_ plan: PanelPlan, generation: Int) throws(StoreError) {
        let name = FilenameTemplate.fill(
            plan.spec.output.filename,
            [
                "dataset": plan.spec.name, "generation": "\(generation)", "start_date": plan.window.start.iso,
                "end_date": plan.window.end.iso,
            ])
        var prefix = plan.spec.storage.rawPrefix
        if !prefix.isEmpty, !prefix.hasSuffix("/") { prefix += "/" }
        let stem = name.hasSuffix(".parquet") ? String(name.dropLast(".parquet".count)) : name
        panel = try ObjectKey(prefix + name)
        summary = try ObjectKey(prefix + stem + ".summary.json")
        sample = try ObjectKey(prefix + stem + ".sample.csv")
    }

    var all: [ObjectKey] { [panel, summary, sample] }
}

extension PanelPlan {
    /// The files a run writes, as people see them: the store's place first, `{generation}` left where its number is not known yet.
    public var fileNames: [String] {
        let storage = spec.storage
        let base = storage.useS3 ? "s3://\(storage.bucketName)" : storage.localBasePath
        let name = FilenameTemplate.fill(
            spec.output.filename,
            ["dataset": spec.name, "generation": "{generation}", "start_date": window.start.iso, "end_date": window.end.iso])
        let stem = name.hasSuffix(".parquet") ? String(name.dropLast(".parquet".count)) : name
        let prefix = storage.rawPrefix.isEmpty || storage.rawPrefix.hasSuffix("/") ? storage.rawPrefix : storage.rawPrefix + "/"
        return [".parquet", ".summary.json", ".sample.csv"].map { "\(base)/\(prefix)\(stem)\($0)" }
            + ["\(base)/manifests/\(spec.name)/{generation}.json", "\(base)/manifests/\(spec.name)/latest.json"]
    }
}
