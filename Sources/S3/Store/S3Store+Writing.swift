import Core
import NIOCore
import Synchronization

extension S3Store {
    func write(_ key: ObjectKey, _ bytes: [UInt8], if precondition: Precondition) async throws(StoreError) -> ObjectVersion {
        let payload = Payload(bytes)
        switch precondition {
        case .none: return try await write(key, payload, bytes, condition: nil)
        case .absent:
            guard try await honoursConditions() else { return try await lookAndWrite(key, payload, bytes, precondition) }
            return try await write(key, payload, bytes, condition: ("if-none-match", "*"))
        case .matches(let version):
            guard try await honoursConditions() else { return try await lookAndWrite(key, payload, bytes, precondition) }
            if tags.tag(of: key, version) == nil, try await get(key)?.version != version { throw preconditionFailed(key) }
            guard let tag = tags.tag(of: key, version) else { return try await lookAndWrite(key, payload, bytes, precondition) }
            return try await write(key, payload, bytes, condition: ("if-match", tag))
        }
    }

    /// The documented second best where conditions are not honoured: look, then write. Writers of this process take turns; others are the
    /// operator's care.
    private func lookAndWrite(
        _ key: ObjectKey, _ payload: Payload, _ bytes: [UInt8], _ precondition: Precondition
    ) async throws(StoreError) -> ObjectVersion {
        let turn = "\(settings.endpointText)/\(settings.bucket)/\(key)"
        await KeyTurns.shared.enter(turn)
        do throws(StoreError) {
            let there = try await get(key)
            let isMet: Bool =
                switch precondition {
                case .none: true
                case .absent: there == nil
                case .matches(let version): there?.version == version
                }
            guard isMet else { throw preconditionFailed(key) }
            let version = try await write(key, payload, bytes, condition: nil)
            await KeyTurns.shared.leave(turn)
            return version
        } catch {
            await KeyTurns.shared.leave(turn)
            throw error
        }
    }

    /// One PutObject. Where its outcome is in doubt the object is read: equal bytes are ours, or as good as ours (D14, X8).
    private func write(
        _ key: ObjectKey, _ payload: Payload, _ bytes: [UInt8], condition: (name: String, value: String)?
    ) async throws(StoreError) -> ObjectVersion {
        let version = ObjectVersion(of: ContentHash(of: bytes))
        do throws(S3Failure) {
            let answer = try await put(key.path, payload, contentType: Self.contentType(of: key), condition: condition)
            tags.note(key, version, tag: answer.response.header("etag") ?? "")
        } catch {
            let isRefused = error.status == 412 || (error.status == 404 && error.code != "NoSuchBucket" && condition?.name == "if-match")
            // A network may deliver a request twice, so a refusal may follow our own success without our knowing of a first try.
            let mayBeOurs = isRefused || (error.isUncertain && !error.isCancelled)
            if mayBeOurs, let there = try? await get(key), there.bytes == bytes { return version }
            throw isRefused ? preconditionFailed(key) : storeError(error)
        }
        return version
    }

    /// PutObject with what every write carries; without a checksum once the store has refused one.
    func put(
        _ path: String, _ payload: Payload, contentType: String, condition: (name: String, value: String)? = nil
    ) async throws(S3Failure) -> S3Client.Answer {
        try await withChecksums { (isOn) throws(S3Failure) in
            var headers = [(name: "content-type", value: contentType)] + settings.writeHeaders.map { (name: $0.name, value: $0.value) }
            if let condition { headers.append(condition) }
            if isOn { headers.append(("x-amz-checksum-sha256", payload.base64)) }
            let answer = try await call(.putObject, "PUT", key: path, headers: headers, payload: payload)
            // Some web servers say 200 to anything; S3 names what it has stored.
            guard answer.response.header("etag") != nil else { throw unreadableFailure(.putObject, key: path) }
            try confirm(payload, answer.response, .putObject, key: path)
            return answer
        }
    }

    /// Compares the checksum in an answer, where there is one, with what was sent (X6).
    func confirm(
        _ payload: Payload, _ response: TransportResponse, _ operation: S3Operation, key: String
    ) throws(S3Failure) {
        guard let kept = response.header("x-amz-checksum-sha256"), kept != payload.base64 else { return }
        throw S3Failure(
            kind: .service(status: 200, code: "BadDigest", message: "the store kept other bytes than were sent"), operation: operation,
            key: key, tries: 1, isUncertain: false, requestID: nil)
    }

    /// Makes a call with checksums, and once more without where the store says that it does not know them (`checksums: auto`, X6).
    func withChecksums<Result>(_ body: (_ isOn: Bool) async throws(S3Failure) -> Result) async throws(S3Failure) -> Result {
        guard checksums.isOn else { return try await body(false) }
        do throws(S3Failure) {
            return try await body(true)
        } catch {
            guard error.status == 501 || ["NotImplemented", "UnsupportedArgument"].contains(error.code) else { throw error }
            let result = try await body(false)
            if checksums.turnOff() { observe(.checksumsRefused) }
            return result
        }
    }
}

/// Whether requests carry checksums.
final class ChecksumSwitch: Sendable {
    private let state: Mutex<Bool>

    init(isOn: Bool) { state = Mutex(isOn) }

    var isOn: Bool { state.withLock { $0 } }

    /// - Returns: Whether this call turned it off.
    func turnOff() -> Bool {
        state.withLock { isOn in
            defer { isOn = false }
            return isOn
        }
    }
}
