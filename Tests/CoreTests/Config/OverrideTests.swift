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

    @Test("a part of a mapping from names is set by its path, and the rest stays")
    func parts() throws {
        let text = """
            data_generation:
              incidents:
                fail: { kind: failover, per_year: 6, scope: region, duration: 6h, metrics: { cpu_p95: 0.2, net_p95: 0.1 } }
              metadata_effects: { criticality: { High: { cpu_p95: 1.1 } } }
            """
        let flags = [
            ("data_generation.incidents.fail.per_year", "3"), ("data_generation.incidents.fail.metrics.cpu_p95", "0.5"),
            ("data_generation.metadata_effects.criticality.Low.cpu_p95", "0.9"), ("quality.tolerances.weekly", "8"),
            ("storage.tags.team", "capacity"), ("data_generation.lifetime.decommission.per_year", "0.1"),
            ("data_generation.lifetime.decommission.from", "2024-01-01"),
        ]
        let loaded = try ConfigSupport.load(text, flags)
        let incident = try #require(loaded.spec.data.incidents.first)
        #expect(incident.timing == .random(perYear: 3) && incident.duration == 21600)
        #expect(incident.metrics.map(\.effect) == [.factor(0.5), .factor(0.1)])
        let lines = Dictionary(uniqueKeysWithValues: loaded.effective.lines.map { ($0.path, $0) })
        #expect(lines["data_generation.incidents"]?.origin == .flag("data_generation.incidents.fail.metrics.cpu_p95"))
        let effects = lines["data_generation.metadata_effects"]?.value ?? ""
        #expect(effects.contains("High") && effects.contains("Low"), "\(effects)")
        #expect(lines["storage.tags"]?.value.contains("capacity") == true && lines["quality.tolerances"]?.value.contains("8") == true)
        let variable = try ConfigSupport.load(
            text, environment: ["FLEETSYNTH__DATA_GENERATION__METADATA_EFFECTS__CRITICALITY__HIGH__CPU_P95": "1.5"])
        let value = variable.effective.lines.first { $0.path == "data_generation.metadata_effects" }?.value ?? ""
        #expect(value.contains("1.5") && value.contains("High") && !value.contains("high"), "\(value)")
    }

    @Test("a mapping sets the keys of a section or of a metric and leaves the others")
    func mappings() throws {
        let text =
            "data_generation: { mess: { unit_slip: { per_year: 2, duration: 1d } }, metrics: [{ name: m, base_mean: 3, base_std: 1 }] }"
        let loaded = try ConfigSupport.load(
            text,
            [
                ("data_generation.mess", "{ stuck_sensor: { per_year: 1, duration: 2d }, unit_slip: { per_year: 4 } }"),
                ("data_generation.metrics.m", "{ base_mean: 5 }"), ("schedule", "{ cron: '@daily', timezone: Asia/Tokyo }"),
            ])
        let values = Dictionary(uniqueKeysWithValues: loaded.effective.lines.map { ($0.path, $0.value) })
        #expect(values["data_generation.mess.unit_slip.per_year"] == "4" && values["data_generation.mess.unit_slip.duration"] == "\"1d\"")
        #expect(values["data_generation.mess.stuck_sensor.per_year"] == "1")
        #expect(loaded.spec.data.metrics[0].baseMean == 5 && loaded.spec.data.metrics[0].baseStd == 1)
        #expect(loaded.spec.schedule?.timeZone == "Asia/Tokyo")
        let problems = ConfigSupport.problems(flags: [("data_generation.mess", "{ unit_slp: { per_year: 4 } }")])
        #expect(problems.map(\.path) == ["data_generation.mess.unit_slp"] && problems[0].text.contains("unit_slip"), "\(problems)")
    }

    @Test("what is wrong in a mapping is said once, whether it stands in the file or comes with an override")
    func wrongParts() {
        let file = "data_generation: { incidents: { a: { kind: nothing, at: [2024-01-01], duration: 1h, metrics: { cpu_p95: 2 } } } }"
        let hidden = ConfigSupport.problems(file, [("data_generation.incidents.a.kind", "bad-release")])
        #expect(hidden.map(\.source) == ["test.yaml"] && hidden[0].line == 1)
        let other = ConfigSupport.problems(file, [("data_generation.incidents.a.duration", "2h")])
        #expect(other.map(\.path) == ["data_generation.incidents.a.kind"])
        let right = file.replacing("nothing", with: "bad-release")
        let blocked = ConfigSupport.problems(right, [("data_generation.incidents.a.at.0", "2024-02-01")])
        #expect(
            blocked.map(\.suggestion) == ["data_generation.incidents.a.at"]
                && blocked[0].headline.contains("is one value and is set as a whole"))
        let unknown = ConfigSupport.problems(right, [("data_generation.incidents.a.durations", "2h")])
        #expect(unknown.map(\.source) == ["flag data_generation.incidents.a.durations"] && unknown[0].text.contains("duration"))
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
