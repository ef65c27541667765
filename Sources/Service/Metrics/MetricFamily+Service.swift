/// The service itself: configs, watching, the store, the process.
extension MetricFamily {
    static let buildInfo = MetricFamily(
        "fleetsynth_build_info", .gauge, ["version", "algorithm"], "1; version of the program and of the rules that make values.")
    static let reloads = MetricFamily(
        "fleetsynth_config_reloads_total", .counter, ["result"],
        "Reloads that were asked for, by result (success, refused, interrupted).")
    static let configChanges = MetricFamily(
        "fleetsynth_config_changes_total", .counter, ["outcome"],
        "Changes of config files, however they were noticed, by outcome (applied, refused, restored, removed).")
    static let reloadSucceeded = MetricFamily(
        "fleetsynth_config_last_reload_successful", .gauge, [], "1 if every config was right when the directory was last read.")
    static let reloadSuccess = MetricFamily(
        "fleetsynth_config_last_reload_success_timestamp_seconds", .gauge, [], "When every config was last found right.")
    static let configsInForce = MetricFamily("fleetsynth_configs_in_force", .gauge, [], "Configs in force.")
    static let configsRefused = MetricFamily("fleetsynth_configs_refused", .gauge, [], "Config files that are refused now.")
    static let configsWaiting = MetricFamily(
        "fleetsynth_configs_waiting", .gauge, [], "Right configs that wait until another one that is in their way is gone.")
    static let directoryPresent = MetricFamily(
        "fleetsynth_config_directory_present", .gauge, [], "1 if there is a config directory to read.")
    static let inotifyEvents = MetricFamily(
        "fleetsynth_inotify_events_total", .counter, [], "Events of inotify that concerned configs.")
    static let inotifyOverflows = MetricFamily(
        "fleetsynth_inotify_overflows_total", .counter, [], "Times that the kernel dropped events of inotify.")
    static let rescans = MetricFamily(
        "fleetsynth_watch_rescans_total", .counter, [], "Times that the whole config directory was read.")
    static let rescanFinds = MetricFamily(
        "fleetsynth_watch_rescan_finds_total", .counter, [], "Rescans that found a change that no event had announced.")
    static let polling = MetricFamily(
        "fleetsynth_watch_polling", .gauge, [], "1 while rescans alone find changes, because inotify refused.")
    static let storeRequests = MetricFamily(
        "fleetsynth_s3_requests_total", .counter, ["operation"], "Requests sent to S3, every try counted.")
    static let storeRetries = MetricFamily(
        "fleetsynth_s3_retries_total", .counter, ["operation", "cause"],
        "Tries after a first one, by cause (transient, throttled, learnt: region, clock or keys were set right).")
    static let storeErrors = MetricFamily(
        "fleetsynth_s3_errors_total", .counter, ["operation", "kind"],
        "Tries that failed, by kind; not_found and precondition are answers that publication counts on.")
    static let watchdogStalls = MetricFamily(
        "fleetsynth_watchdog_stalls_total", .counter, [], "Times that a part of the service made no progress and the watchdog went unfed.")
    static let watchdogInterval = MetricFamily(
        "fleetsynth_watchdog_interval_seconds", .gauge, [], "The manager's watchdog interval, 0 without one.")
    static let processCPU = MetricFamily(
        "process_cpu_seconds_total", .counter, [], "Total user and system CPU time spent in seconds.")
    static let processResident = MetricFamily(
        "process_resident_memory_bytes", .gauge, [], "Resident memory size in bytes.")
    static let processVirtual = MetricFamily("process_virtual_memory_bytes", .gauge, [], "Virtual memory size in bytes.")
    static let processDescriptors = MetricFamily("process_open_fds", .gauge, [], "Number of open file descriptors.")
    static let processDescriptorLimit = MetricFamily("process_max_fds", .gauge, [], "Maximum number of open file descriptors.")
    static let processStart = MetricFamily(
        "process_start_time_seconds", .gauge, [], "Start time of the process since unix epoch in seconds.")

    static let ofService = [
        buildInfo, reloads, configChanges, reloadSucceeded, reloadSuccess, configsInForce, configsRefused, configsWaiting, directoryPresent,
        inotifyEvents, inotifyOverflows, rescans, rescanFinds, polling, storeRequests, storeRetries, storeErrors, watchdogStalls,
        watchdogInterval, processCPU, processResident, processVirtual, processDescriptors, processDescriptorLimit, processStart,
    ]

    /// Everything that the service tells, in the order of the text.
    public static let all = ofRuns + ofService
}
