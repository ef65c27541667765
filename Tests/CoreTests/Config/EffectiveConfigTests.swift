import Core
import Testing

@Suite("Effective config")
struct EffectiveConfigTests {
    @Test("every key of the table has a line, in the table's order")
    func everyKey() throws {
        let lines = try ConfigSupport.load().effective.lines.map(\.path)
        var expected: [String] = []
        let metricPrefix = "data_generation.metrics[]."
        let metricKeys = ConfigTable.keys.filter { $0.path.hasPrefix(metricPrefix) }.map { $0.path.dropFirst(metricPrefix.count) }
        for key in ConfigTable.keys where key.path != "data_generation.metrics" {
            guard key.path.hasPrefix(metricPrefix) else {
                expected.append(key.path)
                continue
            }
            if key.name != "name" { continue }
            for metric in ["cpu_p95", "mem_p95", "disk_p95", "net_p95"] {
                expected += metricKeys.map { "data_generation.metrics.\(metric).\($0)" }
            }
        }
        #expect(lines == expected)
    }

    @Test("every line can be given back as a flag and changes nothing")
    func linesAreFlags() throws {
        let loaded = try ConfigSupport.load(
            "data_generation: { num_servers: 7, metrics: [{ name: a, unit: \"% of x\" }, { name: b }] }\nschedule: \"@daily\"")
        // A metric's name is how it is found, so it can only be set to itself.
        let flags = loaded.effective.lines.map { (path: $0.path, value: $0.value) }
        let again = try ConfigSupport.load("data_generation: { metrics: [{ name: a }, { name: b }] }", flags)
        #expect(again.spec == loaded.spec)
        #expect(again.effective.lines.allSatisfy { $0.origin == .flag($0.path) })
    }

    @Test("a rate that a metric takes from the section names the section's place")
    func inheritedOrigin() throws {
        let lines = try ConfigSupport.load("data_generation:\n  missing_rate: 0.01\n").effective.lines
        let line = lines.first { $0.path == "data_generation.metrics.mem_p95.missing_rate" }
        #expect(line?.value == "0.01" && line?.origin == .file("test.yaml", line: 2, column: 17))
    }

    @Test("the canonical text does not depend on order, spelling, form or source")
    func canonical() throws {
        let first = try ConfigSupport.load("data_generation: { num_servers: 5, missing_rate: 1e-2 }\nstorage: { region: 'x' }")
        let second = try ConfigSupport.load(
            "storage: { region: x }\ndata_generation:\n  missing_rate: 0.010\n", [("data_generation.num_servers", "5")])
        #expect(first.effective.canonicalJSON() == second.effective.canonicalJSON())
        #expect(first.effective.canonicalJSON() != (try ConfigSupport.load().effective.canonicalJSON()))
    }

    @Test("the canonical text of the default dataset is pinned")
    func pinned() throws {
        let text = try ConfigSupport.load("data_generation: { metrics: [{ name: m }] }").effective.canonicalJSON()
        #expect(
            text == """
                {"data_generation":{"decimals":2,"end_date":"2025-12-31","eoq_window_business_days":7,"granularity":"daily",\
                "growth_anchor":"2022-01-01","holiday_calendar":"us_federal","metadata":{"business_units":["Corporate","Investment",\
                "Retail","Wealth"],"criticality_levels":{"High":0.2,"Low":0.3,"Medium":0.5},"regions":{"ap-southeast-1":0.1,\
                "eu-west-1":0.2,"us-east-1":0.4,"us-west-2":0.3}},"metrics":[{"base_mean":50,"base_std":10,"decimals":2,\
                "eoq_months":[3,6,9,12],"eoq_spike_multiplier":1.25,"growth_per_year":0,"holiday_effect_multiplier":0.85,\
                "max_clip":100,"min_clip":0,"missing_rate":0.005,"name":"m","outlier_multiplier":1.6,"outlier_rate":0.001,\
                "seasonality_amplitude":0.1,"server_bias_std":5,"unit":"","weekly_pattern_factor":0.8}],"missing_rate":0.005,\
                "num_servers":120,"outlier_multiplier":1.6,"outlier_rate":0.001,"random_seed":42,"server_id":{"prefix":"SRV-",\
                "width":4},"start_date":"2022-01-01","use_eoq_spikes":true,"use_holidays":true},"general":{"env":"local"},\
                "output":{"calendar_flags":false,"compression":"zstd",\
                "filename":"raw_server_metrics_{start_date}_to_{end_date}.parquet","float_type":"double","sample_rows":100,\
                "time_column":"date","time_type":"timestamp"},"quality":{"effect_tolerance":6,"max_missing_share":0.05},\
                "retention":{"grace_hours":24,"keep_last":7},"schedule":null,"storage":{"addressing_style":"auto",\
                "allow_http":false,"bucket_key":false,"bucket_name":"","ca_file":null,"checksums":"auto","conditional_writes":"probe",\
                "credentials_name":"s3-credentials","endpoint_url":null,"expected_bucket_owner":null,"kms_key_id":null,\
                "local_base_path":"var/data","part_size":"8MiB","profile":null,"raw_prefix":"raw/","region":null,\
                "server_side_encryption":"none","storage_class":null,"tags":{},"use_s3":false}}
                """)
    }

    @Test("the text that decides the data has the window's days, and nothing of when and where")
    func dataJSON() throws {
        let window = DayRange(start: ConfigSupport.today, days: 3)
        let relative = try ConfigSupport.load("data_generation: { start_date: today, end_date: today+2d }").effective.dataJSON(
            window: window)
        let fixed = try ConfigSupport.load(
            "data_generation: { start_date: 2026-06-15, end_date: 2026-06-17 }\nretention: { keep_last: 9 }\nstorage: { raw_prefix: x/ }"
        ).effective.dataJSON(window: window)
        #expect(relative == fixed)
        #expect(fixed.contains("\"start_date\":\"2026-06-15\"") && fixed.contains("\"end_date\":\"2026-06-17\""))
        #expect(!fixed.contains("storage") && !fixed.contains("retention"))
        #expect(try ConfigSupport.load(flags: [("output.compression", "none")]).effective.dataJSON(window: window) != fixed)
        #expect(try ConfigSupport.load(flags: [("data_generation.random_seed", "1")]).effective.dataJSON(window: window) != fixed)
    }
}
