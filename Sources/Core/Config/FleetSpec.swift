/// A kind of server: how many there are, and how their metrics differ from the config's.
public struct ArchetypeSpec: Equatable, Sendable {
    /// Its name, a label of the column `archetype`.
    public var name: String
    /// Its share of all servers, or of those of each label.
    public var share: ArchetypeShare
    /// What is different, by metric, sorted by the metric's name.
    public var metrics: [ArchetypeMetric]
    /// Correlations of its metrics' noise, in place of the dataset's; nil for those.
    public var noiseCorrelation: [NoiseCorrelation]?
}

/// How many servers have an archetype.
public enum ArchetypeShare: Equatable, Sendable {
    case overall(Double)
    /// By label of one or more columns, in the order of `ArchetypeShare.columns`.
    case byLabel([LabelShares])

    /// The columns by whose labels shares can differ.
    static let columns: [ServerDirectory.Label] = [.businessUnit, .region, .criticality]

    /// The share at a label of a column, where it depends on that column; otherwise nil.
    func at(_ label: String, of column: ServerDirectory.Label) -> Double? {
        guard case .byLabel(let all) = self, let own = all.first(where: { $0.column == column }) else { return nil }
        return own.shares.first { $0.label == label }?.value ?? 0
    }
}

/// Shares of one archetype by the labels of one column.
public struct LabelShares: Hashable, Sendable {
    /// The column.
    public var column: ServerDirectory.Label
    /// The share of each label, sorted by the label.
    public var shares: [LabelValue]
}

/// A number that belongs to a label.
public struct LabelValue: Hashable, Sendable {
    /// The label.
    public var label: String
    /// Its number.
    public var value: Double
}

/// How one metric of an archetype differs; nil for what does not.
public struct ArchetypeMetric: Hashable, Sendable {
    /// The metric's name.
    public var metric: String
    /// Factor of mean and standard deviation.
    public var levelFactor: Double?
    /// Mean before all effects, in the metric's unit.
    public var baseMean: Double?
    /// Standard deviation of the noise, in the metric's unit.
    public var baseStd: Double?
    /// Growth per year.
    public var growthPerYear: Double?
    /// The curve of growth.
    public var growthForm: GrowthForm.Name?
    /// The factor that logistic growth tends to.
    public var growthLimit: Double?
    /// Factors of Monday to Sunday.
    public var weeklyProfile: [Double]?
    /// The shape of the day.
    public var diurnalProfile: DiurnalProfile?
    /// What is different about the noise.
    public var noise = NoiseDifference()
}

/// What is different about the levels of the servers that carry a label.
public struct LabelFactors: Hashable, Sendable {
    /// Which column the label is in.
    public var column: ServerDirectory.Label
    /// The label.
    public var label: String
    /// The factor of each metric that has one, sorted by the metric's name.
    public var metrics: [LabelValue]
    /// Factor of what is left between the level and `max_clip`, of each metric that has one, sorted by the metric's name.
    public var headrooms: [LabelValue] = []
}

/// The time zone that a region's servers keep.
public struct RegionZone: Equatable, Sendable {
    /// Who says so.
    public enum Origin: String, Sendable {
        /// `data_generation.metadata.time_zones`.
        case config
        /// The region's name is one that a cloud provider uses.
        case known = "known region"
        /// Nobody: UTC.
        case unknown = "unknown region"
    }

    /// The region.
    public var region: String
    /// A zone of `TimeZoneTable`, or a rule written out.
    public var zone: String
    /// Who says so.
    public var origin: Origin

    /// - Parameters: As the properties of the same names.
    public init(region: String, zone: String, origin: Origin) {
        self.region = region
        self.zone = zone
        self.origin = origin
    }
}

/// The calendar of a region's servers.
public struct RegionCalendar: Equatable, Sendable {
    /// The region.
    public var region: String
    /// Its holidays.
    public var calendar: HolidayCalendar
}

/// The same by the calendar's name, as a config says it.
struct RegionCalendarName: Equatable, Sendable {
    var region: String
    var calendar: String
}

extension DataSpec {
    /// Whose holidays count in a region.
    public func calendar(of region: String) -> HolidayCalendar {
        regionCalendars.first { $0.region == region }?.calendar ?? holidayCalendar
    }

    /// The zone of each region, in the order of the regions' labels.
    public var regionZones: [RegionZone] {
        regions.labels.map { region in
            if let given = timeZones.first(where: { $0.region == region }) { return given }
            guard let known = RegionZones.zone(of: region) else { return RegionZone(region: region, zone: "UTC", origin: .unknown) }
            return RegionZone(region: region, zone: known, origin: .known)
        }
    }
}
