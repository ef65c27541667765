/// What clients may take, so that the service goes on whatever they do.
public struct WebLimits: Hashable, Sendable {
    /// Connections of one listening socket at the same time; more wait in the kernel's line.
    public var connections = 128
    /// Streams of events at the same time.
    public var streams = 32
    /// How long a request's line and headers may take, and how long a connection may stay idle between requests.
    public var idle: Duration = .seconds(10)
    /// How long a request's body may take.
    public var body: Duration = .seconds(10)
    /// How long the client may take none of the bytes that wait for it.
    public var stall: Duration = .seconds(20)
    /// How long answers in the making may take when the service stops.
    public var linger: Duration = .seconds(1)
    /// The largest body of a request, in bytes: nothing that is asked for needs more.
    public var bodyBytes = 16_384
    /// The longest request line or header, in bytes.
    public var headerBytes = 8_192
    /// All headers together, in bytes.
    public var headersBytes = 32_768
    /// Headers of one request.
    public var headerCount = 100
    /// The largest file of a generation that is shown, in bytes.
    public var documentBytes: UInt64 = 32 << 20
    /// How long a page waits for what must be read from a store first.
    public var patience: Duration = .seconds(1)
    /// How long an answer waits for a store that it cannot do without.
    public var store: Duration = .seconds(10)
    /// How often a stream looks for news.
    public var beat: Duration = .milliseconds(500)
    /// How long a stream stays silent before it shows that it lives.
    public var heartbeat: Duration = .seconds(15)

    /// The defaults.
    public init() {}
}
