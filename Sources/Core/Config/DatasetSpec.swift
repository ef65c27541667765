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
    /// What must hold before anything is published.
    public var quality: QualitySpec
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

/// Which days count as holidays, and so are no business days.
public enum HolidayCalendarName: String, CaseIterable, Sendable {
    /// US federal holidays and their observed days (Saturday -> Friday, Sunday -> Monday).
    case usFederal = "us_federal"
    /// The Federal Reserve's rule: Sunday -> Monday, Saturday is not moved.
    case federalReserve = "federal_reserve"
}

/// `data_generation`: what the panel holds.
public struct DataSpec: Equatable, Sendable {
    public var servers: Int
    public var start: DateExpression
    public var end: DateExpression
    public var seed: UInt64
    public var useHolidays: Bool
    public var useEndOfQuarterSpikes: Bool
    public var holidayCalendar: HolidayCalendarName
    /// Business days of the quarter-end window, 5...10.
    public var endOfQuarterWindow: Int
    /// The absolute day on which growth factors are 1.
    public var growthAnchor: Day
    public var idPrefix: String
    public var idWidth: Int
    public var metrics: [MetricSpec]
    public var businessUnits: WeightedLabels
    public var regions: WeightedLabels
    public var criticalities: WeightedLabels
}

/// Labels with shares that sum to 1; equal shares where the config gives none.
public struct WeightedLabels: Equatable, Sendable {
    public var labels: [String]
    public var weights: [Double]
}

/// One numeric column and the effects that shape it. Levels are in the metric's own unit.
public struct MetricSpec: Equatable, Sendable {
    public var name: String
    /// Free text for people, for example `%` or `Mbps`; empty where not given.
    public var unit: String
    public var baseMean: Double
    public var baseStd: Double
    public var minClip: Double
    public var maxClip: Double
    /// Relative amplitude of the annual sine, 0 for none.
    public var seasonalityAmplitude: Double
    /// Factor of Saturdays and Sundays.
    public var weeklyPatternFactor: Double
    /// Factor of the quarter-end window's business days.
    public var endOfQuarterMultiplier: Double
    /// Months, 1...12, whose end has a quarter-end window.
    public var endOfQuarterMonths: [Int]
    /// Factor of holidays.
    public var holidayMultiplier: Double
    /// Compound growth per year: 0.1 is ten per cent.
    public var growthPerYear: Double
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
}

/// `output`: the artifacts' format.
public struct OutputSpec: Equatable, Sendable {
    public enum TimeType: String, CaseIterable, Sendable { case timestamp, date32 }
    public enum FloatType: String, CaseIterable, Sendable { case double, float }
    public enum Compression: String, CaseIterable, Sendable { case zstd, snappy, none }
    public var timeColumn: String
    public var timeType: TimeType
    public var calendarFlags: Bool
    public var floatType: FloatType
    public var compression: Compression
    public var sampleRows: Int
    /// Name template with `{dataset}`, `{generation}`, `{start_date}`, `{end_date}`.
    public var filename: String
}

/// `quality`: thresholds and tolerances of the gate.
public struct QualitySpec: Equatable, Sendable {
    /// Largest share of missing cells per metric.
    public var maxMissingShare: Double
    /// Half width, in standard errors, of the interval in which a realised effect passes.
    public var effectTolerance: Double
}

/// `retention`: which generations stay.
public struct RetentionSpec: Equatable, Sendable {
    public var keepLast: Int
    /// Hours between unlisting a generation and deleting its files.
    public var graceHours: Int
}

/// `storage`: where artifacts go.
public struct StorageSpec: Equatable, Sendable {
    public var useS3: Bool
    public var bucketName: String
    public var rawPrefix: String
    public var localBasePath: String
    public var endpointURL: String?
    public var region: String
}
