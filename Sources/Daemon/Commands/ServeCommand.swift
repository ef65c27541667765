public import ArgumentParser
import CLinux
import Core
import FoundationEssentials
import Glibc
import Logging
import Service
import SystemPackage
public import Systemd

/// `fleetsynth serve`: the service.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Watches a directory of configs and keeps every dataset up to date.",
        discussion: """
            Drop a config into the directory and its dataset appears; change it and a new generation follows; give it a schedule and it \
            runs on time. A config that is wrong is reported with its place and changes nothing. SIGHUP reads everything again, SIGTERM \
            and SIGINT stop the service. Under systemd it tells when it is ready, feeds the watchdog and logs to the journal; elsewhere it \
            logs lines to standard error.
            """)

    @Option(help: ArgumentHelp("The directory of configs; by default $CONFIGURATION_DIRECTORY or /etc/fleetsynth.", valueName: "dir"))
    var configDir: String?

    @Option(help: ArgumentHelp("Where the service keeps its memory; by default $STATE_DIRECTORY or var/state.", valueName: "dir"))
    var stateDir: String?

    @Option(
        help: ArgumentHelp(
            "The control socket; by default $RUNTIME_DIRECTORY/control.sock or /run/fleetsynth/control.sock.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("Runs at the same time; by default as many as there are processors.", valueName: "n"))
    var parallelism: Int?

    @Option(help: ArgumentHelp("How to log: auto, journal, text or json.", valueName: "style"))
    var log: LogStyle.Request = .auto

    @Flag(help: "Start and wait even if every config is wrong, instead of leaving with 78.")
    var keepWaiting = false

    @Flag(help: "Leave with 66 if the directory of configs does not exist, instead of waiting for it.")
    var requireConfigDir = false

    @Option(help: ArgumentHelp("Milliseconds without events before changed configs are read.", visibility: .hidden))
    var settle: Int = 500

    func validate() throws {
        if let parallelism, !(1...256).contains(parallelism) { throw ValidationError("--parallelism takes a number from 1 to 256.") }
        if !(1...60_000).contains(settle) { throw ValidationError("--settle takes milliseconds from 1 to 60000.") }
    }

    @MainActor
    func run() async throws {
        let signals = ServiceSignals()
        let environment = ProcessInfo.processInfo.environment
        let directories = ServiceDirectories(environment: environment)
        let style = LogStyle.choose(
            environment: environment, isTerminal: Console.isTerminal, standardError: FileIdentity(descriptor: STDERR_FILENO), requested: log
        )
        // The journal drops what comes after 10,000 entries in 30 s; twenty of a kind are enough for anybody (S20).
        let limiter = RepeatLimiter(burst: 20)
        defer { limiter.finish() }
        let logger = Logger(
            label: "fleetsynth",
            factory: { _ in
                SummarisingLogHandler(
                    style.handler(identifier: "fleetsynth", clock: { WallClock.now.description }), limiter: limiter)
            })
        let configs = Self.absolute(configDir ?? directories.configuration.first ?? "/etc/fleetsynth")
        let state = Self.absolute(stateDir ?? directories.state.first ?? "var/state")
        let notifier = Notifier()
        let interval = Watchdog.interval(environment: environment, processID: getpid())
        let subsystems = ["service", "queue", "runs", "clock", "control"]
        let watchdog = interval.map { Watchdog(interval: $0, subsystems: subsystems, notifier: notifier) }

        let outputs = OutputGuard(directory: configs, workingDirectory: FileManager.default.currentDirectoryPath)
        guard !outputs.contains(state) else {
            logger.critical("the state directory \(state) lies in the watched directory \(configs); choose another --state-dir")
            throw ExitCode(78)
        }
        var isDirectory = false
        if requireConfigDir, !(FileManager.default.fileExists(atPath: configs, isDirectory: &isDirectory) && isDirectory) {
            logger.critical("there is no directory \(configs); create it, or name another one with --config-dir")
            throw ExitCode(66)
        }
        let parts: (DirectoryWatcher, WallClockTimer)
        do {
            var settings = WatchSettings(directory: configs)
            settings.quiet = .milliseconds(settle)
            settings.rescanJitter = .milliseconds(Int.random(in: 0...5_000))
            parts = (try DirectoryWatcher(settings: settings, judge: Self.judge(outputs, environment)), try WallClockTimer())
        } catch {
            logger.critical("\(error)")
            throw ExitCode(74)
        }
        let (watcher, timer) = parts
        let cores = Int(fleetsynth_usable_cpus())
        let service = FleetService(
            settings: FleetService.Settings(
                configDirectory: configs, host: Self.hostID(), threads: cores, parallelism: parallelism ?? cores, watchdogInterval: interval
            ),
            log: logger, notifier: notifier, watchdog: watchdog, watcher: watcher, states: StateStore(directory: state), timer: timer)
        do throws(StoreError) {
            try await service.open()
        } catch {
            logger.critical(
                "The state directory \(state) cannot be used: \(error.message) Name another one with --state-dir, or StateDirectory= in the unit."
            )
            throw ExitCode(error.exitCode)
        }
        let control: ControlServer
        let path = socket ?? ControlSocket.path(environment: environment)
        do throws(ControlError) {
            control = try ControlServer(path: path) { request, _ in await service.answer(request) }
        } catch {
            logger.critical("\(error)")
            throw ExitCode(error.exitCode)
        }
        logger.debug("control socket \(path)")
        try await ServiceLoop(
            service: service, watcher: watcher, control: control, notifier: notifier, watchdog: watchdog, interval: interval, log: logger,
            limiter: limiter, signals: signals, keepsWaiting: keepWaiting, directory: configs
        ).run()
    }

    /// Reads a config as `validate` does, and refuses what only a service can see: output inside the watched directory.
    private static func judge(_ outputs: OutputGuard, _ environment: [String: String]) -> ConfigJudge {
        return { (path: String, bytes: [UInt8]) throws(ConfigProblems) -> LoadedConfig in
            let loaded = try ConfigReader.load(bytes: bytes, file: path, environment: environment, today: WallClock.today)
            let problems = outputs.problems(of: loaded.spec, path: path)
            guard problems.isEmpty else { throw ConfigProblems(problems) }
            return loaded
        }
    }

    private static func absolute(_ path: String) -> String {
        let path = FilePath(path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path)
        return path.lexicallyNormalized().string
    }

    /// What tells this machine from others, for jitter.
    private static func hostID() -> String {
        guard let bytes = try? ConfigFile.read(path: "/etc/machine-id") else { return "" }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}

extension LogStyle.Request: ExpressibleByArgument {}
