/// A YAML text as a tree: what the file says and where it says it. Nothing here is known to be right.
struct Document: Sendable {
    /// Where a piece of text starts and ends. Lines and columns count from 1, columns in Unicode scalars; the end is exclusive.
    struct Place: Hashable, Sendable {
        var line: Int
        var column: Int
        var endLine: Int
        var endColumn: Int
    }

    /// Who gave a value.
    enum Source: Hashable, Sendable {
        case file
        case standard
        /// The name of an environment variable.
        case environment(String)
        /// The key path of a command line override.
        case flag(String)
    }

    /// One scalar. `isPlain` is false for quoted and block text, which is never a number, a boolean or null.
    struct Scalar: Hashable, Sendable {
        var text: String
        var isPlain: Bool
    }

    struct Entry: Sendable {
        var key: String
        var keyPlace: Place
        var value: Node
    }

    struct Node: Sendable {
        enum Content: Sendable {
            case scalar(Scalar)
            case sequence([Node])
            case mapping([Entry])
        }

        var content: Content
        var place: Place
        var source: Source
        /// Part of it was refused while it was read, so that what is left proves nothing: no further complaint is built on it.
        var isDamaged = false

        var isNull: Bool {
            if case .scalar(let scalar) = content { ScalarKind(scalar) == .null } else { false }
        }
    }

    /// The file's only value, or nil when it holds none.
    var root: Node?
}

extension Document.Node {
    /// The value of `key` in a mapping, or nil.
    subscript(key: String) -> Document.Node? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }
}
