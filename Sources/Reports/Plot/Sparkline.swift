/// A course as a line of block characters, eight heights from the smallest value to the largest; a space where there is none.
public enum Sparkline {
    private static let blocks: [Character] = [
        "\u{2581}", "\u{2582}", "\u{2583}", "\u{2584}", "\u{2585}", "\u{2586}", "\u{2587}", "\u{2588}",
    ]

    /// One character per value; all of middle height where the values are the same.
    public static func text(_ values: [Double?]) -> String {
        let range = values.extent
        let span = range.upperBound - range.lowerBound
        return String(
            values.map { value -> Character in
                guard let value else { return " " }
                guard span > 0 else { return blocks[3] }
                return blocks[min(7, Int((value - range.lowerBound) / span * 8))]
            })
    }
}
