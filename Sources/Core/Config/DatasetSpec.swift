/// One dataset, as its config file describes it after validation: nothing downstream checks these values again.
///
/// Dates may still be relative to the day of the run; `Plan` fixes them.
public struct DatasetSpec: Equatable, Sendable {
    /// The dataset's name: the stem of its config file.
    public var name: String
    /// Where the run takes place.
    public var environment: RunEnvironment
    /// What the data is.
    public var data: DataSpec
    /// The format of the artifacts.
    public var output: OutputSpec
    /// What is published about the panel beside it.
    public var truth: TruthSpec
    /// What must hold before anything is published.
    public var quality: QualitySpec
    /// When the service makes the dataset again, or nil: on change only.
    public var schedule: ScheduleSpec?
    /// How long generations stay.
    public var retention: RetentionSpec
    /// Where artifacts go.
    public var storage: StorageSpec
}

/// `general.env`.
public enum RunEnvironment: String, CaseIterable, Sendable { case local, sagemaker, lambda }

/// A date of the config: a fixed day, or one relative to the day of the run.
public enum DateExpression: Equatable, Sendable {
    case fixed(Day)
    /// `today`, `today-4y`, `yesterday` (= `today-1d`), `today+2w`; months and years clamp to the last day of the month.
    case relative(days: Int, months: Int)
}

/// `data_generation`: what the panel holds.
public struct DataSpec: Equatable, Sendable {
    /// Number of servers, at least 1.
    public var servers: Int
    /// First day of the window.
    public var start: DateExpression
    /// Last day of the window, which belongs to it.
    public var end: DateExpression
    /// Time between two cells of a server: that of the rows, unless `aggregation` makes each row of several cells.
    public var granularity: Granularity
    /// Seed of all randomness.
    public var seed: UInt64
    /// Whether holidays change the metrics; they are no business days either way.
    public var useHolidays: Bool
    /// Whether quarter ends lift the metrics.
    public var useEndOfQuarterSpikes: Bool
    /// Whose holidays count, except in the regions of `regionCalendars`.
    public var holidayCalendar: HolidayCalendar
    /// The days of the business calendar's effects.
    public var business: BusinessSpec
    /// Business days of the quarter-end window, 5...10.
    public var endOfQuarterWindow: Int
    /// The absolute day on which growth factors are 1.
    public var growthAnchor: Day
    /// What every server's name starts with.
    public var idPrefix: String
    /// Digits of the server's number, which is padded with zeros.
    public var idWidth: Int
    /// The numeric columns, in their order; at least one.
    public var metrics: [MetricSpec]
    /// Business units of the servers.
    public var businessUnits: WeightedLabels
    /// Regions of the servers.
    public var regions: WeightedLabels
    /// Criticality levels of the servers.
    public var criticalities: WeightedLabels
    /// The time zones that the config gives to regions, sorted by region; `regionZones` has those of all.
    public var timeZones: [RegionZone]
    /// The calendars that the config gives to regions, sorted by region; other regions have `holidayCalendar`.
    public var regionCalendars: [RegionCalendar]
    /// Factors of the servers that carry a label; empty for none.
    public var labelFactors: [LabelFactors]
    /// Kinds of servers, sorted by name; empty where all are of one kind.
    public var archetypes: [ArchetypeSpec]
    /// Correlations of the metrics' noise, sorted; archetypes may have their own.
    public var noiseCorrelation: [NoiseCorrelation]
    /// Whether correlations that cannot hold together are shrunk until they can.
    public var repairsNoiseCorrelation: Bool
    /// Changes that come to servers and stay, sorted by name.
    public var changes: [LastingChange]
    /// When servers begin and end.
    public var lifetime: LifetimeSpec
    /// What happens to groups of servers, sorted by name; empty for nothing.
    public var incidents: [IncidentSpec]
    /// What goes wrong with the measuring.
    public var mess: MessSpec
    /// How rows come from finer cells; nil where each row is a cell of its own.
    public var aggregation: AggregationSpec?
}

/// Labels with shares that sum to 1, sorted by their bytes: the order in which a config writes them decides nothing.
public struct WeightedLabels: Equatable, Sendable {
    /// The labels, sorted.
    public let labels: [String]
    /// The share of each label, same order.
    public let weights: [Double]

    /// - Parameter shares: Labels with their shares, in any order.
    init(_ shares: [(label: String, weight: Double)]) {
        let sorted = shares.sorted { $0.label.utf8.lexicographicallyPrecedes($1.label.utf8) }
        labels = sorted.map(\.label)
        weights = sorted.map(\.weight)
    }
}

/// One numeric column and the effects that shape it. Levels are in the metric's own unit.
public struct MetricSpec: Equatable, Sendable {
    /// Name of the column.
    public var name: String
    /// Free text for people, for example `%` or `Mbps`; empty where not given.
    public var unit: String
    /// Mean before all effects.
    public var baseMean: Double
    /// Standard deviation of the noise.
    public var baseStd: Double
    /// Smallest value.
    public var minClip: Double
    /// Largest value.
    public var maxClip: Double
    /// Relative amplitude of the annual sine, 0 for none.
    public var seasonalityAmplitude: Double
    /// Factor of Saturdays and Sundays.
    public var weeklyPatternFactor: Double
    /// Factors of Monday to Sunday, in place of `weeklyPatternFactor`; nil for that one.
    public var weeklyProfile: [Double]?
    /// The shape of the day; nil for a flat one.
    public var diurnalProfile: DiurnalProfile?
    /// Factor of the quarter-end window's business days.
    public var endOfQuarterMultiplier: Double
    /// Months, 1...12, whose end has a quarter-end window.
    public var endOfQuarterMonths: [Int]
    /// Factor of holidays.
    public var holidayMultiplier: Double
    /// Factors of the business calendar's effects.
    public var lifts: MetricLifts
    /// Growth per year: 0.1 is ten per cent.
    public var growthPerYear: Double
    /// The curve of growth.
    public var growthForm: GrowthForm.Name
    /// The factor that growth tends to where it is logistic, here or in an archetype; nil where that is nowhere.
    public var growthLimit: Double?
    /// Standard deviation of the per-server offset.
    public var serverBiasStd: Double
    /// Probability that a cell is missing.
    public var missingRate: Double
    /// Probability that a cell is an outlier.
    public var outlierRate: Double
    /// Factor of an outlier, before clipping.
    public var outlierMultiplier: Double
    /// Decimals kept, or nil for full precision.
    public var decimals: Int?
    /// What the noise is like beyond its standard deviation.
    public var noise: NoiseSpec
}

/// `output`: the artifacts' format.
public struct OutputSpec: Equatable, Sendable {
    /// Microsecond timestamps, or days.
    public enum TimeType: String, CaseIterable, Sendable { case timestamp, date32 }
    /// 64 or 32 bits.
    public enum FloatType: String, CaseIterable, Sendable { case double, float }
    /// Codec of the Parquet pages.
    public enum Compression: String, CaseIterable, Sendable { case zstd, snappy, none }
    /// Name of the time column.
    public var timeColumn: String
    /// Type of the time column.
    public var timeType: TimeType
    /// Whether there are the columns `is_weekend`, `is_holiday` and `is_eoq_window`.
    public var calendarFlags: Bool
    /// Type of the metric columns.
    public var floatType: FloatType
    /// Compression of the pages.
    public var compression: Compression
    /// Rows of the sample CSV, 0 for none.
    public var sampleRows: Int
    /// Whether there is a report for people.
    public var report: Bool
    /// Name template with `{dataset}`, `{generation}`, `{start_date}`, `{end_date}`.
    public var filename: String

    /// What `filename` is where the config says nothing.
    static let defaultFilename = "raw_server_metrics_{start_date}_to_{end_date}.parquet"
}

/// `schedule`: when the service makes the dataset again.
public struct ScheduleSpec: Equatable, Sendable {
    /// The schedule as the config writes it.
    public var cron: String
    /// The same, read; some day of the calendar matches it.
    public var expression: CronExpression
    /// IANA name. Whether this machine knows it is the scheduler's to find out.
    public var timeZone: String
    /// What becomes of a fixed time that the clock skips.
    public var gap: GapPolicy
    /// What becomes of a fixed time that the clock shows twice.
    public var overlap: OverlapPolicy
    /// What becomes of missed runs.
    public var catchUp: CatchUpPolicy
    /// Seconds by which a run may start later, 0...86400.
    public var jitter: Int64
    /// What a scheduled time does while a run is in progress.
    public var whileRunning: BusyPolicy
    /// Seconds after its due time from which a run is not worth starting, nil for never.
    public var maximumAge: Int64?
}

/// `retention`: which generations stay.
public struct RetentionSpec: Equatable, Sendable {
    /// Generations that stay, at least 1.
    public var keepLast: Int
    /// Hours between unlisting a generation and deleting its files.
    public var graceHours: Int
}

/// `storage`: where artifacts go.
public struct StorageSpec: Equatable, Sendable {
    /// Whether artifacts go to S3 instead of a local folder.
    public var useS3: Bool
    /// The bucket; not empty when `useS3`.
    public var bucketName: String
    /// Folder of the panel files, empty or ending in `/`.
    public var rawPrefix: String
    /// Local folder of everything published.
    public var localBasePath: String
    /// Address of another S3 service than Amazon's; nil: the environment's.
    public var endpointURL: String?
    /// Region of the S3 service; nil: the environment's.
    public var region: String?
    /// The rest about S3.
    public var s3: S3Spec
}
