/// The keys of a metric that shape its growth.
extension ConfigTable {
    static let growthKeys: [ConfigKey] = [
        ConfigKey(
            metricSection + ".growth_form", .choice(GrowthForm.Name.allCases.map(\.rawValue)), quiet: true, .value("compound"),
            """
            The curve of growth. It is 1 at `growth_anchor`; from there `compound` grows by the same share every year, `linear` by the same amount \
            (a decline ends at 0), and `logistic` begins with the slope `growth_per_year` and tends to `growth_limit` (a decline comes from there and \
            tends to 0).
            """,
            example: "linear"),
        ConfigKey(
            metricSection + ".growth_limit", .number(1...1000, isOpenBelow: true), nullable: true, quiet: true,
            .absent("only `logistic` growth has one, and must"), unit: "factor", "The factor that logistic growth tends to.", example: "1.5"
        ),
    ]
}
