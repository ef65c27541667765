/// Which names in the config directory are configs (W6).
///
/// A config is accepted by its suffix alone, so everything that editors, package managers and copying tools leave beside it is passed
/// over: `c.yaml~`, `#c.yaml#`, `.#c.yaml`, `.c.yaml.swp`, `#123`, `4913`, `c.yaml.tmp`, `.bak`, `.orig`, `.rej`, `.dpkg-new`,
/// `.rpmsave`, `.ucf-dist`, `lost+found`, and the `..data` and `..2026_...` of a mounted Kubernetes ConfigMap, whose files come in
/// through links beside them.
public enum ConfigName {
    /// Whether `name` is that of a config: ends in `.yaml` or `.yml` and does not start with a dot.
    public static func isConfig(_ name: String) -> Bool {
        name.utf8.first != UInt8(ascii: ".") && (name.utf8.hasSuffix(".yaml") || name.utf8.hasSuffix(".yml"))
    }
}

extension String.UTF8View {
    /// By bytes: a combining character before the dot does not hide a suffix.
    fileprivate func hasSuffix(_ suffix: StaticString) -> Bool {
        let length = suffix.utf8CodeUnitCount
        return count > length && self.suffix(length).elementsEqual("\(suffix)".utf8)
    }
}
