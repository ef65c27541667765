extension Day {
    /// Easter Sunday of the Gregorian calendar.
    ///
    /// Source of the arithmetic: the Gregorian computus in whole numbers (Meeus, Astronomical Algorithms, chapter 8). Western churches keep
    /// these days since 1583; before, the rule runs on.
    ///
    /// - Parameter year: A year within a million years of year 0.
    /// - Complexity: O(1).
    public static func easter(_ year: Int) -> Day {
        // The days repeat after 5,700,000 years; below 0 the remainders would change their sign.
        let y = (year % 5_700_000 + 5_700_000) % 5_700_000
        let golden = y % 19
        let (century, yearOfCentury) = (y / 100, y % 100)
        let skippedLeapDays = century - century / 4
        let moonCorrection = (century - (century + 8) / 25 + 1) / 3
        let epact = (19 * golden + skippedLeapDays - moonCorrection + 15) % 30
        let weekday = (32 + 2 * (century % 4) + 2 * (yearOfCentury / 4) - epact - yearOfCentury % 4) % 7
        let shift = (golden + 11 * epact + 22 * weekday) / 451
        let position = epact + weekday - 7 * shift + 114
        return Day.unchecked(year: year, month: position / 31, day: position % 31 + 1)
    }
}
