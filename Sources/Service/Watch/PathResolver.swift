import Glibc

/// A name in a directory.
struct Place: Hashable, Sendable {
    let directory: String
    let name: String

    var path: String { PathResolver.join(directory, name) }
}

/// Follows a path link by link and keeps every place on the way at which somebody could lead it elsewhere.
///
/// ```
/// conf.d/c.yaml -> ..data/c.yaml      places: conf.d/c.yaml, conf.d/..data, conf.d/..v2/c.yaml
/// conf.d/..data -> ..v2               (Kubernetes swaps ..data; c.yaml itself never changes)
/// ```
/// realpath(3) tells the end only, and nothing at all of a path that is not there yet.
enum PathResolver {
    /// Links on the way before the path counts as a loop, as in Linux (path_resolution(7)).
    private static let linkLimit = 40

    /// Where a path leads.
    enum End: Equatable {
        case found(FileStatus)
        /// Nothing there; `rest` are the components behind the first missing one.
        case missing(rest: [String])
        case failed(WatchFailure)
    }

    struct Resolution {
        /// The links on the way.
        var links: [Place] = []
        /// The end: what is there, or the first component that is not; nil for the root directory.
        var last: Place?
        var end: End

        /// The end's path without links.
        var path: String { last?.path ?? "/" }
    }

    /// - Parameters:
    ///   - path: Absolute, or relative to `directory`.
    ///   - directory: Absolute and without links.
    static func resolve(_ path: String, from directory: String = "/", in files: some WatchFileSystem) -> Resolution {
        var here = path.utf8.first == UInt8(ascii: "/") ? "/" : directory
        var open = Array(components(path).reversed())
        var links: [Place] = []
        do throws(WatchFailure) {
            var last = split(here)
            var found = try files.status(of: here)
            while let name = open.popLast() {
                if name == "." { continue }
                if name == ".." {
                    here = split(here)?.directory ?? "/"
                    last = split(here)
                    found = try files.status(of: here)
                    continue
                }
                let place = Place(directory: here, name: name)
                guard let status = try files.status(of: place.path) else {
                    return Resolution(links: links, last: place, end: .missing(rest: open.reversed()))
                }
                guard status.kind == .link else {
                    if status.kind != .directory, !open.isEmpty {
                        return Resolution(links: links, last: place, end: .failed(WatchFailure(code: ENOTDIR, action: "follow \(path)")))
                    }
                    (here, last, found) = (place.path, place, status)
                    continue
                }
                links.append(place)
                guard links.count <= linkLimit else { throw WatchFailure(code: ELOOP, action: "follow \(path)") }
                let target = try files.target(of: place.path)
                open += components(target).reversed()
                if target.utf8.first == UInt8(ascii: "/") {
                    (here, last) = ("/", nil)
                    found = try files.status(of: here)
                }
            }
            guard let found else { return Resolution(links: links, last: last, end: .missing(rest: [])) }
            return Resolution(links: links, last: last, end: .found(found))
        } catch {
            return Resolution(links: links, last: nil, end: .failed(error))
        }
    }

    static func join(_ directory: String, _ name: String) -> String { directory == "/" ? "/" + name : directory + "/" + name }

    static func components(_ path: String) -> [String] { path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) } }

    /// The place of an absolute path without links; nil for the root directory.
    private static func split(_ path: String) -> Place? {
        let parts = components(path)
        guard let name = parts.last else { return nil }
        return Place(directory: "/" + parts.dropLast().joined(separator: "/"), name: name)
    }
}
