public import Logging

/// Every kind of entry that the service writes to the journal, with the 128-bit id under which `journalctl MESSAGE_ID=` finds it and
/// `journalctl -x` explains it (S17, S19).
///
/// Ids were drawn once and never change; a new kind gets a new id and an entry in systemd/fleetsynth.catalog. Log with the metadata
/// key `event`, `logger.notice("published", metadata: EventKind.runPublished.metadata)`, or with the raw value as its text.
public enum EventKind: String, CaseIterable, Sendable {
    /// The service is ready: configs read, watches armed, state recovered, schedule computed.
    case serviceReady = "service-ready"
    /// The service stops: nothing new starts.
    case serviceStopping = "service-stopping"
    /// A config, new or changed, was accepted.
    case configAccepted = "config-accepted"
    /// A config was refused; the last good one stays in force.
    case configRefused = "config-refused"
    /// A config file is gone: no further runs, what was published stays.
    case configRemoved = "config-removed"
    /// A reload ended and every config was accepted.
    case reloadDone = "reload-done"
    /// A reload ended and at least one config was refused.
    case reloadFailed = "reload-failed"
    /// A run started.
    case runStarted = "run-started"
    /// A run published a generation.
    case runPublished = "run-published"
    /// A run found nothing to publish.
    case runUpToDate = "run-up-to-date"
    /// A run failed the quality gate; nothing was published.
    case runFailedQuality = "run-failed-quality"
    /// A check of the quality gate failed.
    case qualityCheckFailed = "quality-check-failed"
    /// A run failed on the store: disk, permissions or network.
    case runFailedStore = "run-failed-store"
    /// A run failed for another reason.
    case runFailed = "run-failed"
    /// A failed run will be tried again.
    case runRetried = "run-retried"
    /// A run was cancelled; nothing of it is left.
    case runCancelled = "run-cancelled"
    /// A scheduled run was skipped because an earlier one still runs.
    case runSkipped = "run-skipped"
    /// Scheduled times passed while the service could not run them.
    case scheduleMissed = "schedule-missed"
    /// A run makes up for missed scheduled times.
    case scheduleCaughtUp = "schedule-caught-up"
    /// The wall clock was set; due times were computed again.
    case clockJumped = "clock-jumped"
    /// The wall clock shows a time that has long passed: schedules wait.
    case clockNotSet = "clock-not-set"
    /// The kernel dropped file events; everything was read again.
    case watchOverflow = "watch-overflow"
    /// The config directory is gone; the last good configs stay in force.
    case watchLost = "watch-lost"
    /// The config directory is back.
    case watchRegained = "watch-regained"
    /// No inotify: the config directory is polled.
    case pollingFallback = "polling-fallback"
    /// A rescan found a change that inotify did not report.
    case rescanFoundChange = "rescan-found-change"
    /// Files of generations past retention were deleted.
    case retentionDeleted = "retention-deleted"
    /// An interrupted publication was completed or removed.
    case recoveryDone = "recovery-done"
    /// A part of the service makes no progress; the watchdog will restart it.
    case progressStalled = "progress-stalled"
    /// HTTP is answered at an address.
    case httpReady = "http-ready"
    /// HTTP cannot be answered at an address; everything else goes on.
    case httpFailed = "http-failed"

    /// The metadata key that carries the kind.
    public static let metadataKey = "event"

    /// Metadata that marks an entry as being of this kind.
    public var metadata: Logger.Metadata { [Self.metadataKey: .string(rawValue)] }

    /// The id: 32 lower-case hexadecimal digits.
    public var messageID: String {
        switch self {
        case .serviceReady: "c29d5e8c1f534a2e81e1da3db4d90c20"
        case .serviceStopping: "2d64a9d98d7140c1b093ce58335fe8ab"
        case .configAccepted: "5cd4c7e1a80a4c6bb1a928ea5b7b660d"
        case .configRefused: "15fd326fff584e4cbe1d6669e1146243"
        case .configRemoved: "18cb619032924856a8e7d85f3ee49fa0"
        case .reloadDone: "f74a09b18cad45a98eae77b6ffb7b2b8"
        case .reloadFailed: "fc87d728781c45b4a58754781885f38b"
        case .runStarted: "4b7486002bf2490cb96bf26596bf5e42"
        case .runPublished: "009103d0263e4abf950632712f05d24d"
        case .runUpToDate: "66d492bc9c394dbeaa3cc1a039749f75"
        case .runFailedQuality: "8634548ed71d4136bfac9531ab6b8f29"
        case .qualityCheckFailed: "539a0d7116254d2c9311fe1f4dbeb21e"
        case .runFailedStore: "1ffc12445f6c49d1b93e5ad2a4513336"
        case .runFailed: "2e4401379a564363accecff0aa1e5ada"
        case .runRetried: "a70d5b5feebe4872abc14cb8094d8b4a"
        case .runCancelled: "17c167f2c04a4e5ba28fbd67dced8a5e"
        case .runSkipped: "54f5b54ea09b4e8ab520a634930a9bab"
        case .scheduleMissed: "e8d7a6c187a5448b9487dfb4e242de00"
        case .scheduleCaughtUp: "f4db7f47b4904f94b3cf30973d5821b1"
        case .clockJumped: "0ca537a60de24871b5e64632484ef8e4"
        case .clockNotSet: "b29557a0d06745c78403de5962bb20a5"
        case .watchOverflow: "2ead75d61e6d4f80ae578edbcd90652d"
        case .watchLost: "4d0514c0123a4e43adad5902e914fa09"
        case .watchRegained: "b3c26387bd5040f59066d8ca104e95a1"
        case .pollingFallback: "6ad2cf1500024e13a08013ac21336753"
        case .rescanFoundChange: "5f917052b84847498f0633ab5f1ac923"
        case .retentionDeleted: "3e08912391e346ee949e8f0f963ea24b"
        case .recoveryDone: "311b779730bd41fd9271fe9347061fc0"
        case .progressStalled: "a9188ed01d2c44358324acd7872a1e7c"
        case .httpReady: "a20d1254d7d34316989d966800404c7d"
        case .httpFailed: "63c5cb31b0a648ba8840015f2bd26eaa"
        }
    }
}
