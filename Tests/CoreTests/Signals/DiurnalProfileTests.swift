import Core
import Testing

@Suite("Diurnal profile")
struct DiurnalProfileTests {
    static let jagged = DiurnalProfile(relative: (0..<24).map { [1, 9, 0.01, 4, 4, 4, 30][$0 % 7] })

    @Test("an hour's factor holds at its middle, exactly, on any day")
    func nodes() {
        for profile in DiurnalProfile.named + [Self.jagged] {
            for hour in 0..<24 {
                for day in [-3, 0, 20_000] as [Int64] {
                    #expect(profile.factor(middle: day * 86_400 + Int64(hour) * 3600 + 1800, length: 3600) == profile.hours[hour])
                }
            }
        }
    }

    @Test("between two hours the curve stays between their factors")
    func monotone() {
        for profile in DiurnalProfile.named + [Self.jagged] {
            for minute in 0..<1440 {
                let before = (minute + 1410) / 60 % 24
                let (a, b) = (profile.hours[before], profile.hours[(before + 1) % 24])
                let value = profile.factor(middle: Int64(minute) * 60, length: 300)
                #expect(value >= min(a, b) * (1 - 1e-14) && value <= max(a, b) * (1 + 1e-14), "minute \(minute)")
            }
        }
    }

    @Test("the mean over a day is 1, whatever the step", arguments: Granularity.all)
    func mean(granularity: Granularity) {
        for profile in DiurnalProfile.named + [Self.jagged] {
            let length = Int64(granularity.minutes) * 60
            let sum = (0..<Int64(granularity.stepsPerDay)).reduce(0) {
                $0 + profile.factor(middle: $1 * length + length / 2, length: length)
            }
            let isWholeParts = granularity.minutes % 60 == 0 || 60 % granularity.minutes == 0
            // Steps that fit no hour sample the curve at uneven places of it.
            #expect((sum / Double(granularity.stepsPerDay) - 1).magnitude < (isWholeParts ? 1e-13 : 0.01), "\(granularity)")
        }
    }

    @Test("names are unique, and only flat is flat")
    func names() {
        #expect(DiurnalProfile.named.compactMap(\.name) == ["flat", "office", "evening", "night-batch"])
        for profile in DiurnalProfile.named {
            #expect(profile.isFlat == (profile.name == "flat"))
            #expect(profile.name.flatMap(DiurnalProfile.init(named:)) == profile)
        }
        #expect(DiurnalProfile(named: "offce") == nil)
    }
}
