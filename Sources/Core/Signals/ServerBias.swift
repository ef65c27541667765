/// The lasting offset of a server in one metric: normal with the metric's own `server_bias_std`, independent between metrics and servers.
public struct ServerBias: Sendable {
    private let stream: DrawStream
    /// Standard deviation over servers, in the metric's unit.
    public let std: Double

    /// The offsets of one metric under a seed.
    public init(metric: MetricSpec, seed: UInt64) {
        stream = DrawStream(seed: seed, purpose: .serverBias, metric: metric.name)
        std = metric.serverBiasStd
    }

    /// The offset in standard deviations.
    public func deviate(server: UInt32) -> Double {
        let words = stream.words(server: server, block: 0)
        return Double(StandardNormal.pair(word: words[0], angle: UInt16(truncatingIfNeeded: words[1])).cosine)
    }

    /// The offset in the metric's unit.
    public func callAsFunction(server: UInt32) -> Double { std * deviate(server: server) }
}
