public import Mustache

public struct Placeholder {
    public init() {}
    public func template() throws -> MustacheTemplate { try MustacheTemplate(string: "{{a}}") }
}
