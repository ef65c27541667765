/// `quality.tolerances`.
extension ConfigValidator {
    /// Numbers by the names of checks.
    mutating func tolerances(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        var found: [String: Double] = [:]
        let isRight = eachEntry(of: node, most: QualitySpec.checks.count, "checks", key: key, path: path) { this, entry, own in
            guard QualitySpec.checks.contains(entry.key) else {
                this.foreign(entry, known: QualitySpec.checks, path: path)
                return false
            }
            let inner = ConfigKey(own, .number(3...100), .required, "", example: "8")
            guard case .number(let number) = this.value(of: entry.value, key: inner, path: own) else { return false }
            found[entry.key] = number
            return true
        }
        return isRight ? .tolerances(found) : nil
    }
}
