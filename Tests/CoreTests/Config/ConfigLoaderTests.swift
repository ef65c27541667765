import Core
import Foundation
import Testing

@Suite("Config loading")
struct ConfigLoaderTests {
    @Test("an empty section is the documented default dataset")
    func defaults() throws {
        let spec = try ConfigSupport.load().spec
        #expect(spec.name == "test")
        #expect(spec.environment == .local)
        #expect(spec.data.servers == 120)
        #expect(spec.data.start.description == "2022-01-01" && spec.data.end.description == "2025-12-31")
        #expect(spec.data.seed == 42)
        #expect(spec.data.useHolidays && spec.data.useEndOfQuarterSpikes)
        #expect(spec.data.holidayCalendar == HolidayCalendar(.usFederal) && spec.data.endOfQuarterWindow == 7)
        #expect(spec.data.growthAnchor.description == "2022-01-01")
        #expect(spec.data.idPrefix == "SRV-" && spec.data.idWidth == 4)
        #expect(spec.data.metrics.map(\.name) == ["cpu_p95", "mem_p95", "disk_p95", "net_p95"])
        #expect(spec.data.metrics.map(\.baseMean) == [45, 60, 50, 35])
        #expect(spec.data.metrics.map(\.baseStd) == [12, 10, 8, 10])
        #expect(spec.data.metrics.map(\.serverBiasStd) == [6, 5, 4, 5])
        #expect(spec.data.metrics.map(\.minClip) == [1, 5, 2, 0])
        #expect(spec.data.metrics.map(\.maxClip) == [99, 98, 97, 100])
        for metric in spec.data.metrics {
            #expect(metric.unit == "%" && metric.seasonalityAmplitude == 0.1 && metric.weeklyPatternFactor == 0.8)
            #expect(
                metric.endOfQuarterMultiplier == 1.25 && metric.endOfQuarterMonths == [3, 6, 9, 12] && metric.holidayMultiplier == 0.85)
            #expect(metric.growthPerYear == 0 && metric.missingRate == 0.005 && metric.outlierRate == 0.001)
            #expect(metric.outlierMultiplier == 1.6 && metric.decimals == 2)
        }
        #expect(spec.data.businessUnits.labels == ["Corporate", "Investment", "Retail", "Wealth"])
        #expect(spec.data.businessUnits.weights == [0.25, 0.25, 0.25, 0.25])
        #expect(spec.data.regions.labels == ["ap-southeast-1", "eu-west-1", "us-east-1", "us-west-2"])
        #expect(spec.data.regions.weights == [0.1, 0.2, 0.4, 0.3])
        #expect(spec.data.criticalities.labels == ["High", "Low", "Medium"] && spec.data.criticalities.weights == [0.2, 0.3, 0.5])
        #expect(spec.output.timeColumn == "date" && spec.output.timeType == .timestamp && !spec.output.calendarFlags)
        #expect(spec.output.floatType == .double && spec.output.compression == .zstd && spec.output.sampleRows == 100)
        #expect(spec.output.filename == "raw_server_metrics_{start_date}_to_{end_date}.parquet")
        #expect(spec.quality.maxMissingShare == 0.05 && spec.quality.effectTolerance == 6)
        #expect(spec.schedule == nil)
        #expect(spec.retention.keepLast == 7 && spec.retention.graceHours == 24)
        #expect(!spec.storage.useS3 && spec.storage.bucketName.isEmpty && spec.storage.rawPrefix == "raw/")
        #expect(spec.storage.localBasePath == "var/data" && spec.storage.endpointURL == nil && spec.storage.region == nil)
        #expect(spec.storage.s3 == .standard)
    }

    @Test("the documented config spells out exactly the defaults")
    func documentedConfig() throws {
        let path = ConfigSupport.root.appendingPathComponent("config/config.yaml").path
        let written = try ConfigLoader.load(bytes: try ConfigFile.read(path: path), file: path, today: ConfigSupport.today)
        #expect(written.warnings.isEmpty)
        #expect(written.spec.name == "config")
        var spec = written.spec
        spec.name = "test"
        let standard = try ConfigSupport.load()
        #expect(spec == standard.spec)
        #expect(written.effective.canonicalJSON() == standard.effective.canonicalJSON())
        // Every key stands in the file, except those that a metric takes from the section above, those that mean "none", and the
        // width of ids, which follows num_servers.
        let silent = written.effective.lines.filter { $0.origin == .standard }.map(\.path)
        #expect(silent == ["data_generation.server_id.width", "schedule.cron"])
    }

    @Test("a listed metric takes the generic defaults, and the section's rates")
    func metricDefaults() throws {
        let text = """
            data_generation:
              missing_rate: 0.01
              outlier_rate: 0.02
              outlier_multiplier: 3
              decimals: null
              metrics: [{ name: a, base_std: 4 }, { name: b, decimals: 1, missing_rate: 0, server_bias_std: 9 }]
            """
        let metrics = try ConfigSupport.load(text).spec.data.metrics
        #expect(metrics[0].unit.isEmpty && metrics[0].baseMean == 50 && metrics[0].minClip == 0 && metrics[0].maxClip == 100)
        #expect(metrics[0].serverBiasStd == 2 && metrics[0].missingRate == 0.01 && metrics[0].outlierRate == 0.02)
        #expect(metrics[0].outlierMultiplier == 3 && metrics[0].decimals == nil)
        #expect(metrics[1].serverBiasStd == 9 && metrics[1].missingRate == 0 && metrics[1].decimals == 1)
    }

    @Test("a list of metrics and a mapping by name say the same")
    func metricForms() throws {
        let list = try ConfigSupport.load("data_generation: { metrics: [{ name: b, base_mean: 3 }, { name: a }] }")
        let mapping = try ConfigSupport.load("data_generation: { metrics: { b: { base_mean: 3 }, a: } }")
        #expect(list.spec == mapping.spec)
        #expect(list.effective.canonicalJSON() == mapping.effective.canonicalJSON())
    }

    @Test("a list of labels gives equal shares, a mapping its weights; the order written decides nothing")
    func labelForms() throws {
        let spec = try ConfigSupport.load("data_generation: { metadata: { regions: [z, a], business_units: { z: 0.75, a: 0.25 } } }").spec
        #expect(spec.data.regions.labels == ["a", "z"] && spec.data.regions.weights == [0.5, 0.5])
        #expect(spec.data.businessUnits.labels == ["a", "z"] && spec.data.businessUnits.weights == [0.25, 0.75])
    }

    @Test("the id width grows with the fleet unless it is given", arguments: [(9_999, 4), (10_000, 5), (100_000_000, 9)])
    func idWidth(servers: Int, width: Int) throws {
        let spec = try ConfigSupport.load("data_generation: { num_servers: \(servers), end_date: 2022-01-31 }").spec
        #expect(spec.data.idWidth == width)
    }

    @Test(
        "a schedule has a short and a long form",
        arguments: ["schedule: \"@daily\"", "schedule: { cron: \"@daily\" }", "schedule:\n  cron: \"@daily\"\n  timezone: UTC"])
    func schedule(text: String) throws {
        let schedule = try ConfigSupport.load("data_generation: {}\n" + text).spec.schedule
        #expect(schedule?.cron == "@daily" && schedule?.timeZone == "UTC")
    }

    @Test("a schedule with five fields keeps its text and its time zone")
    func longSchedule() throws {
        let schedule = try ConfigSupport.load("data_generation: {}\nschedule: { cron: \"15 2 * * MON-FRI\", timezone: Europe/Berlin }").spec
            .schedule
        #expect(schedule?.cron == "15 2 * * MON-FRI" && schedule?.timeZone == "Europe/Berlin")
    }

    @Test(
        "an empty or cut-off file is no dataset of defaults",
        arguments: ["", "\n", "# only a comment\n", "---\n", "null", "general: { env: local }", "\u{FEFF}"])
    func empty(text: String) {
        let problems = ConfigSupport.problems(text, environment: ["FLEETSYNTH__DATA_GENERATION__NUM_SERVERS": "5"])
        #expect(problems.map(\.path) == ["data_generation"])
        #expect(problems.first?.message == "the section data_generation is missing")
    }

    @Test("UTF-16 is named as such", arguments: [[0xFF, 0xFE, 0x61, 0x00], [0xFE, 0xFF, 0x00, 0x61]] as [[UInt8]])
    func utf16(bytes: [UInt8]) throws {
        let error = try #require(throws: ConfigProblems.self) {
            try ConfigLoader.load(bytes: bytes, file: "a.yaml", today: ConfigSupport.today)
        }
        #expect(error.problems.map(\.message) == ["the text is UTF-16"])
    }

    @Test("more than 1 MiB, and a text of more than 64 KiB, are refused")
    func sizes() {
        #expect(
            ConfigSupport.problems("data_generation: {}\n#" + String(repeating: "x", count: 1 << 20)).first?.message.contains("bytes")
                == true)
        let long = ConfigSupport.problems("data_generation: { start_date: \"" + String(repeating: "x", count: 65_537) + "\" }")
        #expect(long.first?.message == "a text has 65537 bytes")
    }

    @Test(
        "the dataset's name is the file's stem",
        arguments: [("a.yaml", "a"), ("/etc/x/b.yml", "b"), ("c.v2.yaml", "c.v2"), ("Fleet_7-x.yaml", "Fleet_7-x"), ("d", "d")])
    func names(path: String, name: String) throws {
        #expect(ConfigLoader.name(ofFile: path) == name)
        let loaded = try ConfigLoader.load(bytes: Array("data_generation: {}".utf8), file: path, today: ConfigSupport.today)
        #expect(loaded.spec.name == name)
    }

    @Test(
        "a name that is no safe part of a path is refused",
        arguments: [
            ".hidden.yaml", "-x.yaml", "a b.yaml", "ü.yaml", ".yaml", String(repeating: "n", count: 101) + ".yaml", "x/..yaml",
            "a\u{0}.yaml",
        ])
    func badNames(path: String) throws {
        let error = try #require(throws: ConfigProblems.self) {
            try ConfigLoader.load(bytes: Array("data_generation: {}".utf8), file: path, today: ConfigSupport.today)
        }
        #expect(error.problems.count == 1 && error.problems.first?.message.contains("is no name for a dataset") == true)
    }

    @Test("a slash that a combining mark hides is still a slash")
    func combiningMarks() {
        for key in ["output: { filename: \"a/\u{301}../../x.parquet\" }", "storage: { local_base_path: \"a/../\u{301}x\" }"] {
            #expect(!ConfigSupport.problems("data_generation: {}\n" + key).isEmpty, "\(key)")
        }
        #expect(!ConfigSupport.problems("data_generation: {}\nstorage: { raw_prefix: \"manifests/\u{301}x/\" }").isEmpty)
    }

    @Test("a file name that only becomes too long with the dataset's name is refused")
    func longFilename() throws {
        let text = "data_generation: {}\noutput: { filename: \"{dataset}{dataset}{dataset}.parquet\" }"
        let bytes = Array(text.utf8)
        _ = try ConfigLoader.load(bytes: bytes, file: "short.yaml", today: ConfigSupport.today)
        let name = String(repeating: "n", count: 70)
        #expect(throws: ConfigProblems.self) { try ConfigLoader.load(bytes: bytes, file: name + ".yaml", today: ConfigSupport.today) }
    }

    @Test("a missing rate that the quality gate will refuse is a warning at its place")
    func missingShareWarning() throws {
        let common = try ConfigSupport.load("data_generation:\n  missing_rate: 0.2\n").warnings
        #expect(common.map(\.path) == ["data_generation.missing_rate"])
        #expect(common.first?.line == 2 && common.first?.column == 17 && common.first?.severity == .warning)
        #expect(common.first?.headline.contains("test.yaml:2:17: warning: ") == true)
        let own = try ConfigSupport.load("data_generation:\n  metrics: [{ name: a }, { name: b, missing_rate: 0.2 }]\n").warnings
        #expect(own.map(\.path) == ["data_generation.metrics[1].missing_rate"])
        let strict = try ConfigSupport.load("data_generation: {}\nquality: { max_missing_share: 0.001 }").warnings
        #expect(strict.map(\.path) == ["quality.max_missing_share"])
        #expect(try ConfigSupport.load("data_generation: { missing_rate: 0.05 }").warnings.isEmpty)
    }

    @Test("negative zero is zero")
    func negativeZero() throws {
        let spec = try ConfigSupport.load("data_generation: { metrics: [{ name: a, base_mean: -0.0, min_clip: -0 }] }").spec
        #expect(spec.data.metrics[0].baseMean.sign == .plus && spec.data.metrics[0].minClip.sign == .plus)
    }
}
