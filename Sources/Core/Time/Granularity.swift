/// The time between two rows of a server: a day, or a whole fraction of it down to five minutes.
public struct Granularity: Hashable, Sendable, CustomStringConvertible {
    /// Minutes from one row to the next; divides 1,440.
    public let minutes: Int

    private init(minutes: Int) { self.minutes = minutes }

    /// One row a day.
    public static let daily = Granularity(minutes: 1440)

    /// All there are, longest first.
    public static let all: [Granularity] = (5...1440).reversed().filter { 1440 % $0 == 0 }.map(Granularity.init(minutes:))

    /// Rows a day.
    public var stepsPerDay: Int { 1440 / minutes }

    /// Whether a row is a whole day.
    public var isDaily: Bool { minutes == 1440 }

    /// `daily`, `hourly`, `6h` or `15min`: each granularity has one spelling.
    public var description: String {
        switch minutes {
        case 1440: "daily"
        case 60: "hourly"
        default: minutes % 60 == 0 ? "\(minutes / 60)h" : "\(minutes)min"
        }
    }

    /// The granularity of that spelling.
    public init?(_ text: String) {
        guard let found = Self.all.first(where: { $0.description == text }) else { return nil }
        self = found
    }

    /// The granularity nearest to what a text such as `60min`, `1d` or `7min` means; nil where it means no length of time.
    static func nearest(to text: String) -> Granularity? {
        guard let minutes = minutes(in: text) else { return nil }
        return all.min { ($0.minutes - minutes).magnitude < ($1.minutes - minutes).magnitude }
    }

    /// The minutes that such a text means.
    static func minutes(in text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), (1...100_000).contains(number) else { return nil }
        switch text.dropFirst(digits.count).lowercased() {
        case "m", "min", "t", "minute", "minutes": return number
        case "h", "hour", "hours": return number * 60
        case "d", "day", "days": return number * 1440
        default: return nil
        }
    }
}
