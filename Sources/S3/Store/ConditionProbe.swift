import Core

/// Finds out, once per store and process, whether a store honours conditions on writes: some answer 200 and ignore them (X8).
actor ConditionProbe {
    private var task: Task<Result<Bool, StoreError>, Never>?

    /// The outcome of the first question that had one; those who ask meanwhile wait for it.
    func honoured(_ ask: @escaping @Sendable () async throws(StoreError) -> Bool) async throws(StoreError) -> Bool {
        if let task { return try await task.value.get() }
        let asking = Task { () -> Result<Bool, StoreError> in
            do throws(StoreError) { return .success(try await ask()) } catch { return .failure(error) }
        }
        task = asking
        let result = await asking.value
        if case .failure = result { task = nil }
        return try result.get()
    }
}

extension S3Store {
    private static let probeKey = "manifests/.probe"

    /// - Throws: Code `unavailable`, permanent, where the config requires what the store does not do.
    func honoursConditions() async throws(StoreError) -> Bool {
        if settings.conditionalWrites == .off { return false }
        let isHonoured = try await conditions.honoured { [self] () throws(StoreError) in
            do throws(S3Failure) {
                let isHonoured = try await probe()
                observe(.conditionalWrites(honoured: isHonoured))
                return isHonoured
            } catch {
                throw storeError(error)
            }
        }
        guard isHonoured || settings.conditionalWrites != .required else {
            throw StoreError(
                .unavailable, .permanent,
                "\(settings.endpointText) ignores conditions on writes, and storage.conditional_writes is required. Nothing was written. Use a store that "
                    + "honours If-None-Match and If-Match, or set conditional_writes: probe and let one writer at a time publish a dataset."
            )
        }
        return isHonoured
    }

    /// Writes a small object of the store's own twice, the second time on the condition that it is not there.
    private func probe() async throws(S3Failure) -> Bool {
        let payload = Payload(Array("fleetsynth asks whether this store honours conditions on writes\n".utf8))
        func isRefused(_ name: String, _ value: String) async throws(S3Failure) -> Bool? {
            do throws(S3Failure) {
                _ = try await put(Self.probeKey, payload, contentType: "text/plain", condition: (name, value))
                return false
            } catch {
                if error.status == 412 || error.status == 409 { return true }
                if error.status == 404, error.code != "NoSuchBucket" { return nil }
                // Conditions that are unknown are as good as ignored.
                guard error.status == 501 || ["NotImplemented", "InvalidArgument", "InvalidRequest"].contains(error.code) else {
                    throw error
                }
                // What takes no write without a condition either is no store.
                _ = try await put(Self.probeKey, payload, contentType: "text/plain")
                return false
            }
        }
        var isHonoured = false
        // Another process that probes at the same time may remove the object in between: a refusal proves, an acceptance only if repeated.
        for _ in 1...2 where !isHonoured {
            if try await isRefused("if-none-match", "*") != true, try await isRefused("if-none-match", "*") != true { continue }
            // A refusal, or a 404 after another's removal: both say that the condition was looked at.
            isHonoured = try await isRefused("if-match", "\"00000000000000000000000000000000\"") != false
        }
        _ = try? await call(.deleteObject, "DELETE", key: Self.probeKey)
        return isHonoured
    }
}
