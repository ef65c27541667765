import Core
import Hummingbird

/// The style sheet, the script and the icon, under names that change with their content, so that a browser may keep them for ever.
struct Assets: Sendable {
    private struct Asset: Sendable {
        let name: String
        let bytes: [UInt8]
        let type: String
    }

    private let assets: [Asset] = [
        asset("style", "css", PackageResources.style_css, "text/css; charset=utf-8"),
        asset("page", "js", PackageResources.page_js, "text/javascript; charset=utf-8"),
        asset("icon", "svg", PackageResources.icon_svg, "image/svg+xml"),
    ]

    /// The paths by kind, for templates: `style`, `page`, `icon`.
    var paths: [String: String] {
        Dictionary(uniqueKeysWithValues: assets.map { (String($0.name.prefix { $0 != "." }), "/assets/\($0.name)") })
    }

    /// The answer to a request for one of them.
    func response(_ name: String) throws(WebProblem) -> Response {
        guard let asset = assets.first(where: { $0.name == name }) else { throw .notFound }
        var response = Response.content(asset.bytes, asset.type)
        response.headers[.cacheControl] = "public, max-age=31536000, immutable"
        return response
    }

    private static func asset(_ stem: String, _ suffix: String, _ bytes: [UInt8], _ type: String) -> Asset {
        Asset(name: "\(stem).\(ContentHash(of: bytes).hex.prefix(12)).\(suffix)", bytes: bytes, type: type)
    }
}
