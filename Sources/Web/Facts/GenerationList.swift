import Core

/// A small file of a generation that a browser shows.
enum DocumentKind: String, CaseIterable, Hashable, Sendable {
    case report, summary, manifest

    /// The role of the artifact; nil for the manifest, which is none, and where this program knows no such role.
    var role: Artifact.Role? { Artifact.Role(rawValue: rawValue) }

    var contentType: String { self == .report ? "text/html; charset=utf-8" : "application/json" }
}

/// Generations of a dataset, the latest first.
struct GenerationList: Sendable {
    struct Entry: Sendable {
        let facts: GenerationFacts
        /// What can be shown: a file whose name a later generation took is gone.
        let documents: Set<DocumentKind>
    }

    var entries: [Entry] = []
    var hasMore = false

    /// - Parameters:
    ///   - published: Where the dataset is published; nil: nowhere.
    ///   - before: Only generations below this number.
    ///   - limit: At most so many.
    @concurrent
    static func read(_ published: PublishedGenerations?, before: Int?, limit: Int) async throws(WebProblem) -> GenerationList {
        guard let published else { return GenerationList() }
        var list = GenerationList()
        do throws(StoreError) {
            let numbers = try await published.listed()
            var taken: [ObjectKey: ContentHash] = [:]
            for number in numbers {
                let isWanted = before.map { number < $0 } ?? true
                if isWanted, list.entries.count == limit {
                    list.hasMore = true
                    break
                }
                guard let manifest = try await published.manifest(number) else { continue }
                var documents: Set<DocumentKind> = [.manifest]
                for kind in DocumentKind.allCases {
                    guard let role = kind.role, let artifact = manifest.artifact(role) else { continue }
                    if taken[artifact.key, default: artifact.sha256] == artifact.sha256 { documents.insert(kind) }
                }
                for artifact in manifest.artifacts where taken[artifact.key] == nil { taken[artifact.key] = artifact.sha256 }
                if isWanted { list.entries.append(Entry(facts: GenerationFacts(manifest), documents: documents)) }
            }
        } catch {
            throw WebProblem(error)
        }
        return list
    }
}
