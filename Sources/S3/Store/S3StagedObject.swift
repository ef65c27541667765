import Core
import NIOCore
import Synchronization

/// A multipart upload. Parts go out while the caller makes the next bytes: at most four, and no more than 64 MiB or one, under way beside the one
/// being filled (X18). Small objects are uploads too: what is announced must be there to be completed after a crash.
final class S3StagedObject: StagedObject {
    /// Parts under way at once, of `size` bytes.
    static func window(_ size: Int) -> Int { max(1, min(4, (64 << 20) / size)) }

    let key: ObjectKey
    let owner: String
    let uploadID: String
    private let store: S3Store
    private let plan: PartPlan
    /// Whether others may have uploads of the same key, which discarding this one leaves alone.
    private let isShared: Bool
    private let state: Mutex<State>

    fileprivate struct State {
        enum Phase { case writing, sealed, void }
        var phase: Phase
        var buffer = ByteBuffer()
        /// Parts begun, whether or not they are there.
        var begun = 0
        var underWay: [Task<UploadedPart, any Error>] = []
        var parts: [UploadedPart] = []
        /// The parts as the service has just listed them, for the first look at them.
        var listed: [UploadedPart]?
    }

    /// A new upload.
    init(store: S3Store, key: ObjectKey, owner: String, uploadID: String, isShared: Bool = false) {
        self.isShared = isShared
        (self.store, self.key, self.owner, self.uploadID) = (store, key, owner, uploadID)
        plan = PartPlan(base: store.settings.partSize)
        state = Mutex(State(phase: .writing))
    }

    /// An upload of an earlier process, or (without parts) what has its final name already.
    ///
    /// - Parameter expecting: The digest that the parts must have.
    init(store: S3Store, key: ObjectKey, owner: String, uploadID: String, parts: [UploadedPart], expecting: String?) {
        (self.store, self.key, self.owner, self.uploadID) = (store, key, owner, uploadID)
        isShared = false
        plan = PartPlan(base: store.settings.partSize)
        // A sealed upload has a part, be it of no bytes.
        let isWhole = expecting == nil || (!parts.isEmpty && expecting == UploadToken.digest(of: parts))
        state = Mutex(State(phase: isWhole ? .sealed : .void, parts: parts, listed: parts.isEmpty ? nil : parts))
    }

    var token: String { UploadToken(owner: owner, parts: state.withLock { $0.parts }, uploadID: uploadID).text }

    func append(_ bytes: [UInt8]) async throws(StoreError) {
        let isOpen = state.withLock { state in
            if state.phase == .writing { state.buffer.writeBytes(bytes) }
            return state.phase == .writing
        }
        guard isOpen else { throw void() }
        while let part = state.withLock({ $0.takePart(plan) }) { try await begin(part) }
    }

    func seal() async throws(StoreError) {
        guard state.withLock({ $0.phase == .writing }) else { throw void() }
        // An object of no bytes is one part of no bytes.
        if let rest = state.withLock({ $0.takeRest() }) { try await begin(rest) }
        while state.withLock({ !$0.underWay.isEmpty }) { try await finishOne() }
        state.withLock { state in
            state.parts.sort { $0.number < $1.number }
            state.phase = .sealed
        }
    }

    func matches(bytes: UInt64, sha256: ContentHash) async throws(StoreError) -> Bool {
        let (parts, listed) = state.withLock { ($0.phase == .sealed ? $0.parts : nil, $0.listed.take()) }
        guard let parts else { return false }
        var found = listed
        if found == nil { found = try await store.parts(key, uploadID) }
        guard let held = found else {
            // It has its final name: the content itself decides.
            guard let there = try await store.digest(of: key) else { return false }
            return there.bytes == bytes && there.sha256 == sha256
        }
        guard UploadToken.digest(of: held) == UploadToken.digest(of: parts), held.reduce(0, { $0 + $1.size }) == bytes else { return false }
        // One part is the whole, so its checksum is the object's. For more, the token that the manifest holds beside the hash vouches.
        guard held.count == 1, let sum = held[0].sha256 ?? parts.first?.sha256 else { return true }
        return sum == Base64.text(sha256.bytes)
    }

    func publish() async throws(StoreError) {
        try await Shield.run { [self] () throws(StoreError) in try await complete() }
    }

    func discard() async {
        let underWay = state.withLock { state in
            state.phase = .void
            state.buffer = ByteBuffer()
            defer { state.underWay = [] }
            return state.underWay
        }
        for task in underWay { task.cancel() }
        _ = try? await Shield.run(grace: .seconds(3)) { [self] () throws(StoreError) in
            // A part that arrives after the abort would be charged for ever.
            for task in underWay { _ = await task.result }
            if uploadID != UploadToken.none { try await store.abortUpload(key, uploadID) }
            // The marker stays for the uploads of others; the commit ends it.
            if !isShared { try await store.endStaging(key, owner: owner) }
        }
    }
}

extension S3StagedObject {
    /// Hashes and sends a part in the background, once there is room for it.
    private func begin(_ part: (number: Int, bytes: ByteBuffer)) async throws(StoreError) {
        guard part.number <= PartPlan.maximumParts else {
            state.withLock { $0.phase = .void }
            throw StoreError(
                .inputOutput, .permanent,
                "\(store.path(of: key)) would have more than \(PartPlan.maximumParts) parts, which S3 does not take. What is published stays as it "
                    + "was. Set a larger storage.part_size.")
        }
        while state.withLock({ $0.underWay.count >= Self.window(plan.size(of: part.number)) }) { try await finishOne() }
        let task = Task.detached(priority: .high) { [store, key, uploadID] in
            try await store.uploadPart(key, uploadID, number: part.number, part.bytes) as UploadedPart
        }
        state.withLock { $0.underWay.append(task) }
    }

    /// Waits for the oldest part under way.
    private func finishOne() async throws(StoreError) {
        guard let task = state.withLock({ $0.underWay.first }) else { return }
        let result = await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            task.cancel()
        }
        switch result {
        case .success(let part):
            state.withLock { state in
                state.parts.append(part)
                if !state.underWay.isEmpty { state.underWay.removeFirst() }
            }
        case .failure(let error):
            state.withLock { $0.phase = .void }
            guard let failure = error as? S3Failure else { throw void() }
            let problem = store.storeError(failure)
            // A part whose fate is unknown changes nothing that anybody sees.
            throw StoreError(problem.code, problem.outcome == .unknown ? .retryable : problem.outcome, problem.message)
        }
    }

    private func complete() async throws(StoreError) {
        let (parts, phase) = state.withLock { ($0.parts, $0.phase) }
        precondition(phase == .sealed, "publish comes after seal")
        if parts.isEmpty {
            // Found under its final name, where `matches` has compared it.
            guard try await store.head(key) != nil else { throw store.missing(key) }
        } else {
            try await completeUpload(parts)
        }
        try? await store.endStaging(key, owner: owner)
    }

    private func completeUpload(_ parts: [UploadedPart]) async throws(StoreError) {
        do throws(S3Failure) {
            try await store.completeUpload(key, uploadID, parts)
        } catch {
            // After a try whose answer was lost the upload is gone because it was completed, or it is not: the object tells (X4).
            let mayBeThere = error.isUncertain || error.status == 404
            guard mayBeThere, !error.isCancelled, error.code != "NoSuchBucket", try await isPublished(parts) else {
                throw store.storeError(error)
            }
        }
    }

    /// Whether the final object consists of these parts, byte for byte.
    private func isPublished(_ parts: [UploadedPart]) async throws(StoreError) -> Bool {
        guard let head = try await store.head(key), head.size == parts.reduce(0, { $0 + $1.size }), let reader = try await store.open(key)
        else {
            return false
        }
        var rest: [UInt8] = []
        for part in parts {
            while UInt64(rest.count) < part.size {
                let chunk = try await reader.read(upTo: 8 << 20)
                if chunk.isEmpty { return false }
                rest += chunk
            }
            let bytes = Array(rest.prefix(Int(part.size)))
            rest.removeFirst(bytes.count)
            guard let sum = part.sha256 else { continue }
            guard Payload(bytes).base64 == sum else { return false }
        }
        return rest.isEmpty
    }

    private func void() -> StoreError {
        StoreError(
            .inputOutput, .retryable,
            "The upload of \(store.path(of: key)) is void after an earlier error. What is published stays as it was; the next run starts anew."
        )
    }
}

extension S3StagedObject.State {
    /// The next full part, if the buffer holds one.
    fileprivate mutating func takePart(_ plan: PartPlan) -> (number: Int, bytes: ByteBuffer)? {
        let size = plan.size(of: begun + 1)
        guard buffer.readableBytes >= size, let part = buffer.readSlice(length: size) else { return nil }
        begun += 1
        // A buffer of its own for what is left: the part keeps its storage alive only until it is sent.
        var rest = ByteBufferAllocator().buffer(capacity: max(size, buffer.readableBytes))
        rest.writeBuffer(&buffer)
        buffer = rest
        return (begun, part)
    }

    /// What is left at the end; nil where parts hold everything.
    fileprivate mutating func takeRest() -> (number: Int, bytes: ByteBuffer)? {
        guard buffer.readableBytes > 0 || begun == 0 else { return nil }
        begun += 1
        defer { buffer = ByteBuffer() }
        return (begun, buffer)
    }
}
