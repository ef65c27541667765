import Core
import Glibc

extension WatchEngine where Source: ~Copyable {
    /// A file's content at one moment.
    private struct Look {
        let fingerprint: ConfigCatalog.Fingerprint
        let bytes: [UInt8]
        let status: FileStatus?
    }

    /// What is to be said of a file; nil when it is gone.
    ///
    /// Its bytes are read, hashed and judged, and not kept: memory is one file, whatever the directory.
    func observe(_ file: String, _ resolution: PathResolver.Resolution, _ trigger: Trigger, isForced: Bool) -> ConfigCatalog.Observation? {
        guard let first = look(at: file, resolution) else { return nil }
        if catalog.isDecided(file, first.fingerprint) {
            // What was wrong may be right on another day, or when its environment has changed.
            return isForced && catalog.isWrong(file) ? judged(file, first) : .same
        }
        guard trigger == .settled else { return .unsettled }
        let again = PathResolver.resolve(file, from: realDirectory, in: files)
        guard let second = look(at: file, again), second.fingerprint == first.fingerprint, second.status == first.status else {
            return .unsettled
        }
        return judged(file, second)
    }

    private func look(at file: String, _ resolution: PathResolver.Resolution) -> Look? {
        func failure(_ code: ConfigFileError.Code, _ status: FileStatus? = nil) -> Look {
            Look(fingerprint: .failure(code), bytes: [], status: status)
        }
        switch resolution.end {
        case .failed(let error): return failure(.unreadable(error.code))
        case .missing:
            if !resolution.links.isEmpty { return failure(.missing) }
            // A name that is not UTF-8 cannot be spelt, and so not opened; that is no reason to be silent about it.
            return file.unicodeScalars.contains("\u{FFFD}") ? failure(.unreadable(EILSEQ)) : nil
        case .found(let status):
            guard status.kind == .regular else { return failure(.notRegular, status) }
            do throws(ConfigFileError) {
                let bytes = try files.read(PathResolver.join(realDirectory, file))
                return Look(fingerprint: .bytes(ContentHash(of: bytes)), bytes: bytes, status: status)
            } catch {
                if error.code == .missing, resolution.links.isEmpty { return nil }
                return failure(error.code, status)
            }
        }
    }

    private func judged(_ file: String, _ look: Look) -> ConfigCatalog.Observation {
        let path = catalog.path(of: file)
        switch look.fingerprint {
        case .failure(let code): return .wrong(look.fingerprint, [Self.problem(code, path)])
        case .bytes(let hash):
            do throws(ConfigProblems) {
                return .right(hash, try judge(path, look.bytes))
            } catch {
                return .wrong(look.fingerprint, error.problems)
            }
        }
    }

    private static func problem(_ code: ConfigFileError.Code, _ path: String) -> ConfigProblem {
        if code == .missing {
            return ConfigProblem(
                severity: .error, source: path, path: "", message: "the link leads nowhere",
                remedy: "restore its target, or remove the link")
        }
        // The path is the problem's source already.
        let text = ConfigFileError(code: code, path: "").description
        return ConfigProblem(severity: .error, source: path, path: "", message: text.hasPrefix(": ") ? String(text.dropFirst(2)) : text)
    }
}
