/// Where a key or an element stands within the value of one of the table's keys.
struct ConfigPlace: Equatable, Sendable {
    var place: Document.Place
    var source: Document.Source

    /// The path of an entry whose key is a name.
    static func path(_ parent: String, _ name: String) -> String { "\(parent).\(Quoting.visible(name, limit: 40))" }

    /// The path of an element.
    static func path(_ parent: String, _ index: Int) -> String { "\(parent)[\(index)]" }
}
