import Core
import Service

/// A dataset as templates see it.
enum DatasetModel {
    static func members(_ row: DatasetStatus, _ facts: GenerationFacts?, now: Moment) -> [String: Any] {
        let path = "/datasets/\(Form.encode(row.dataset))"
        let result = Words.result(row)
        var members: [String: Any] = [
            "name": row.dataset, "path": path, "state": row.state.rawValue, "tone": Words.tone(row.state),
            "result": result.text, "resultTone": result.tone, "errors": row.errors, "hasErrors": !row.errors.isEmpty,
            "isPaused": row.state == .paused, "isKnown": row.state != .refused || row.published != nil || row.lastRun != nil,
        ]
        members["percent"] = row.percent as Any?
        if let run = row.lastRun {
            members["when"] = Words.ago(run.end?.at ?? run.started, now: now)
            members["run"] = run.id
            members["reason"] = Words.reason(run.reason)
        }
        members["next"] = row.nextRun.map { Words.ahead($0, now: now) } as Any?
        if let published = row.published {
            members["generation"] = published.generation.number
            members["rows"] = Amount.grouped(published.generation.rows)
            members["published"] = published.generation.created.map { Words.ago($0, now: now) } as Any?
            // The run that published it ended a moment later: that is no check of its own.
            let created = published.generation.created?.seconds ?? 0
            if published.checked.seconds - created > 2 { members["checked"] = Words.ago(published.checked, now: now) }
        }
        if let facts {
            members["size"] = Words.size(facts.bytes)
            members["verdict"] = Words.verdict(facts)
            members["window"] = "\(facts.windowStart) to \(facts.windowEnd)"
            members["granularity"] = facts.granularity
            members["servers"] = Amount.grouped(facts.servers)
            members["sparks"] = facts.overview.compactMap { overview in Sparkline(overview).map { spark($0, overview.metric) } }
            members["spark"] = facts.overview.lazy.compactMap { overview in Sparkline(overview).map { spark($0, overview.metric) } }.first
        }
        return members
    }

    static func generation(_ entry: GenerationList.Entry, of dataset: String, now: Moment) -> [String: Any] {
        let facts = entry.facts
        let path = "/datasets/\(Form.encode(dataset))/generations/\(facts.generation)"
        return [
            "generation": facts.generation, "created": Words.ago(facts.created, now: now), "rows": Amount.grouped(facts.rows),
            "servers": Amount.grouped(facts.servers), "size": Words.size(facts.bytes), "files": facts.files,
            "window": "\(facts.windowStart) to \(facts.windowEnd)", "verdict": Words.verdict(facts),
            "documents": DocumentKind.allCases.filter { entry.documents.contains($0) }.map { kind in
                ["path": "\(path)/\(kind.rawValue)", "name": kind.rawValue, "label": "\(kind.rawValue) of generation \(facts.generation)"]
            },
        ]
    }

    private static func spark(_ line: Sparkline, _ metric: String) -> [String: Any] {
        ["lines": line.lines, "label": line.label, "metric": metric]
    }
}
