import Core
import S3
import Service
import Systemd

/// What Prometheus asks for.
extension FleetService {
    /// Everything that the service counts and is, in Prometheus's text format.
    func metricsText() async -> String {
        let status = await report(nil)
        return metrics.text(
            ServiceMetrics.Surroundings(
                status: status, refused: Set(refused.values.map(\.dataset)), parallelism: settings.parallelism,
                watchdog: settings.watchdogInterval,
                process: ProcessReading.now()))
    }
}

extension ServiceMetrics {
    /// Takes note of what happens between the program and a bucket.
    func note(_ traffic: S3Traffic) {
        switch traffic.event {
        case .sent: storeRequest(traffic.operation)
        case .retried(let cause): storeRetry(traffic.operation, cause: cause.rawValue)
        case .failed(let kind): storeError(traffic.operation, kind: kind.rawValue)
        }
    }
}
