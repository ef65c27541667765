/// The shape of a day: a factor for each local hour, with mean 1, and a smooth curve between them.
///
/// An hour's factor holds at its middle. In between runs the monotone cubic curve through the 24 points (Fritsch and Butland, SIAM J. Sci.
/// Stat. Comput. 5, 1984), which never leaves the range of its neighbours. Steps longer than an hour take the mean of their hours.
public struct DiurnalProfile: Hashable, Sendable {
    /// A name of the list of shapes, or nil for factors of one's own.
    public let name: String?
    /// The factor of each hour, 0 to 23 o'clock, unitless, mean 1.
    public let hours: [Double]
    /// The numbers that the factors come from; only their ratios count.
    public let relative: [Double]
    /// The curve's slope at each point, per hour.
    private let slopes: [Double]

    /// - Parameter relative: 24 numbers above 0; only their ratios count.
    public init(relative: [Double]) { self.init(name: nil, relative: relative) }

    private init(name: String?, relative: [Double]) {
        precondition(relative.count == 24 && relative.allSatisfy { $0 > 0 }, "24 factors above 0")
        self.name = name
        self.relative = relative
        let mean = relative.reduce(0, +) / 24
        let hours = relative.map { $0 / mean }
        self.hours = hours
        slopes = (0..<24).map { hour in
            let (before, after) = (hours[hour] - hours[(hour + 23) % 24], hours[(hour + 1) % 24] - hours[hour])
            return before * after > 0 ? 2 * before * after / (before + after) : 0
        }
    }

    /// The factor of a step.
    ///
    /// - Parameters:
    ///   - middle: Local seconds since some midnight.
    ///   - length: Seconds of the step.
    package func factor(middle: Int64, length: Int64) -> Double {
        let parts = (length + 3599) / 3600
        if parts == 1 { return value(at: middle) }
        var sum = 0.0
        for part in 0..<parts { sum += value(at: middle - length / 2 + length * (2 * part + 1) / (2 * parts)) }
        return sum / Double(parts)
    }

    private func value(at seconds: Int64) -> Double {
        let since = (seconds - 1800) % 86_400
        let position = since < 0 ? since + 86_400 : since
        let (hour, next) = (Int(position / 3600), (Int(position / 3600) + 1) % 24)
        let u = Double(position % 3600) / 3600
        let v = 1 - u
        let (left, right) = ((1 + 2 * u) * (v * v), (1 + 2 * v) * (u * u))
        return (hours[hour] * left + hours[next] * right) + (slopes[hour] * (u * (v * v)) - slopes[next] * (v * (u * u)))
    }
}

extension DiurnalProfile {
    /// The shapes that have a name.
    ///
    /// | name | busiest | quietest | for |
    /// | --- | --- | --- | --- |
    /// | `flat` | | | no daily cycle |
    /// | `office` | 10 and 14 to 15 o'clock | 2 to 3 o'clock | what people use at work |
    /// | `evening` | 20 o'clock | 4 o'clock | what people use at home |
    /// | `night-batch` | 1 to 2 o'clock | 12 to 16 o'clock | jobs that wait for the night |
    public static let named: [DiurnalProfile] = [
        DiurnalProfile(name: "flat", relative: [Double](repeating: 1, count: 24)),
        office,
        DiurnalProfile(
            name: "evening",
            relative: [80, 60, 48, 42, 40, 43, 52, 66, 80, 90, 96, 100, 106, 104, 102, 104, 112, 126, 146, 164, 170, 162, 140, 108]),
        DiurnalProfile(
            name: "night-batch",
            relative: [190, 205, 205, 195, 170, 138, 108, 86, 72, 64, 60, 58, 56, 56, 56, 56, 58, 60, 64, 70, 80, 98, 128, 164]),
    ]

    static let office = DiurnalProfile(
        name: "office",
        relative: [50, 47, 45, 45, 47, 52, 62, 82, 110, 138, 150, 145, 132, 140, 150, 150, 142, 126, 104, 86, 74, 66, 60, 54])

    /// The shape of that name.
    public init?(named name: String) {
        guard let found = Self.named.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// Whether all hours are alike.
    public var isFlat: Bool { hours.allSatisfy { $0 == 1 } }
}
