/// What tells one panel from another: hashes of the effective config and of the part of it that decides the bytes.
struct PanelIdentity {
    let run: RunIdentity
    /// The footer's key-value pairs.
    private(set) var metadata: [(key: String, value: String)]

    init(_ config: LoadedConfig, _ plan: PanelPlan) {
        let data = ContentHash(of: Array(config.effective.dataJSON(window: plan.window).utf8))
        run = RunIdentity(
            configSHA256: ContentHash(of: Array(config.effective.canonicalJSON().utf8)), dataSHA256: data,
            algorithmVersion: PanelPlan.algorithmVersion, window: plan.window)
        metadata = [
            ("fleetsynth.dataset", plan.spec.name),
            ("fleetsynth.config_sha256", data.hex),
            ("fleetsynth.seed", "\(plan.spec.data.seed)"),
            ("fleetsynth.algorithm_version", "\(PanelPlan.algorithmVersion)"),
        ]
        // Files of daily rows never said so, and keep their bytes.
        let granularity = plan.spec.data.rowGranularity
        if !granularity.isDaily { metadata.append(("fleetsynth.granularity", granularity.description)) }
        if let text = plan.spec.data.aggregationText { metadata.append(("fleetsynth.aggregation", text)) }
    }
}
