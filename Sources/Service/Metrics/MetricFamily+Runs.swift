/// Runs and the datasets that they make.
extension MetricFamily {
    static let runs = MetricFamily(
        "fleetsynth_runs_total", .counter, ["dataset", "result", "reason"],
        "Runs that ended, by result (published, up_to_date, failed, quality, cancelled) and by what asked for them.")
    static let runDuration = MetricFamily(
        "fleetsynth_run_duration_seconds", .histogram(bounds: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600]),
        ["result"], "Time from the start of a run to its end.")
    static let rowsGenerated = MetricFamily(
        "fleetsynth_rows_generated_total", .counter, ["dataset"], "Rows that runs made and the quality gate judged.")
    static let bytesPublished = MetricFamily(
        "fleetsynth_bytes_published_total", .counter, ["dataset"], "Bytes of the files that were published.")
    static let runRetries = MetricFamily(
        "fleetsynth_run_retries_total", .counter, ["dataset"], "Failed runs that are tried again by themselves.")
    static let runsLeftOut = MetricFamily(
        "fleetsynth_runs_left_out_total", .counter, ["dataset", "cause"],
        "Runs that did not happen: a run was in progress (busy), it was too late for them (late), or they were given up (given_up).")
    static let scheduleMissed = MetricFamily(
        "fleetsynth_schedule_missed_total", .counter, ["dataset"], "Scheduled times that passed without a run, by the catch-up policy.")
    static let lastDuration = MetricFamily(
        "fleetsynth_last_run_duration_seconds", .gauge, ["dataset"], "Length of the last run that ended in this life of the service.")
    static let lastRate = MetricFamily(
        "fleetsynth_last_run_rows_per_second", .gauge, ["dataset"], "Rows per second of the last run that published.")
    static let lastRunEnd = MetricFamily(
        "fleetsynth_last_run_timestamp_seconds", .gauge, ["dataset"], "When the last run ended, also before the last restart.")
    static let lastFailed = MetricFamily(
        "fleetsynth_last_run_failed", .gauge, ["dataset"],
        "1 if the last run failed or the quality gate refused it, also before the last restart.")
    static let lastSuccess = MetricFamily(
        "fleetsynth_last_success_timestamp_seconds", .gauge, ["dataset"],
        "When a run last published or found everything up to date, also before the last restart.")
    static let nextRun = MetricFamily(
        "fleetsynth_next_run_timestamp_seconds", .gauge, ["dataset"], "When the next run is due: the next try or scheduled time.")
    static let qualityPassed = MetricFamily(
        "fleetsynth_quality_passed", .gauge, ["dataset"], "1 if the data of the last run passed the quality gate, 0 if a check failed."
    )
    static let qualityChecks = MetricFamily(
        "fleetsynth_quality_checks", .gauge, ["dataset", "verdict"],
        "Checks of the quality gate in the last run that made data, by verdict (pass, fail, not_applicable).")
    static let generation = MetricFamily(
        "fleetsynth_dataset_generation", .gauge, ["dataset"], "Number of the generation that readers find.")
    static let rows = MetricFamily("fleetsynth_dataset_rows", .gauge, ["dataset"], "Rows of the generation that readers find.")
    static let paused = MetricFamily("fleetsynth_dataset_paused", .gauge, ["dataset"], "1 while a person holds the dataset.")
    static let datasetRefused = MetricFamily(
        "fleetsynth_dataset_config_refused", .gauge, ["dataset"], "1 while the dataset's config file is refused.")
    static let datasets = MetricFamily(
        "fleetsynth_datasets", .gauge, ["state"], "Datasets by state, as `fleetsynth status` shows it.")
    static let datasetsWithoutSeries = MetricFamily(
        "fleetsynth_datasets_without_series", .gauge, [],
        "Datasets beyond the number that have series of their own; they count in everything else.")
    static let queueLength = MetricFamily("fleetsynth_queue_length", .gauge, [], "Datasets in the line for their turn.")
    static let running = MetricFamily("fleetsynth_runs_running", .gauge, [], "Runs in progress.")
    static let runningLimit = MetricFamily("fleetsynth_runs_running_limit", .gauge, [], "Most runs at the same time.")

    static let ofRuns = [
        runs, runDuration, rowsGenerated, bytesPublished, runRetries, runsLeftOut, scheduleMissed, lastDuration, lastRate, lastRunEnd,
        lastFailed, lastSuccess, nextRun, qualityPassed, qualityChecks, generation, rows, paused, datasetRefused, datasets,
        datasetsWithoutSeries, queueLength, running, runningLimit,
    ]
}
