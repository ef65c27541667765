import Core
import Mustache

/// Puts a report's parts together.
struct ReportPage {
    let scene: Scene
    let pictures: Pictures
    let facts: ReportFacts

    private var material: ReportMaterial { scene.material }
    private var plan: PanelPlan { scene.plan }

    var html: String { ReportTemplate.page.render(context) }

    private var context: [String: Any] {
        let sections = sections
        let failures = facts.quality.failures.count
        let skipped = facts.quality.checks.count { $0.verdict == .notApplicable }
        let passed = facts.quality.checks.count - failures - skipped
        let weak = facts.quality.inconclusiveCount
        let verdict =
            "\(failures == 0 ? "Every check passed" : "\(Numbers.grouped(failures)) \(failures == 1 ? "check" : "checks") failed"): \(Numbers.grouped(passed)) passed, "
            + "\(Numbers.grouped(failures)) failed, \(Numbers.grouped(skipped)) not measured"
            + (weak == 0 ? "" : "; \(Numbers.grouped(weak)) of those passed \(weak == 1 ? "is" : "are") not conclusive")
        return [
            "version": material.toolVersion, "style": ReportStyle.css, "dataset": plan.spec.name,
            "title": facts.generation.map { "\(plan.spec.name), generation \($0)" } ?? "\(plan.spec.name), preview",
            "kicker": facts.generation.map { "Synthetic fleet telemetry \u{00B7} generation \($0)" }
                ?? "Synthetic fleet telemetry \u{00B7} preview, nothing is published",
            "lead": lead, "look": failures == 0 ? "pass" : "fail", "sign": failures == 0 ? "\u{2713}" : "\u{2717}", "verdict": verdict,
            "sections": sections.map(\.context),
            "closing": "Made by fleetsynth \(material.toolVersion). The numbers below each chart are those that it draws.",
        ]
    }

    private var lead: String {
        let steps = plan.rowSteps
        let each = steps.granularity.isDaily ? "days" : "steps of \(steps.granularity.minutes) minutes"
        let fleet = "\(Numbers.grouped(material.servers)) servers over \(Numbers.grouped(steps.count)) \(each)"
        let window = "\(plan.days.start.iso) to \(plan.days.end.iso)"
        let rows = "\(Numbers.grouped(material.rows)) rows of \(plan.spec.data.metrics.count) metrics"
        return scene.isPreview
            ? "\(fleet), evenly spaced among \(Numbers.grouped(plan.servers.count)), \(window): \(rows)." : "\(fleet), \(window): \(rows)."
    }

    private var sections: [ReportSection] {
        let config = (try? CanonicalJSON(parsing: Array(material.config.utf8))) ?? .object([:])
        let all = scene.isPreview ? "the servers looked at" : "the whole fleet"
        var sections = [
            ReportSection(
                id: "metrics", title: "Metrics", note: "Statistics of all cells of \(all).",
                body: OverviewTable(material: material).markup().string)
        ]
        if let body = beyond(config) {
            sections.append(ReportSection(id: "beyond", title: "Beyond signal and noise", note: "As the config asks for it.", body: body))
        }
        for (index, body) in pictures.metrics.enumerated() {
            let summary = material.metrics[index]
            let unit = summary.unit.isEmpty ? "" : " (\(summary.unit))"
            sections.append(
                ReportSection(
                    id: "metric-\(index)", title: summary.name + unit,
                    note: "Means, profiles and distribution are exact for \(all); bands, labels and single servers are of \(scene.sampled)"
                        + (scene.sample.isWhole ? "." : ", evenly spaced over the fleet.")
                        + (scene.hasRepeatedRows ? " Rows that come twice count twice in the former and once in the latter." : ""),
                    body: body))
        }
        let left = material.metrics.count - pictures.metrics.count
        if left > 0 { sections[sections.count - 1].note? += " The other \(left) metrics are in the table above alone." }
        sections += [
            ReportSection(
                id: "correlation", title: "Correlation", note: material.metrics.count == 1 ? "There is one metric, so none." : nil,
                body: material.metrics.count == 1
                    ? ""
                    : CorrelationTable(
                        names: material.metrics.prefix(CorrelationTable.mostMetrics).map(\.name), values: pictures.correlations.values,
                        sampled: scene.sampled, left: max(0, material.metrics.count - CorrelationTable.mostMetrics)
                    ).markup().string),
            ReportSection(id: "missing-values", title: "Missing values", note: "Of \(scene.sampled).", body: pictures.missing),
            ReportSection(
                id: "checks", title: "Asked for and found",
                note: "What the config requests, what the cells show, and how far the two may be apart by chance.",
                body: CheckTable(quality: facts.quality).markup().string),
        ]
        if !scene.marks.calendars.isEmpty {
            sections.append(
                ReportSection(
                    id: "holidays", title: "Holidays",
                    note: "The days that the charts over time mark along their axis, as "
                        + (scene.marks.calendars.count == 1 ? "the calendar names them." : "the calendars of the regions name them."),
                    body: HolidayTable(calendars: scene.marks.calendars).markup().string))
        }
        sections.append(
            ReportSection(
                id: "provenance", title: "Provenance", body: Provenance(material: material, facts: facts, config: config).markup().string))
        return sections
    }

    private func beyond(_ config: CanonicalJSON) -> String? {
        let settings = SettingsList(config: config).markup()
        guard settings != nil || !scene.events.isEmpty else { return nil }
        var out = settings ?? Markup()
        if !scene.events.isEmpty {
            out.append(EventList(events: scene.events).markup())
        }
        return out.string
    }
}
