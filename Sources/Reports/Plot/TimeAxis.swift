import Core

/// Days to places, 0 at the window's beginning and 1 at its end, and the ticks that fit: years, quarters, months, days or hours.
struct TimeAxis {
    /// One tick.
    struct Tick {
        /// 0...1.
        let place: Double
        /// Nil for a tick without words.
        let label: String?
        /// Whether it stays where there is room for few.
        let isMajor: Bool
    }

    let days: DayRange
    let ticks: [Tick]

    private static let fewWords = 5
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    init(_ days: DayRange) {
        self.days = days
        let count = days.count
        func place(_ day: Day) -> Double { Double(day - days.start) / Double(count) }
        var ticks: [Tick] = []
        switch count {
        case 0..<4:
            for day in days {
                for hour in stride(from: 0, to: 24, by: count < 2 ? 3 : 6) {
                    let own = (Double(day - days.start) + Double(hour) / 24) / Double(count)
                    ticks.append(Tick(place: own, label: hour == 0 ? Self.short(day) : "\(hour):00", isMajor: hour % 12 == 0))
                }
            }
        case 4..<32:
            for (index, day) in days.enumerated() where index % (count < 16 ? 1 : 2) == 0 {
                let isMajor = index % (count < 16 ? 3 : 6) == 0
                ticks.append(Tick(place: place(day), label: isMajor || count < 10 ? Self.short(day) : nil, isMajor: isMajor))
            }
        default:
            // Months between ticks, and between words.
            let months = count / 30
            let (every, words) = months < 9 ? (1, 1) : months < 28 ? (1, 3) : months < 80 ? (3, 12) : months < 250 ? (12, 24) : (60, 120)
            var day = days.start.startOfMonth
            if day < days.start { day = day.endOfMonth + 1 }
            while day <= days.end {
                let number = day.year * 12 + day.month - 1
                if number % every == 0 {
                    let isYear = day.month == 1
                    let label = number % words == 0 ? isYear || words >= 12 ? "\(day.year)" : Self.months[day.month - 1] : nil
                    ticks.append(Tick(place: place(day), label: label, isMajor: label != nil && (isYear || months < 9)))
                }
                day = day.endOfMonth + 1
            }
        }
        // A few words fit on a phone.
        let areFew = ticks.count { $0.label != nil } <= Self.fewWords
        self.ticks = ticks.map { Tick(place: $0.place, label: $0.label, isMajor: $0.isMajor || (areFew && $0.label != nil)) }
    }

    /// The month's short name.
    static func month(_ number: Int) -> String { months[number - 1] }

    private static func short(_ day: Day) -> String { "\(day.day) \(months[day.month - 1])" }
}
