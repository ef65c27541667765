import Core

/// Where the numbers come from: enough to make them again.
struct Provenance {
    let material: ReportMaterial
    let facts: ReportFacts
    let config: CanonicalJSON

    func markup() -> Markup {
        let plan = material.generator.plan
        var lines: [(String, String)] = [("dataset", plan.spec.name)]
        if let generation = facts.generation { lines.append(("generation", "\(generation)")) }
        lines += [
            (
                "window",
                "\(plan.days.start.iso) to \(plan.days.end.iso), \(plan.spec.data.rowGranularity)\(plan.spec.data.aggregationText.map { ", \($0)" } ?? "")"
            ), ("seed", "\(plan.spec.data.seed)"),
            ("algorithm version", "\(PanelPlan.algorithmVersion)"), ("made with", "fleetsynth \(material.toolVersion)"),
        ]
        if let panel = facts.panel {
            lines += [
                ("panel", "\(panel.key.path), \(Numbers.bytes(panel.bytes))"), ("SHA-256 of the panel", panel.sha256.hex),
            ]
        }
        lines += [("SHA-256 of the config", material.configSHA256.hex), ("SHA-256 of what decides the bytes", material.dataSHA256.hex)]
        var out = Markup()
        out.raw("<dl class=\"provenance\">")
        for (name, value) in lines {
            out.raw("<dt>\(name)<dd><bdi>")
            out.text(value)
            out.raw("</bdi>")
        }
        out.raw("</dl>\n")
        if let generation = facts.generation {
            let base = plan.spec.storage.useS3 ? "s3://\(plan.spec.storage.bucketName)" : plan.spec.storage.localBasePath
            let manifest = "\(base)/manifests/\(plan.spec.name)/\(generation).json"
            out.raw("<p>The manifest holds all that is needed. These prove that the panel follows from it, and draw this page ")
            out.raw("again:</p>\n<pre>")
            out.text("fleetsynth verify --regenerate '\(manifest)'\nfleetsynth report '\(manifest)' --output report.html")
            out.raw("</pre>\n")
        }
        out.raw("<details class=\"config\"><summary>The effective config</summary>")
        out.raw("<pre tabindex=\"0\" role=\"region\" aria-label=\"Config\">")
        out.text(String(decoding: config.bytes, as: UTF8.self))
        out.raw("</pre></details>\n")
        return out
    }
}
