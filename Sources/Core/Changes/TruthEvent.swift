/// One thing that happened in a dataset, as its ground truth tells it: an incident, an outage, a lasting change.
///
/// Ids and times are those of the thing itself, whatever part of it a run's window shows: a slice and a moved window tell the same event in
/// the same words.
public struct TruthEvent: Hashable, Sendable {
    /// Which servers an event touches.
    public struct Servers: Hashable, Sendable {
        /// How many, of the dataset's fleet.
        public var count: Int
        /// The ordinals of those touched, ascending, at most `mostListed`; nil where all servers of the scope are touched.
        public var listed: [Int]?

        /// Ordinals that are listed at most; `count` tells how many there are.
        public static let mostListed = 1000

        /// - Parameters: As the properties of the same names.
        public init(count: Int, listed: [Int]?) {
            self.count = count
            self.listed = listed
        }
    }

    /// Unique within the dataset, made of the cause and an absolute address: `incidents.eu-failover/2024-03-31T02:00:00Z/eu-west-1`.
    public var id: String
    /// What happened: `failover`, `memory-leak`, `agent-outage`.
    public var kind: String
    /// The config key that asked for it: `data_generation.incidents.eu-failover`.
    public var cause: String
    /// The column whose label says who can be touched: `region`, `server_id`; nil for the whole fleet.
    public var scopeColumn: String?
    /// The label in that column; nil for the whole fleet.
    public var scopeLabel: String?
    /// The servers that are touched.
    public var servers: Servers
    /// The metrics that are touched, in column order.
    public var metrics: [String]
    /// Start in seconds since 1970-01-01T00:00Z: that of the first step that is touched.
    public var start: Int64
    /// End, exclusive: that of the last step that is touched; nil where it lasts.
    public var end: Int64?
    /// How strong it is, in the terms of its kind: a factor, or a target in the metric's unit; nil where several metrics differ or there is none.
    public var magnitude: Double?
    /// The id of the event that this one is a part or a consequence of.
    public var parent: String?

    /// - Parameters: As the properties of the same names.
    public init(
        id: String, kind: String, cause: String, scopeColumn: String?, scopeLabel: String?, servers: Servers, metrics: [String],
        start: Int64,
        end: Int64?, magnitude: Double?, parent: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.cause = cause
        self.scopeColumn = scopeColumn
        self.scopeLabel = scopeLabel
        self.servers = servers
        self.metrics = metrics
        self.start = start
        self.end = end
        self.magnitude = magnitude
        self.parent = parent
    }
}
