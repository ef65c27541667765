/// Servers whose metrics have the same level and spread: those of one archetype, time zone, calendar and factors.
///
/// ```
/// class = ((archetype * regions + region) * units + unit) * criticalities + criticality      over groups of labels that make no difference
/// ```
/// Without archetypes, factors, zones and calendars of regions there is one class. Which servers are in which class is a matter of their labels alone.
public struct ServerClasses: Sendable {
    /// Labels of one column that make no difference among each other.
    struct Group: Hashable, Sendable {
        /// The labels, sorted.
        var labels: [String]
        /// The factor of each metric that has one.
        var factors: [LabelValue]
        /// Factor of the distance to the upper bound, of each metric that has one.
        var headrooms: [LabelValue]
        /// Index into `zones`.
        var zone: Int
        /// Index into `calendars`.
        var calendar: Int

        /// Whether two groups are one but for their labels.
        func isLike(_ other: Group) -> Bool {
            factors == other.factors && headrooms == other.headrooms && zone == other.zone && calendar == other.calendar
        }

        /// Factor of a metric's mean and standard deviation.
        func factor(_ metric: String) -> Double { factors.first { $0.label == metric }?.value ?? 1 }

        /// Factor of what is left between a metric's level and its upper bound.
        func headroom(_ metric: String) -> Double { headrooms.first { $0.label == metric }?.value ?? 1 }
    }

    /// The columns whose labels can make a difference.
    static let columns: [ServerDirectory.Label] = [.region, .businessUnit, .criticality]

    /// The archetypes, in the order of their names; empty where there are none.
    let archetypes: [ArchetypeSpec]
    /// The distinct zones; nil for UTC.
    let zones: [PosixTimeZone?]
    /// The distinct calendars, at least one.
    let calendars: [HolidayCalendar]
    /// The groups of each of the `columns`.
    let groups: [[Group]]
    /// The group of each label of each of the `columns`.
    let groupOfLabel: [[Int]]

    /// The classes of a fleet.
    public init(_ data: DataSpec) {
        archetypes = data.archetypes
        let regionZones = data.granularity.isDaily ? [] : data.regionZones
        var zones: [PosixTimeZone?] = []
        var calendars: [HolidayCalendar] = []
        var groups: [[Group]] = []
        var groupOfLabel: [[Int]] = []
        for column in Self.columns {
            var found: [Group] = []
            var indices: [Int] = []
            for (index, label) in data.labels(column).labels.enumerated() {
                let effects = data.labelFactors.first { $0.column == column && $0.label == label }
                let (factors, headrooms) = (effects?.metrics ?? [], effects?.headrooms ?? [])
                var (zone, calendar) = (0, 0)
                if column == .region {
                    // A row that is a whole day has no time of day, and its date is the local one.
                    let rule = regionZones.isEmpty ? nil : TimeZoneTable.zone(regionZones[index].zone)
                    zone = Self.place(of: rule, in: &zones)
                    calendar = Self.place(of: data.calendar(of: label), in: &calendars)
                }
                let group = Group(labels: [], factors: factors, headrooms: headrooms, zone: zone, calendar: calendar)
                let place = found.firstIndex { $0.isLike(group) } ?? found.count
                if place == found.count { found.append(group) }
                found[place].labels.append(label)
                indices.append(place)
            }
            groups.append(found)
            groupOfLabel.append(indices)
        }
        (self.zones, self.calendars, self.groups, self.groupOfLabel) = (zones, calendars, groups, groupOfLabel)
    }

    private static func place<Element: Equatable>(of element: Element, in list: inout [Element]) -> Int {
        if let place = list.firstIndex(of: element) { return place }
        list.append(element)
        return list.count - 1
    }

    /// How many kinds of days there are for calendar flags: pairs of a zone and a calendar.
    var dayKinds: Int { zones.count * calendars.count }

    /// How many classes there are, at least 1.
    public var count: Int { groups.reduce(max(1, archetypes.count)) { $0 * $1.count } }

    /// The archetype of a class by its index; 0 where there are none.
    func kind(of index: Int) -> Int { archetypes.isEmpty ? 0 : index / groups.reduce(1) { $0 * $1.count } }

    /// What distinguishes a class.
    package subscript(index: Int) -> ServerClass {
        var rest = index
        var chosen: [Group] = []
        for column in groups.reversed() {
            chosen.append(column[rest % column.count])
            rest /= column.count
        }
        chosen.reverse()
        return ServerClass(archetype: archetypes.isEmpty ? nil : archetypes[rest], groups: chosen)
    }
}

/// One class of servers.
package struct ServerClass: Sendable {
    let archetype: ArchetypeSpec?
    /// One for each of the columns of `ServerClasses`.
    let groups: [ServerClasses.Group]

    /// Index into the zones of all classes.
    var zone: Int { groups[0].zone }

    /// Index into the calendars of all classes.
    var calendar: Int { groups[0].calendar }

    private func difference(_ metric: String) -> ArchetypeMetric? { archetype?.metrics.first { $0.metric == metric } }

    /// A metric's settings as this class has them.
    func settings(_ metric: MetricSpec) -> MetricSpec {
        guard let own = difference(metric.name) else { return metric }
        var result = metric
        result.baseMean = own.baseMean ?? metric.baseMean
        result.baseStd = own.baseStd ?? metric.baseStd
        result.growthPerYear = own.growthPerYear ?? metric.growthPerYear
        result.growthLimit = own.growthLimit ?? metric.growthLimit
        result.growthForm = own.growthForm ?? metric.growthForm
        result.weeklyProfile = own.weeklyProfile ?? metric.weeklyProfile
        result.diurnalProfile = own.diurnalProfile ?? metric.diurnalProfile
        result.noise = own.noise.applied(to: metric.noise)
        return result
    }

    /// The constant factor of a metric's mean and standard deviation: that of the archetype times those of the labels, and then what makes the
    /// distance from there to the upper bound as many times greater as the labels' headrooms say.
    package func factor(_ metric: MetricSpec) -> Double {
        let factor = groups.reduce(difference(metric.name)?.levelFactor ?? 1) { $0 * $1.factor(metric.name) }
        let headroom = groups.reduce(1) { $0 * $1.headroom(metric.name) }
        guard headroom != 1 else { return factor }
        let mean = settings(metric).baseMean
        return Headroom.level(mean * factor, headroom: headroom, of: metric.maxClip) / mean
    }
}
