import Glibc
import Synchronization

/// Watches the config directory on a thread of its own, which alone touches the file system: a disk that hangs holds up nothing else.
///
/// `run` does the work until its task is cancelled; what happens comes out of `events`, in order, once.
public final class DirectoryWatcher: Sendable {
    private struct State {
        var status = WatchStatus()
        var incumbents: [String: String] = [:]
        var isStopping = false
        var isOver = false
        var lastRequest = 0
        var newRequests: [Int] = []
        var waiting: [Int: CheckedContinuation<RescanReport?, Never>] = [:]
    }

    /// What happens; ends when `run` does. For one reader.
    public let events: AsyncStream<WatchEvent>
    private let continuation: AsyncStream<WatchEvent>.Continuation
    private let settings: WatchSettings
    private let judge: ConfigJudge
    private let state = Mutex(State())
    private let wakeUp: WakeUp

    /// - Parameters:
    ///   - settings: What to watch.
    ///   - judge: Reads configs, on the watcher's thread.
    /// - Throws: When there are no more file descriptors.
    public init(settings: WatchSettings, judge: @escaping ConfigJudge) throws(WatchFailure) {
        self.settings = settings
        self.judge = judge
        wakeUp = try WakeUp()
        (events, continuation) = AsyncStream.makeStream()
    }

    /// How the watcher does.
    public var status: WatchStatus { state.withLock { $0.status } }

    /// Takes note of what was in force in an earlier life, before `run`: newcomers that conflict with it are refused, and it is not.
    ///
    /// - Parameter incumbents: The hash of the content in hexadecimal, by dataset.
    public func remember(_ incumbents: [String: String]) { state.withLock { $0.incumbents = incumbents } }

    /// Watches until the task is cancelled; once only.
    /// - Throws: When there are no more threads.
    public func run() async throws(WatchFailure) {
        let failure = await withTaskCancellationHandler {
            await withCheckedContinuation { (done: CheckedContinuation<WatchFailure?, Never>) in
                do throws(WatchFailure) {
                    try WatchThread.start {
                        self.loop()
                        done.resume(returning: nil)
                    }
                } catch {
                    done.resume(returning: error)
                }
            }
        } onCancel: {
            state.withLock { $0.isStopping = true }
            wakeUp.signal()
        }
        finish()
        if let failure { throw failure }
    }

    /// Reads everything now (SIGHUP, `reload`), and returns when every verdict is in.
    ///
    /// - Returns: The result; the change sets up to its generation are in `events` already. Nil when the watcher is not running any more.
    public func rescan() async -> RescanReport? {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.isOver { return true }
                state.lastRequest += 1
                state.newRequests.append(state.lastRequest)
                state.waiting[state.lastRequest] = continuation
                return false
            }
            if isOver { continuation.resume(returning: nil) } else { wakeUp.signal() }
        }
    }

    private func loop() {
        let incumbents = state.withLock { $0.incumbents }
        var engine = WatchEngine(settings: settings, files: SystemFiles(), judge: judge, incumbents: incumbents) {
            () throws(WatchFailure) in try Inotify()
        }
        let clock = ContinuousClock()
        while true {
            let (isStopping, requests) = state.withLock { state in
                defer { state.newRequests = [] }
                return (state.isStopping, state.newRequests)
            }
            if isStopping { return }
            let now = clock.now
            for request in requests { engine.request(request, at: now) }
            let events = engine.step(at: now)
            state.withLock { $0.status = engine.status }
            for event in events { tell(event) }
            let next = engine.nextStep ?? now
            wakeUp.wait(orFor: engine.descriptor, timeout: clock.now.duration(to: next))
        }
    }

    private func tell(_ event: WatchEvent) {
        continuation.yield(event)
        guard case .rescanned(let request, let report) = event else { return }
        state.withLock { $0.waiting.removeValue(forKey: request) }?.resume(returning: report)
    }

    private func finish() {
        let waiting = state.withLock { state in
            state.isOver = true
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in waiting.values { continuation.resume(returning: nil) }
        continuation.finish()
    }
}

/// A thread for work that waits in system calls, which the threads of Swift's concurrency must not do.
enum WatchThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `body` on a new thread, which has the signal mask of the caller's.
    static func start(_ body: @escaping @Sendable () -> Void) throws(WatchFailure) {
        let box = Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { box in
                if let box { Unmanaged<Body>.fromOpaque(box).takeRetainedValue().run() }
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            throw WatchFailure(code: code, action: "start a thread")
        }
        pthread_detach(thread)
    }
}
