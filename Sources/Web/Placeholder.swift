public import Hummingbird

public struct Placeholder {
    public init() {}
    public func router() -> Router<BasicRequestContext> { Router() }
}
