import Core
import Hummingbird
import Mustache
import Service

/// The pages, from templates that are part of the program.
struct Pages: Sendable {
    private let library: MustacheLibrary
    private let assets: [String: String]

    init(_ assets: Assets) {
        self.assets = assets.paths
        let texts = [
            "top": PackageResources.top_mustache, "bottom": PackageResources.bottom_mustache, "row": PackageResources.row_mustache,
            "overview": PackageResources.overview_mustache, "dataset": PackageResources.dataset_mustache,
            "message": PackageResources.message_mustache, "controls": PackageResources.controls_mustache,
            "problems": PackageResources.problems_mustache,
        ]
        var templates: [String: MustacheTemplate] = [:]
        for (name, bytes) in texts {
            guard let template = try? MustacheTemplate(string: String(decoding: bytes, as: UTF8.self)) else {
                preconditionFailure("the template \(name) is Mustache, which a test sees")
            }
            templates[name] = template
        }
        library = MustacheLibrary(templates: templates)
    }

    /// Every dataset, and what is wrong with the configs.
    func overview(
        _ report: StatusReport, place: StreamPlace, refused: [RefusedConfig], facts: [String: GenerationFacts]
    ) -> Response {
        let count = report.datasets.count
        let states = DatasetStatus.State.allCases.compactMap { state -> [String: Any]? in
            let count = report.datasets.count { $0.state == state }
            return count == 0 ? nil : ["count": count, "state": state.rawValue, "tone": Words.tone(state)]
        }
        return render(
            "overview",
            [
                "title": "fleetsynth", "isOverview": true, "version": report.version, "place": place.description,
                "directory": report.configDirectory, "started": Words.ago(report.started, now: report.now),
                "count": "\(Amount.grouped(count)) \(count == 1 ? "dataset" : "datasets")", "states": states,
                "notices": report.watch.problems
                    + report.watch.waiting.map { "\($0) waits until the config in its way is gone for good." },
                "refused": refused.map(Self.problem), "hasRefused": !refused.isEmpty, "isEmpty": report.datasets.isEmpty,
                "rows": report.datasets.map { row($0, facts[$0.dataset], now: report.now) },
            ])
    }

    /// One row of the table of datasets, which streams send, too.
    func row(_ row: DatasetStatus, _ facts: GenerationFacts?, now: Moment) -> String {
        library.render(DatasetModel.members(row, facts, now: now), withTemplate: "row") ?? ""
    }

    /// One dataset with its generations.
    func dataset(
        _ row: DatasetStatus, _ report: StatusReport, place: StreamPlace, refused: [RefusedConfig], facts: GenerationFacts?,
        list: GenerationList, problem: String?
    ) -> Response {
        var members = DatasetModel.members(row, facts, now: report.now)
        members["title"] = "\(row.dataset) - fleetsynth"
        members["version"] = report.version
        members["place"] = place.description
        members["refused"] = refused.map(Self.problem)
        members["hasRefused"] = !refused.isEmpty
        members["generations"] = list.entries.map { DatasetModel.generation($0, of: row.dataset, now: report.now) }
        members["hasGenerations"] = !list.entries.isEmpty
        members["storeProblem"] = problem as Any?
        members["older"] =
            list.hasMore
            ? list.entries.last.map { "/datasets/\(Form.encode(row.dataset))?before=\($0.facts.generation)" } as Any? : nil
        return render("dataset", members)
    }

    /// What became of a button.
    func message(_ text: String, isGood: Bool, back: String, status: HTTPResponse.Status = .ok) -> Response {
        render(
            "message",
            [
                "title": isGood ? "Done" : "Not done", "heading": isGood ? "Done" : "Not done", "text": text, "back": back,
                "tone": isGood ? "good" : "bad",
            ], status: status)
    }

    /// A problem for people.
    func problem(_ problem: WebProblem) -> Response {
        var response = render(
            "message",
            [
                "title": problem.status.reasonPhrase, "heading": problem.status.reasonPhrase, "text": problem.detail, "back": "/",
                "tone": "bad",
            ], status: problem.status)
        for field in problem.headers { response.headers[field.name] = field.value }
        return response
    }

    private func render(_ template: String, _ members: [String: Any], status: HTTPResponse.Status = .ok) -> Response {
        let members = members.merging(["assets": assets]) { own, _ in own }
        guard let text = library.render(members, withTemplate: template) else { preconditionFailure("\(template) is a template") }
        return .html(text, status: status)
    }

    private static func problem(_ config: RefusedConfig) -> [String: Any] {
        [
            "file": config.file, "dataset": config.dataset,
            "consequence": config.keeps == nil
                ? "There is no earlier version, so nothing runs." : "The last good version stays in force.",
            "problems": config.problems.map { problem -> [String: Any] in
                var members: [String: Any] = [
                    "place": config.file + (problem.line.map { ":\($0)" } ?? "") + (problem.column.map { ":\($0)" } ?? ""),
                    "path": problem.path, "message": problem.message, "isWarning": problem.severity == .warning,
                ]
                members["expected"] = problem.expected as Any?
                members["suggestion"] = problem.suggestion as Any?
                members["remedy"] = problem.remedy as Any?
                members["excerpt"] = problem.excerpt as Any?
                return members
            },
        ]
    }
}
