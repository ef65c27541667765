import Dispatch
import Glibc
import Synchronization

/// Runs real programs through posix_spawn(3), each in a process group of its own.
public struct SystemCredentialProcesses: CredentialProcesses {
    /// No settings.
    public init() {}

    /// Waits on a thread of its own kind, never on one of the tasks' pool.
    public func run(
        _ words: [String], environment: [String: String], timeLimit: Duration, outputLimit: Int
    ) async throws(CredentialProcessProblem) -> [UInt8] {
        let isCancelled = CancellationFlag()
        let result: Result<[UInt8], CredentialProcessProblem> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    let deadline = ContinuousClock.now + timeLimit
                    continuation.resume(returning: Self.run(words, environment, deadline, outputLimit, isCancelled))
                }
            }
        } onCancel: {
            isCancelled.raise()
        }
        return try result.get()
    }

    private static func run(
        _ words: [String], _ environment: [String: String], _ deadline: ContinuousClock.Instant, _ limit: Int,
        _ isCancelled: CancellationFlag
    ) -> Result<[UInt8], CredentialProcessProblem> {
        let process: pid_t
        let input: Int32
        switch start(words, environment) {
        case .success(let started): (process, input) = started
        case .failure(let problem): return .failure(problem)
        }
        defer { close(input) }
        var problem: CredentialProcessProblem?
        let output = read(input, deadline, limit, isCancelled, &problem)
        while problem == nil && !hasEnded(process) {
            problem = stop(deadline, isCancelled)
            usleep(5_000)
        }
        // Children that outlive their parent are of no use either. The parent is still a zombie, so the group's number is nobody else's.
        kill(-process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        if let problem { return .failure(problem) }
        let signal = status & 0x7F
        let code = signal == 0 ? status >> 8 & 0xFF : -signal
        return code == 0 ? .success(output) : .failure(.failed(code))
    }

    /// Leaves the process as a zombie.
    private static func hasEnded(_ process: pid_t) -> Bool {
        var information = siginfo_t()
        return waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) == 0 && information.si_signo == SIGCHLD
    }

    private static func stop(_ deadline: ContinuousClock.Instant, _ isCancelled: CancellationFlag) -> CredentialProcessProblem? {
        isCancelled.isRaised ? .cancelled : ContinuousClock.now >= deadline ? .timedOut : nil
    }

    private static func read(
        _ descriptor: Int32, _ deadline: ContinuousClock.Instant, _ limit: Int, _ isCancelled: CancellationFlag,
        _ problem: inout CredentialProcessProblem?
    ) -> [UInt8] {
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            problem = stop(deadline, isCancelled)
            if problem != nil { return [] }
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&wait, 1, 50) > 0 else { continue }
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return output }
            output += buffer[..<count]
            if output.count > limit {
                problem = .tooMuchOutput
                return []
            }
        }
    }
}

/// Raised once, from any thread.
private final class CancellationFlag: Sendable {
    private let flag = Atomic(false)
    var isRaised: Bool { flag.load(ordering: .relaxed) }
    func raise() { flag.store(true, ordering: .relaxed) }
}

extension SystemCredentialProcesses {
    /// One start at a time: pipe(2) knows no flags, and a program that starts in between would hold the writing end open.
    private static let turn = Mutex(())

    /// Starts the program; its standard output is the other end of the descriptor.
    private static func start(
        _ words: [String], _ environment: [String: String]
    ) -> Result<(process: pid_t, input: Int32), CredentialProcessProblem> {
        turn.withLock { _ in
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { return .failure(.notStarted(errno)) }
            defer { close(ends[1]) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            let started = spawn(words, environment, output: ends[1])
            if case .failure = started { close(ends[0]) }
            return started.map { ($0, ends[0]) }
        }
    }

    /// Starts the program with default signal handling and an empty signal mask; every descriptor of ours closes by its own flag.
    private static func spawn(
        _ words: [String], _ environment: [String: String], output: Int32
    ) -> Result<pid_t, CredentialProcessProblem> {
        guard let program = resolve(words[0], environment["PATH"]) else { return .failure(.notStarted(ENOENT)) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        let arguments = words.map { strdup($0) } + [nil]
        let variables = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, program, &actions, &attributes, arguments, variables)
        return code == 0 ? .success(process) : .failure(.notStarted(code))
    }

    /// The first executable file of this name in the absolute folders of PATH.
    private static func resolve(_ program: String, _ path: String?) -> String? {
        if program.contains("/") { return program }
        let folders = (path ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").filter { $0.hasPrefix("/") }
        return folders.lazy.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
    }
}
