/// One of the equal parts that a panel is made in: shard `index` of `count`, from 0.
///
/// ```
/// shard i of n = servers [N * i / n, N * (i + 1) / n)      of N servers; sizes differ by at most one, and are 0 for some where n > N
/// ```
public struct Shard: Hashable, Sendable, CustomStringConvertible {
    /// The most shards of a table: a manifest lists each, and AWS Batch arrays have no more.
    public static let most = 10_000

    /// Which, from 0.
    public let index: Int
    /// Of how many, 1...`most`.
    public let count: Int

    /// - Throws: `ShardProblem.number` unless `0 <= index < count <= most`.
    public init(index: Int, count: Int) throws(ShardProblem) {
        guard (1...Self.most).contains(count), (0..<count).contains(index) else { throw .number("\(index)/\(count)") }
        self.index = index
        self.count = count
    }

    /// Reads `3/64`.
    /// - Throws: `ShardProblem.number`.
    public init(_ text: String) throws(ShardProblem) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1], "\(index)/\(count)" == text else { throw .number(text) }
        try self.init(index: index, count: count)
    }

    /// `3/64`.
    public var description: String { "\(index)/\(count)" }

    /// This shard's servers, 0-based ordinals.
    func servers(of all: Int) -> Range<Int> { all * index / count..<all * (index + 1) / count }

    /// `part-00003-of-00064`, as long for every shard.
    var partName: String { "part-\(Self.five(index))-of-\(Self.five(count))" }

    /// Reads what `partName` writes, nil for anything else.
    init?(partName name: String) {
        let fields = name.split(separator: "-", omittingEmptySubsequences: false)
        guard fields.count == 4, let index = Int(fields[1]), let count = Int(fields[3]), let shard = try? Shard(index: index, count: count),
            shard.partName == name
        else { return nil }
        self = shard
    }

    private static func five(_ number: Int) -> String { String(repeating: "0", count: 5 - "\(number)".count) + "\(number)" }
}

extension PanelPlan {
    /// The part of a whole dataset that a shard makes; nil where it has no rows, because it has no servers or none of them exists in the window.
    func part(_ shard: Shard) -> PanelPlan? {
        let servers = shard.servers(of: spec.data.servers)
        guard !servers.isEmpty else { return nil }
        return try? slice(from: nil, to: nil, servers: servers.lowerBound + 1...servers.upperBound)
    }
}
