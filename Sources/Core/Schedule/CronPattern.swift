/// The form of a schedule as an ECMA-262 regular expression, for the JSON Schema. Ranges that run backwards and days that never come are
/// beyond it.
enum CronPattern {
    static let text: String = {
        let nickname = "@(yearly|annually|monthly|weekly|daily|midnight|hourly)"
        let fields = [list(item("[0-5]?[0-9]")), list(item("([01]?[0-9]|2[0-3])")), daysOfMonth, list(item(month)), daysOfWeek]
        return "^(\(nickname)|@every \(DurationText.pattern)|\(fields.joined(separator: "[ \\t]+")))$"
    }()

    private static var daysOfMonth: String {
        let day = "(0?[1-9]|[12][0-9]|3[01])"
        return "(\(list("(\(item(day))|[Ll])"))|\(day)[Ww]|[Ll][Ww])"
    }

    private static var month: String { "(0?[1-9]|1[0-2]|\(names(.month)))" }

    private static var daysOfWeek: String {
        let day = "(0?[0-7]|\(names(.dayOfWeek)))"
        return "\\+?" + list("(\(item(day))|\(day)[Ll]|\(day)#([1-5]|[Ll]))")
    }

    private static func item(_ value: String) -> String { "((\\*|\(value)-\(value))(/[1-9][0-9]{0,2})?|\(value))" }

    private static func list(_ item: String) -> String { "\(item)(,\(item))*" }

    private static func names(_ kind: CronFieldKind) -> String {
        kind.names.map { $0.map { "[\($0.uppercased())\($0)]" }.joined() }.joined(separator: "|")
    }
}
