import Core
import S3
import Service
import Web

/// The service as its pages see it.
extension FleetService {
    nonisolated var webBackend: WebBackend {
        WebBackend(
            answer: { await self.answer($0) }, refused: { await self.refusedConfigs }, published: { await self.published($0) },
            metrics: { await self.metricsText() }, now: { WallClock.now })
    }

    private var refusedConfigs: [RefusedConfig] {
        refused.values.sorted { $0.file.utf8.lexicographicallyPrecedes($1.file.utf8) }
    }

    /// Nothing is asked of a store here.
    private func published(_ dataset: String) -> PublishedGenerations? {
        guard let config = datasets[dataset]?.config, let target = try? PublishTarget(config.loaded.spec.storage, connector) else {
            return nil
        }
        return PublishedGenerations(of: dataset, in: target.store)
    }
}
