import Core
import Glibc

extension WatchEngine where Source: ~Copyable {
    /// What is there, with everything armed that leads to it.
    enum Survey {
        case away(WatchStatus.Directory)
        case here(FileIdentity, [(file: String, resolution: PathResolver.Resolution)])
    }

    /// Rounds of looking and arming: each link may lead to a directory that is not watched yet.
    private var roundLimit: Int { 8 }

    /// Arms what is needed, and looks after arming, so that nothing happens unseen between the two (W1, W2).
    mutating func survey(at now: ContinuousClock.Instant) -> Survey {
        openSource(at: now)
        var survey = Survey.away(.missing)
        for _ in 0..<roundLimit {
            var interests: [String: WatchTable.Interest] = [:]
            survey = look(&interests)
            guard arm(interests, at: now) else { break }
        }
        return survey
    }

    private func look(_ interests: inout [String: WatchTable.Interest]) -> Survey {
        let root = PathResolver.resolve(settings.directory, in: files)
        for place in root.links + [root.last].compactMap(\.self) { interests[place.directory, default: .init()].names.insert(place.name) }
        let status: FileStatus
        switch root.end {
        case .found(let found): status = found
        case .missing: return .away(.missing)
        case .failed(let failure): return .away(.unreadable(failure))
        }
        guard status.kind == .directory else {
            return .away(.unreadable(WatchFailure(code: ENOTDIR, action: "list \(settings.directory)")))
        }
        interests[root.path, default: .init()].hasConfigs = true
        interests[root.path]?.mask = .contents
        let names: [String]
        do throws(WatchFailure) {
            names = try files.names(in: root.path)
        } catch {
            return .away(.unreadable(error))
        }
        let found = names.filter(ConfigName.isConfig).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }).map { file in
            let resolution = PathResolver.resolve(file, from: root.path, in: files)
            for place in resolution.links { interests[place.directory, default: .init()].names.insert(place.name) }
            if !resolution.links.isEmpty, let last = resolution.last {
                interests[last.directory, default: .init()].names.insert(last.name)
                interests[last.directory]?.mask = .contents
            }
            return (file: file, resolution: resolution)
        }
        return .here(status.identity, found)
    }

    private mutating func openSource(at now: ContinuousClock.Instant) {
        guard source == nil else { return }
        if let next = nextSourceTry, next > now { return }
        do throws(WatchFailure) {
            source = try makeSource()
        } catch {
            poll(because: error, at: now)
        }
    }

    private mutating func poll(because failure: WatchFailure, at now: ContinuousClock.Instant) {
        if status.mode == .events { output.append(.notice(.polling(failure))) }
        status.mode = .polling(failure)
        source = nil
        table = WatchTable()
        nextSourceTry = now + settings.rescanInterval
    }

    /// Watches exactly these directories.
    /// - Returns: Whether any of them is newly watched.
    private mutating func arm(_ interests: [String: WatchTable.Interest], at now: ContinuousClock.Instant) -> Bool {
        realDirectory = interests.first { $0.value.hasConfigs }?.key ?? ""
        guard source != nil else { return false }
        table.setInterests(interests)
        for path in table.paths where interests[path] == nil { release(path) }
        unwatched.formIntersection(interests.keys)
        var isNew = false
        for (path, interest) in interests {
            do throws(WatchFailure) {
                // The identity from before the watch begins: if the path changes hands in between, the next scan sees a difference and
                // arms again.
                guard let identity = try files.status(of: path)?.identity, !table.isCurrent(path, identity, interest.mask) else { continue }
                if table.identity(of: path) != identity { release(path) }
                guard let watch = try source?.watch(path, for: interest.mask) else { continue }
                table.add(watch, path, identity, interest.mask)
                isNew = true
            } catch {
                if error.isLimit {
                    poll(because: error, at: now)
                    return false
                }
                // Gone again, or not ours to read: the parent's watch or a rescan tells more.
                if error.code != ENOENT, error.code != ENOTDIR, unwatched.insert(path).inserted {
                    output.append(.notice(.unwatched(error)))
                }
            }
        }
        if status.mode != .events {
            status.mode = .events
            output.append(.notice(.eventsAgain))
        }
        return isNew
    }

    private mutating func release(_ path: String) {
        if let watch = table.release(path) { source?.unwatch(watch) }
    }
}
