/// Who gave an effective value.
public enum ConfigOrigin: Equatable, Sendable, CustomStringConvertible {
    /// The documented default, or a value computed from other keys' values.
    case standard
    /// The config file.
    case file(String, line: Int, column: Int)
    /// An environment variable's name.
    case environment(String)
    /// The key path of a command line option.
    case flag(String)

    /// `default`, `config.yaml:3:16`, `environment NAME` or `flag PATH`.
    public var description: String {
        switch self {
        case .standard: "default"
        case .file(let file, let line, let column): "\(file):\(line):\(column)"
        case .environment(let name): "environment \(name)"
        case .flag(let path): "flag \(path)"
        }
    }

    init(_ setting: ConfigSetting, file: String) {
        switch setting.source {
        case .standard: self = .standard
        case .file: self = .file(file, line: setting.place?.line ?? 1, column: setting.place?.column ?? 1)
        case .environment(let name): self = .environment(name)
        case .flag(let path): self = .flag(path)
        }
    }
}
