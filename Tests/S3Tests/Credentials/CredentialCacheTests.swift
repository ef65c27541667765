import S3
import Synchronization
import Testing

@Suite("Credentials in memory (X13)")
struct CredentialCacheTests {
    static let container = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/c"]

    /// A bench whose endpoint answers when the gate opens, with a new key each time.
    private func gated(_ gate: Gate) -> CredentialBench {
        let bench = CredentialBench(Self.container)
        let number = Mutex(0)
        bench.http.answer { _ in
            await gate.wait()
            let current = number.withLock { number in
                number += 1
                return number
            }
            return .success(HTTPFetchResponse(status: 200, body: Array(keysJSON("KEY\(current)", hours: 1).utf8)))
        }
        return bench
    }

    @Test("A hundred callers at once share one load")
    func oneFlight() async throws {
        let gate = Gate()
        let bench = gated(gate)
        let chain = bench.chain()
        let ids = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<100 { group.addTask { try await chain.credentials().accessKeyID } }
            await gate.awaitArrivals(1)
            await gate.open()
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(ids == ["KEY1"] && bench.http.requests.count == 1)
        #expect(bench.events.all == [.loaded(source: "container", expiration: epoch + 3600)])
    }

    @Test("A caller that is cancelled stops waiting; the others get their answer")
    func cancelledCaller() async throws {
        let gate = Gate()
        let bench = gated(gate)
        let chain = bench.chain()
        let patient = Task { try await chain.credentials().accessKeyID }
        await gate.awaitArrivals(1)
        let hasty = Task { try await chain.credentials().accessKeyID }
        hasty.cancel()
        let error = await #expect(throws: CredentialError.self) { try await hasty.value }
        #expect(error?.code == .cancelled)
        await gate.open()
        #expect(try await patient.value == "KEY1")
        #expect(bench.http.requests.count == 1)
    }

    @Test("When the last waiting caller is cancelled the load ends, and the next caller begins another")
    func cancelledLoad() async throws {
        let gate = Gate()
        let bench = gated(gate)
        let chain = bench.chain()
        let only = Task { try await chain.credentials() }
        await gate.awaitArrivals(1)
        only.cancel()
        await #expect(throws: CredentialError.self) { try await only.value }
        let next = Task { try await chain.credentials().accessKeyID }
        await gate.awaitArrivals(2)
        await gate.open()
        #expect(try await next.value.hasPrefix("KEY"))
        #expect(bench.http.requests.count == 2)
    }

    @Test("Rejected credentials are replaced once for all who used them")
    func rejected() async throws {
        let gate = Gate()
        await gate.open()
        let bench = gated(gate)
        let chain = bench.chain()
        let old = try await chain.credentials()
        #expect(try await chain.refresh(rejected: old).accessKeyID == "KEY2")
        #expect(try await chain.refresh(rejected: old).accessKeyID == "KEY2")
        #expect(try await chain.credentials().accessKeyID == "KEY2")
        #expect(bench.http.requests.count == 2)
    }

    @Test("A source that has only the rejected credentials is an error, and they are not used again unasked")
    func onlyRejected() async throws {
        let bench = CredentialBench(StaticSourceTests.keys)
        let chain = bench.chain()
        let old = try await chain.credentials()
        let error = await #expect(throws: CredentialError.self) { try await chain.refresh(rejected: old) }
        #expect(error?.code == .expired && error?.isRetryable == false && error?.sentence.contains("environment") == true)
        expectNoSecret(in: error as Any)
        #expect(try await chain.credentials() == old)
        #expect(bench.events.all.count == 3)
    }

    @Test("A failed renewal of rejected credentials is an error: the old ones are of no use")
    func rejectedAndAway() async throws {
        let gate = Gate()
        await gate.open()
        let bench = gated(gate)
        let chain = bench.chain()
        let old = try await chain.credentials()
        bench.http.answer(500, "")
        let error = await #expect(throws: CredentialError.self) { try await chain.refresh(rejected: old) }
        #expect(error?.code == .unavailable && error?.isRetryable == true)
    }

    @Test("Short-lived keys are renewed at half of their life, not with every request")
    func shortLife() async throws {
        let bench = CredentialBench(Self.container)
        let chain = bench.chain(jitter: 60)
        bench.http.answer { _ in
            let body = keysJSON("A", hours: 0).replacing(time(afterHours: 0), with: ServiceClock.text(bench.time.now + 120))
            return .success(HTTPFetchResponse(status: 200, body: Array(body.utf8)))
        }
        for _ in 0..<5 { _ = try await chain.credentials() }
        #expect(bench.http.requests.count == 1)
        bench.time.advance(59)
        _ = try await chain.credentials()
        #expect(bench.http.requests.count == 1)
        bench.time.advance(1)
        _ = try await chain.credentials()
        #expect(bench.http.requests.count == 2)
    }

    @Test("Keys that have expired when they come are an error that points to the clock as well")
    func stale() async throws {
        let bench = CredentialBench(Self.container)
        bench.http.answer(200, keysJSON("A", hours: 0))
        let error = try await bench.failure()
        #expect(error.code == .expired && error.isRetryable && error.remedy.contains("clock"))
    }
}

/// Lets requests wait for the test.
actor Gate {
    private var isOpen = false
    private var arrivals = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

    func wait() async {
        arrivals += 1
        for watcher in watchers where watcher.count <= arrivals { watcher.continuation.resume() }
        watchers.removeAll { $0.count <= arrivals }
        if !isOpen { await withCheckedContinuation { waiting.append($0) } }
    }

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    func awaitArrivals(_ count: Int) async {
        if arrivals < count { await withCheckedContinuation { watchers.append((count, $0)) } }
    }
}

/// Times of 2026-01-31 as text.
enum ServiceClock {
    static func text(_ seconds: Int64) -> String {
        let second = Int(seconds - epoch)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "2026-01-31T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
    }
}
