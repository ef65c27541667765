import Core
import Testing

@Suite("Config overrides")
struct OverrideTests {
    @Test("flag beats environment beats file beats default")
    func precedence() throws {
        let file = "data_generation: { num_servers: 2 }"
        let environment = ["FLEETSYNTH__DATA_GENERATION__NUM_SERVERS": "3", "PATH": "/bin", "FLEETSYNTH": "x"]
        func servers(_ text: String, _ environment: [String: String], _ flags: [(path: String, value: String)]) throws -> (Int, String) {
            let loaded = try ConfigSupport.load(text, environment: environment, flags)
            let line = loaded.effective.lines.first { $0.path == "data_generation.num_servers" }
            return (loaded.spec.data.servers, line?.origin.description ?? "")
        }
        #expect(try servers("data_generation: {}", [:], []) == (120, "default"))
        #expect(try servers(file, [:], []) == (2, "test.yaml:1:33"))
        #expect(try servers(file, environment, []) == (3, "environment FLEETSYNTH__DATA_GENERATION__NUM_SERVERS"))
        #expect(try servers(file, environment, [("data_generation.num_servers", "4")]) == (4, "flag data_generation.num_servers"))
        #expect(try servers(file, [:], [("data_generation.num_servers", "4"), ("data_generation.num_servers", "5")]).0 == 5)
    }

    @Test("values are YAML: scalars, lists and mappings")
    func values() throws {
        let loaded = try ConfigSupport.load(
            environment: ["FLEETSYNTH__DATA_GENERATION__METADATA__REGIONS": "{a: 0.25, b: 0.75}", "FLEETSYNTH__GENERAL__ENV": "sagemaker"],
            [
                ("data_generation.metadata.business_units", "[x, z]"), ("data_generation.use_holidays", "false"),
                ("data_generation.server_id.prefix", "\"\""), ("data_generation.decimals", "null"),
                ("storage.endpoint_url", "http://127.0.0.1:9000"),
                ("data_generation.metrics", "[{name: m, base_mean: 3}]"), ("schedule", "'@daily'"), ("schedule.timezone", "Europe/Paris"),
            ])
        let spec = loaded.spec
        #expect(spec.environment == .sagemaker && !spec.data.useHolidays && spec.data.idPrefix.isEmpty)
        #expect(spec.data.regions.weights == [0.25, 0.75] && spec.data.businessUnits.labels == ["x", "z"])
        #expect(spec.data.metrics.map(\.name) == ["m"] && spec.data.metrics.first?.decimals == nil)
        #expect(spec.storage.endpointURL == "http://127.0.0.1:9000")
        #expect(spec.schedule?.cron == "@daily" && spec.schedule?.timeZone == "Europe/Paris")
    }

    @Test(
        "one metric is named by name or by place, in the file or among the defaults",
        arguments: [
            "data_generation: {}", "data_generation:", "data_generation: { metrics: [{ name: cpu_p95 }, { name: x }] }",
            "data_generation: { metrics: { cpu_p95: , x: {} } }",
        ])
    func metrics(text: String) throws {
        for path in [
            "data_generation.metrics.cpu_p95.base_mean", "data_generation.metrics[0].base_mean", "data_generation.metrics.0.base_mean",
        ] {
            let loaded = try ConfigSupport.load(text, [(path, "51")])
            #expect(loaded.spec.data.metrics[0].baseMean == 51 && loaded.spec.data.metrics.count > 1)
            let line = loaded.effective.lines.first { $0.path == "data_generation.metrics.cpu_p95.base_mean" }
            #expect(line?.origin == .flag(path) && line?.value == "51")
        }
        let variable = try ConfigSupport.load(text, environment: ["FLEETSYNTH__DATA_GENERATION__METRICS__CPU_P95__BASE_MEAN": "52"])
        #expect(variable.spec.data.metrics[0].baseMean == 52)
    }

    @Test("a metric's name may have two underscores in a row and small letters")
    func oddMetricNames() throws {
        let text = "data_generation: { metrics: [{ name: Cpu__Load_ }] }"
        let loaded = try ConfigSupport.load(text, environment: ["FLEETSYNTH__DATA_GENERATION__METRICS__CPU__LOAD___BASE_MEAN": "52"])
        #expect(loaded.spec.data.metrics[0].baseMean == 52)
    }

    @Test("a time zone is added to a schedule in short form, and a schedule replaces it")
    func schedule() throws {
        let text = "data_generation: {}\nschedule: \"@daily\""
        #expect(try ConfigSupport.load(text, [("schedule.timezone", "Asia/Tokyo")]).spec.schedule?.cron == "@daily")
        #expect(try ConfigSupport.load(text, [("schedule.cron", "\"@hourly\"")]).spec.schedule?.cron == "@hourly")
        #expect(try ConfigSupport.load(text, [("schedule", "null")]).spec.schedule == nil)
    }

    @Test(
        "an override that names no key is an error with a suggestion",
        arguments: [
            ("data_generation.num_server", "did you mean data_generation.num_servers?"),
            ("num_servers", "num_servers belongs under data_generation"),
            ("data-generation.num_servers", "did you mean data_generation.num_servers?"), ("general.envv", "did you mean general.env?"),
            ("storage", "storage is a section; set one of its keys: use_s3"), ("", "unknown key"), ("a.b.c", "unknown key"),
            ("data_generation.metadata.regions.us-east-1", "is one value and is set as a whole"),
            ("data_generation.metrics.cpu_95.base_mean", "did you mean cpu_p95?"),
            ("data_generation.metrics[9].base_mean", "there is no metric 9"),
            ("data_generation.metrics.cpu_p95.base_maen", "did you mean data_generation.metrics.cpu_p95.base_mean?"),
            ("data_generation.metrics.cpu_p95", "a metric is no single value"),
            ("data_generation.metrics.cpu_p95.num_servers", "num_servers belongs under data_generation"),
        ])
    func unknown(path: String, words: String) {
        let problems = ConfigSupport.problems(flags: [(path, "5")])
        #expect(problems.count == 1)
        #expect(problems.first?.source == "flag \(path)" && problems.first?.line == nil)
        #expect(problems.first?.headline.contains(words) == true, "\(problems.first?.headline ?? "")")
    }

    @Test("a variable that names no key is an error, an empty one a warning")
    func unknownVariables() throws {
        let problems = ConfigSupport.problems(environment: ["FLEETSYNTH__DATA_GENERATION__NUM_SERVER": "5"])
        #expect(problems.map(\.source) == ["environment FLEETSYNTH__DATA_GENERATION__NUM_SERVER"])
        #expect(problems.first?.suggestion == "data_generation.num_servers")
        let warnings = try ConfigSupport.load(environment: ["FLEETSYNTH__": "", "FLEETSYNTH__OLD": ""]).warnings
        #expect(warnings.map(\.source) == ["environment FLEETSYNTH__", "environment FLEETSYNTH__OLD"])
        #expect(warnings.allSatisfy { $0.severity == .warning })
        #expect(ConfigSupport.problems(environment: ["FLEETSYNTH__DATA_GENERATION__NUM_SERVERS": ""]).count == 1)
    }

    @Test(
        "an override's value is checked like the file's, and its source is named in place of the file",
        arguments: [
            ("data_generation.num_servers", "many", "many is text"), ("data_generation.num_servers", "0", "0 is below 1"),
            ("data_generation.metrics.cpu_p95.base_std", "-1", "-1 is below 0"),
            ("data_generation.metadata.regions", "{a: 0.5}", "the weights sum to 0.5"),
            ("storage.bucket_name", "123456", "put it in quotes"), ("data_generation.num_servers", "[1", "this is not YAML"),
            ("data_generation.num_servers", "*x", "no anchor"), ("data_generation.start_date", "2030-01-01", "after its end"),
            ("storage.use_s3", "true", "there is no bucket_name"),
            ("data_generation.metrics.cpu_p95.max_clip", "40", "base_mean 45 is outside"),
            ("general.env", "!x y", "has no meaning here"), ("general.env", "a: 1\na: 2", "already given"),
        ])
    func badValues(path: String, value: String, words: String) {
        let problems = ConfigSupport.problems(flags: [(path, value)])
        #expect(problems.first?.source == "flag \(path)" && problems.first?.line == nil && problems.first?.excerpt == nil)
        #expect(problems.first?.text.contains(words) == true, "\(problems.first?.text ?? "")")
    }

    @Test("a value of the file is checked even when an override hides it")
    func hidden() {
        let problems = ConfigSupport.problems(
            "data_generation: { num_servers: many, metrics: [{ name: a, base_std: -1 }] }",
            [("data_generation.num_servers", "5"), ("data_generation.metrics.a.base_std", "1")])
        #expect(problems.map(\.path) == ["data_generation.num_servers", "data_generation.metrics.a.base_std"])
        #expect(problems.allSatisfy { $0.line == 1 })
        #expect(ConfigSupport.problems("data_generation: { metrics: nothing }", [("data_generation.metrics", "[{name: a}]")]).count == 1)
    }

    @Test("problems of the file come first, then the environment's, then those of flags")
    func order() {
        let problems = ConfigSupport.problems(
            "data_generation: { x_: 1 }", environment: ["FLEETSYNTH__B": "1", "FLEETSYNTH__A": "1"], [("q", "1")])
        #expect(problems.map(\.source) == ["test.yaml", "environment FLEETSYNTH__A", "environment FLEETSYNTH__B", "flag q"])
    }
}
