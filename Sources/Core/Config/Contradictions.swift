/// Finds values that are each right and cannot hold together.
struct Contradictions {
    let settings: ConfigSettings
    let metrics: [MetricSettings]
    let places: [String: ConfigPlace]
    let name: String
    let today: Day
    var problems: ProblemCollector

    /// Most rows of one panel.
    static let maximumRows = 1_000_000_000_000

    init(_ validator: ConfigValidator, name: String, today: Day) {
        settings = validator.settings
        metrics = validator.metrics
        places = validator.places
        problems = validator.problems
        self.name = name
        self.today = today
    }

    /// Runs all checks and gives the problems back.
    static func check(_ validator: ConfigValidator, name: String, today: Day) -> ProblemCollector {
        var contradictions = Contradictions(validator, name: name, today: today)
        contradictions.window()
        contradictions.serverIDs()
        contradictions.calendars()
        contradictions.columns()
        contradictions.fleet()
        contradictions.aggregation()
        contradictions.incidents()
        contradictions.mess()
        contradictions.life()
        for metric in contradictions.metrics {
            contradictions.clip(metric)
            contradictions.growth(metric)
        }
        contradictions.noise()
        contradictions.missingShares()
        contradictions.truth()
        contradictions.schedule()
        contradictions.storage()
        contradictions.fileName()
        return contradictions.problems
    }

    /// Notes a problem at the first of the keys that somebody gave, so that it points at a text one can edit: keys of the table, or paths
    /// within the value of one.
    mutating func add(
        _ message: String, expected: String? = nil, remedy: String, at keys: [String], severity: ConfigProblem.Severity = .error
    ) {
        let given = keys.first { places[$0] != nil || settings[$0].map { $0.source != .standard } ?? false } ?? keys.first ?? ""
        problems.add(
            message, expected: expected, remedy: remedy, path: given, at: places[given]?.place ?? settings[given]?.place,
            source: places[given]?.source ?? settings[given]?.source ?? .standard, severity: severity)
    }

    mutating func add(
        _ message: String, expected: String? = nil, remedy: String, in metric: MetricSettings, at keys: [String],
        severity: ConfigProblem.Severity = .error
    ) {
        let given = keys.first { metric.settings[$0].map { $0.source != .standard } ?? false }
        let setting = given.flatMap { metric.settings[$0] }
        problems.add(
            message, expected: expected, remedy: remedy, path: metric.path + "." + (given ?? keys.first ?? ""),
            at: setting?.place ?? metric.place,
            source: setting?.source ?? metric.source, severity: severity)
    }

    // MARK: data_generation

    private mutating func window() {
        let (startKey, endKey) = ("data_generation.start_date", "data_generation.end_date")
        guard let startDate = settings.date(startKey), let endDate = settings.date(endKey) else { return }
        let (start, end) = (startDate.resolve(today: today), endDate.resolve(today: today))
        for (key, day) in [(startKey, start), (endKey, end)] where !DateBounds.years.contains(day.year) {
            add("\(day) is outside the years \(DateBounds.words)", remedy: "write a day within them", at: [key])
            return
        }
        guard start <= end else {
            add(
                "the window starts on \(start), after its end on \(end)", expected: "a start_date up to end_date",
                remedy: "move one of the two", at: [startKey, endKey])
            return
        }
        guard let servers = settings.integer("data_generation.num_servers") else { return }
        let steps = granularity?.stepsPerDay ?? 1
        let rows = servers * (end - start + 1) * steps
        guard rows > Self.maximumRows else { return }
        add(
            "\(servers) servers times \(end - start + 1) days\(steps == 1 ? "" : " of \(steps) steps") are \(rows) \(cellsOfRows == nil ? "rows" : "cells")",
            expected: "at most 10^12",
            remedy: "make fewer servers or days in one dataset", at: ["data_generation.num_servers", startKey, endKey])
    }

    private mutating func serverIDs() {
        let (widthKey, serversKey) = ("data_generation.server_id.width", "data_generation.num_servers")
        guard let width = settings.integer(widthKey), let servers = settings.integer(serversKey) else { return }
        let digits = "\(servers)".utf8.count
        guard width < digits else { return }
        add(
            "\(width) digits are too few for \(servers) servers", expected: "at least \(digits)", remedy: "write width: \(digits)",
            at: [widthKey, serversKey])
    }

    private mutating func columns() {
        let timeKey = "output.time_column"
        var fixed = ["server_id", "business_unit", "region", "criticality", "is_weekend", "is_holiday", "is_eoq_window"]
        if !archetypes.isEmpty { fixed.append("archetype") }
        let time = settings.text(timeKey)
        if let time, fixed.contains(time.lowercased()) {
            add("\(time) is the name of another column", remedy: "choose another name", at: [timeKey])
        }
        arrivalColumn(fixed, time: time)
        var owners: [String: String] = [:]
        for metric in metrics {
            guard let name = metric.name else { continue }
            // Spark and DuckDB do not tell upper from lower case in column names, so such a table could not be read there.
            let folded = name.lowercased()
            if fixed.contains(folded) || folded == time?.lowercased() {
                let other = folded == time?.lowercased() ? "the time column" : "another column"
                add("\(name) is the name of \(other)", remedy: "rename the metric", in: metric, at: ["name"])
            } else if let owner = owners[folded] {
                add("the metric \(name) is given twice, first as \(owner)", remedy: "rename or remove one", in: metric, at: ["name"])
            } else {
                owners[folded] = metric.path + (metric.place.map { " on line \($0.line)" } ?? "")
            }
        }
    }

    private mutating func arrivalColumn(_ fixed: [String], time: String?) {
        let key = ConfigTable.messPath + ".late_rows.arrival_column"
        guard case .some(.some(let name)) = settings.nullableText(key) else { return }
        let folded = name.lowercased()
        let isMetric = metrics.contains { $0.name?.lowercased() == folded }
        guard isMetric || fixed.contains(folded) || folded == time?.lowercased() else { return }
        let other = isMetric ? "a metric" : fixed.contains(folded) ? "another column" : "the time column"
        add("\(name) is the name of \(other)", remedy: "choose another name", at: [key])
    }

    private mutating func clip(_ metric: MetricSettings) {
        guard let low = metric.settings.number("min_clip"), let high = metric.settings.number("max_clip") else { return }
        let (lowText, highText) = (ConfigJSON.canonical(low), ConfigJSON.canonical(high))
        guard low < high else {
            add(
                "min_clip \(lowText) is not below max_clip \(highText)", expected: "min_clip below max_clip",
                remedy: "lower min_clip or raise max_clip", in: metric,
                at: ["min_clip", "max_clip"])
            return
        }
        if let mean = metric.settings.number("base_mean"), mean < low || mean > high {
            add(
                "base_mean \(ConfigJSON.canonical(mean)) is outside the clip range \(lowText) to \(highText)", expected: "a mean within it",
                remedy: "move base_mean, or widen min_clip and max_clip", in: metric, at: ["base_mean", "min_clip", "max_clip"])
        }
        guard case .some(.some(let decimals)) = metric.settings.nullableInteger("decimals") else { return }
        // Values are stored by their scaled integer, which has 32 bits.
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let largest = max(abs(low), abs(high))
        guard largest * scale >= 2_147_483_648 else { return }
        add(
            "\(decimals) decimals of values up to \(ConfigJSON.canonical(largest)) do not fit",
            expected: "clip range times 10^decimals below 2^31",
            remedy: "write decimals: null or fewer, or narrow the clip range", in: metric,
            at: abs(high) >= abs(low) ? ["max_clip", "decimals", "min_clip"] : ["min_clip", "decimals", "max_clip"])
    }

    // MARK: Other sections

    /// What the gate does with data that fails a check.
    var refusal: String {
        settings.text("quality.on_failure") == QualitySpec.FailurePolicy.warn.rawValue ? "warn of the data" : "refuse the data"
    }

    private mutating func missingShares() {
        let (rateKey, shareKey) = ("data_generation.missing_rate", "quality.max_missing_share")
        guard let share = settings.number(shareKey) else { return }
        let remedy = "raise quality.max_missing_share, or lower the rate"
        let cells = cellsPerRow
        // A row is missing where all its cells are.
        func rowShare(_ rate: Double) -> Double { (1..<cells).reduce(rate) { share, _ in share * rate } }
        func message(_ rate: Double) -> String {
            "missing_rate \(ConfigJSON.canonical(rate))\(cells == 1 ? "" : " in all \(cells) cells of a row") is above quality.max_missing_share \(ConfigJSON.canonical(share)), "
                + "so the quality gate will \(refusal)"
        }
        var isInherited = false
        for metric in metrics {
            guard let rate = metric.settings.number("missing_rate"), rowShare(rate) > share else { continue }
            // Metrics without a rate of their own share the setting of the section, which is said once.
            if let own = metric.settings["missing_rate"], let common = settings[rateKey], own.source == common.source,
                own.place == common.place
            {
                isInherited = true
            } else {
                add(message(rate), remedy: remedy, in: metric, at: ["missing_rate"], severity: .warning)
            }
        }
        if isInherited, let rate = settings.number(rateKey) {
            add(message(rate), remedy: remedy, at: [rateKey, shareKey], severity: .warning)
        }
    }

    private mutating func schedule() {
        let key = "schedule.cron"
        guard case .some(.some(let text)) = settings.nullableText(key), let (cron, warnings) = try? CronExpression.parse(text) else {
            return
        }
        for warning in warnings { add("in \(Quoting.quoted(text)), \(warning)", remedy: warning.remedy, at: [key], severity: .warning) }
        guard !cron.canFire else { return }
        add(
            "\(Quoting.quoted(text)) never fires: no day of the calendar matches", expected: "a schedule that fires",
            remedy: "change the day of the month, the month or the day of the week", at: [key])
    }

    /// What is about S3 counts only where S3 is used.
    private mutating func storage() {
        guard settings.boolean("storage.use_s3") == true else { return functionStorage() }
        if settings.text("storage.bucket_name") == "" {
            add(
                "use_s3 is true and there is no bucket_name", remedy: "write bucket_name: my-bucket, or use_s3: false",
                at: ["storage.use_s3"])
        }
        encryption()
        if settings.boolean("storage.allow_http") == false, case .some(.some(let url)) = settings.nullableText("storage.endpoint_url"),
            EndpointText.isExposed(url)
        {
            add(
                "the endpoint is plain http, so everybody on the way can read and change what is sent",
                remedy: "write https://, or allow_http: true if the network is trusted", at: ["storage.endpoint_url"])
        }
    }

    private mutating func encryption() {
        guard let encryption = settings.text("storage.server_side_encryption"), encryption != "aws:kms" else { return }
        if case .some(.some) = settings.nullableText("storage.kms_key_id") {
            add(
                "kms_key_id counts with aws:kms only, and server_side_encryption is \(encryption)",
                remedy: "write server_side_encryption: aws:kms, or remove kms_key_id", at: ["storage.kms_key_id"])
        }
        if settings.boolean("storage.bucket_key") == true {
            add(
                "bucket_key counts with aws:kms only, and server_side_encryption is \(encryption)",
                remedy: "write server_side_encryption: aws:kms, or remove bucket_key", at: ["storage.bucket_key"])
        }
    }

    /// Placeholders can make a part of the file name longer than a file system allows, staging suffix included.
    private mutating func fileName() {
        let key = "output.filename"
        guard let template = settings.text(key), let parts = FilenameTemplate.parts(of: template) else { return }
        var text = ""
        for part in parts {
            switch part {
            case .text(let literal): text += literal
            case .placeholder("dataset"): text += name
            case .placeholder: text += "0000000000"
            }
        }
        guard text.utf8.split(separator: UInt8(ascii: "/")).contains(where: { $0.count > 200 }) else { return }
        add("a part of the file name is longer than 200 bytes for the dataset \(Quoting.visible(name))", remedy: "shorten it", at: [key])
    }
}
