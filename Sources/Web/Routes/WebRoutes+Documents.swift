import Core
import Hummingbird

/// Reports, summaries and manifests of generations. A path names a dataset and a number; which file that is, the manifest says.
extension WebRoutes {
    var documentRoutes: [WebRoute] {
        DocumentKind.allCases.map { kind in
            .get("/datasets/{name}/generations/{generation}/\(kind.rawValue)") { request, context in
                _ = try Query(request, known: [])
                let (dataset, generation) = (try context.dataset, try context.generation)
                return try await Deadline.within(settings.limits.store) { try await document(kind, dataset, generation) }
            }
        }
    }

    @concurrent
    private func document(_ kind: DocumentKind, _ dataset: String, _ generation: Int) async throws -> Response {
        guard let published = try await published(dataset) else { throw WebProblem.unknownGeneration }
        let manifest: Manifest?
        var bytes: [UInt8]?
        do throws(StoreError) {
            manifest = try await published.manifest(generation)
            if let artifact = kind.role.flatMap({ manifest?.artifact($0) }) {
                bytes = try await published.bytes(of: artifact, limit: settings.limits.documentBytes)
            }
        } catch {
            throw WebProblem(error)
        }
        guard let manifest else { throw WebProblem.unknownGeneration }
        if kind == .manifest { bytes = manifest.canonicalBytes }
        guard kind == .manifest || kind.role.flatMap(manifest.artifact) != nil else {
            throw WebProblem(.notFound, "no-such-document", "Generation \(generation) has no \(kind.rawValue).")
        }
        guard let bytes else {
            throw WebProblem(
                .gone, "replaced",
                "A later generation has taken the name of this file. With {generation} in output.filename, each keeps its own.")
        }
        var response = Response.content(bytes, kind.contentType)
        if kind == .report { response.headers[.contentSecurityPolicy] = Self.reportPolicy }
        return response
    }

    /// A report brings its styles along and needs nothing else; whatever is in it, no script runs and no form is sent.
    static let reportPolicy =
        "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'"
}
