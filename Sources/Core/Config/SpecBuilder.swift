/// Makes the `DatasetSpec` from settings without problems.
struct SpecBuilder {
    let settings: ConfigSettings
    let metrics: [MetricSettings]

    func spec(name: String) -> DatasetSpec {
        DatasetSpec(
            name: name, environment: choice("general.env"), data: data, output: output, truth: truth,
            quality: QualitySpec(
                maxMissingShare: known(settings.number("quality.max_missing_share")),
                effectTolerance: known(settings.number("quality.effect_tolerance")), tolerances: tolerances,
                onFailure: choice("quality.on_failure")),
            schedule: known(settings.nullableText("schedule.cron")).map(schedule),
            retention: RetentionSpec(
                keepLast: known(settings.integer("retention.keep_last")), graceHours: known(settings.integer("retention.grace_hours"))),
            storage: StorageSpec(
                useS3: known(settings.boolean("storage.use_s3")), bucketName: known(settings.text("storage.bucket_name")),
                rawPrefix: known(settings.text("storage.raw_prefix")), localBasePath: known(settings.text("storage.local_base_path")),
                endpointURL: known(settings.nullableText("storage.endpoint_url")), region: known(settings.nullableText("storage.region")),
                s3: s3))
    }

    private var tolerances: [String: Double] {
        if case .tolerances(let own) = settings.value("quality.tolerances") { own } else { [:] }
    }

    private var s3: S3Spec {
        S3Spec(
            addressing: choice("storage.addressing_style"), caFile: known(settings.nullableText("storage.ca_file")),
            allowsPlainHTTP: known(settings.boolean("storage.allow_http")), checksums: choice("storage.checksums"),
            encryption: choice("storage.server_side_encryption"), kmsKeyID: known(settings.nullableText("storage.kms_key_id")),
            usesBucketKey: known(settings.boolean("storage.bucket_key")),
            storageClass: known(settings.nullableText("storage.storage_class")), tags: known(settings.tags("storage.tags")),
            expectedBucketOwner: known(settings.nullableText("storage.expected_bucket_owner")),
            conditionalWrites: choice("storage.conditional_writes"),
            partSize: known(ByteCountText.bytes(known(settings.text("storage.part_size")))),
            profile: known(settings.nullableText("storage.profile")), credentialsName: known(settings.text("storage.credentials_name")))
    }

    private func schedule(_ cron: String) -> ScheduleSpec {
        ScheduleSpec(
            cron: cron, expression: known(try? CronExpression(cron)), timeZone: known(settings.text("schedule.timezone")),
            gap: choice("schedule.gap"), overlap: choice("schedule.overlap"),
            catchUp: known(CatchUpPolicy(known(settings.text("schedule.catch_up")))),
            jitter: known(DurationText.seconds(known(settings.text("schedule.jitter")))),
            whileRunning: choice("schedule.while_running"),
            maximumAge: known(settings.nullableText("schedule.max_age")).map { known(DurationText.seconds($0)) })
    }

    private var data: DataSpec {
        let section = "data_generation."
        guard case .fixed(let anchor) = known(settings.date(section + "growth_anchor")) else {
            preconditionFailure("a relative growth anchor")
        }
        let rows = known(Granularity(known(settings.text(section + "granularity"))))
        let cells = known(settings.nullableText(section + "aggregation.of")).map { known(Granularity($0)) }
        return DataSpec(
            servers: known(settings.integer(section + "num_servers")), start: known(settings.date(section + "start_date")),
            end: known(settings.date(section + "end_date")),
            granularity: cells ?? rows,
            seed: known(settings.unsigned(section + "random_seed")),
            useHolidays: known(settings.boolean(section + "use_holidays")),
            useEndOfQuarterSpikes: known(settings.boolean(section + "use_eoq_spikes")),
            holidayCalendar: calendar(known(settings.text(section + "holiday_calendar"))), business: business,
            endOfQuarterWindow: known(settings.integer(section + "eoq_window_business_days")),
            growthAnchor: anchor, idPrefix: known(settings.text(section + "server_id.prefix")),
            idWidth: known(settings.integer(section + "server_id.width")), metrics: metrics.map { metric($0.settings) },
            businessUnits: known(settings.labels(section + "metadata.business_units")),
            regions: known(settings.labels(section + "metadata.regions")),
            criticalities: known(settings.labels(section + "metadata.criticality_levels")), timeZones: zones,
            regionCalendars: regionCalendars,
            labelFactors: labelFactors, archetypes: archetypes, noiseCorrelation: noiseCorrelation,
            repairsNoiseCorrelation: known(settings.boolean(section + "noise_correlation_repair")), changes: changes, lifetime: lifetime,
            incidents: incidents, mess: mess(anchor),
            aggregation: cells == nil ? nil : AggregationSpec(statistic: choice(section + "aggregation.statistic"), rows: rows))
    }

    private func calendar(_ name: String) -> HolidayCalendar {
        if let shipped = HolidayCalendarName(rawValue: name) { return HolidayCalendar(shipped) }
        return HolidayCalendar(known(settings.calendars("data_generation.calendars")?.first { $0.name == name }))
    }

    private var business: BusinessSpec {
        let section = "data_generation.business_calendar."
        func count(_ name: String) -> Int { known(settings.integer(section + name)) }
        return BusinessSpec(
            monthEndDays: count("month_end_days"), fiscalYearEndMonth: count("fiscal_year_end_month"),
            fiscalYearEndDays: count("fiscal_year_end_days"), payrollDays: known(settings.payDays(section + "payroll_days")),
            patchDays: known(settings.dayPatterns(section + "patch_days")),
            freezeDays: known(settings.dayPatterns(section + "freeze_days")),
            quarterEndRampDays: count("eoq_ramp_days"), holidayRampDays: count("holiday_ramp_days"))
    }

    private func lifts(_ settings: ConfigSettings) -> MetricLifts {
        func factor(_ name: String) -> Double { known(settings.number(name + "_multiplier")) }
        return MetricLifts(
            monthEnd: factor("month_end"), fiscalYearEnd: factor("fiscal_year_end"), payroll: factor("payroll"), patch: factor("patch"),
            freeze: factor("freeze"), bridgeDay: factor("bridge"))
    }

    private func metric(_ settings: ConfigSettings) -> MetricSpec {
        MetricSpec(
            name: known(settings.text("name")), unit: known(settings.text("unit")), baseMean: known(settings.number("base_mean")),
            baseStd: known(settings.number("base_std")), minClip: known(settings.number("min_clip")),
            maxClip: known(settings.number("max_clip")),
            seasonalityAmplitude: known(settings.number("seasonality_amplitude")),
            weeklyPatternFactor: known(settings.number("weekly_pattern_factor")), weeklyProfile: numbers(settings.value("weekly_profile")),
            diurnalProfile: DiurnalProfile(settings.value("diurnal_profile")),
            endOfQuarterMultiplier: known(settings.number("eoq_spike_multiplier")),
            endOfQuarterMonths: known(settings.months("eoq_months")),
            holidayMultiplier: known(settings.number("holiday_effect_multiplier")),
            lifts: lifts(settings), growthPerYear: known(settings.number("growth_per_year")),
            growthForm: choice("growth_form", in: settings), growthLimit: number(settings.value("growth_limit")),
            serverBiasStd: known(settings.number("server_bias_std")), missingRate: known(settings.number("missing_rate")),
            outlierRate: known(settings.number("outlier_rate")), outlierMultiplier: known(settings.number("outlier_multiplier")),
            decimals: known(settings.nullableInteger("decimals")), noise: known(NoiseSpec(settings)))
    }

    private var zones: [RegionZone] {
        if case .zones(let zones) = settings.value("data_generation.metadata.time_zones") { zones } else { [] }
    }

    private var regionCalendars: [RegionCalendar] {
        guard case .regionCalendars(let names) = settings.value("data_generation.metadata.calendars") else { return [] }
        return names.map { RegionCalendar(region: $0.region, calendar: calendar($0.calendar)) }
    }

    private var labelFactors: [LabelFactors] {
        if case .labelFactors(let factors) = settings.value("data_generation.metadata_effects") { factors } else { [] }
    }

    private var archetypes: [ArchetypeSpec] {
        if case .archetypes(let archetypes) = settings.value("data_generation.archetypes") { archetypes } else { [] }
    }

    private var noiseCorrelation: [NoiseCorrelation] {
        if case .correlations(let pairs) = settings.value(ConfigTable.noisePath) { pairs } else { [] }
    }

    private var incidents: [IncidentSpec] {
        if case .incidents(let incidents) = settings.value(ConfigTable.incidentsPath) { incidents } else { [] }
    }

    private func mess(_ anchor: Day) -> MessSpec {
        func number(_ name: String) -> Double { known(settings.number(ConfigTable.messPath + "." + name)) }
        func seconds(_ name: String) -> Int64 { known(DurationText.seconds(known(settings.text(ConfigTable.messPath + "." + name)))) }
        func spells(_ name: String) -> MessSpec.Spells {
            MessSpec.Spells(perYear: number(name + ".per_year"), duration: seconds(name + ".duration"))
        }
        var thresholds: [LoadThreshold]?
        if case .thresholds(let found) = settings.value(ConfigTable.messPath + ".missing_under_load.above") { thresholds = found }
        var from = anchor
        if case .date(.fixed(let day)) = settings.value(ConfigTable.messPath + ".late_start.from") { from = day }
        return MessSpec(
            underLoadRate: number("missing_under_load.rate"), underLoad: thresholds, agentOutage: spells("agent_outage"),
            collectorOutage: spells("collector_outage"), lateShare: number("late_start.share"), lateWithin: seconds("late_start.within"),
            lateFrom: from, stuckSensor: spells("stuck_sensor"), unitSlip: spells("unit_slip"), unitFactor: number("unit_slip.factor"),
            rows: RowMessSpec(
                duplicateRate: number("duplicate_rows.rate"), lateRate: number("late_rows.rate"), delay: delay,
                arrivalColumn: known(settings.nullableText(ConfigTable.messPath + ".late_rows.arrival_column"))))
    }

    private var delay: ClosedRange<Int64> {
        guard case .delay(let bounds) = settings.value(ConfigTable.messPath + ".late_rows.delay") else {
            preconditionFailure("a delay of another type")
        }
        return bounds
    }

    private var changes: [LastingChange] {
        if case .changes(let changes) = settings.value(ConfigTable.changesPath) { changes } else { [] }
    }

    private var lifetime: LifetimeSpec {
        var lifetime = LifetimeSpec.unbounded
        if case .fleetGrowth(let counts) = settings.value(ConfigTable.lifetimePath + ".growth") { lifetime.growth = counts }
        if case .commissioning(let own) = settings.value(ConfigTable.lifetimePath + ".commissioned") { lifetime.commissioned = own }
        if case .decommissioning(let own) = settings.value(ConfigTable.lifetimePath + ".decommission") { lifetime.decommission = own }
        return lifetime
    }

    private func number(_ value: ConfigValue?) -> Double? { if case .number(let number) = value { number } else { nil } }

    private func numbers(_ value: ConfigValue?) -> [Double]? { if case .numbers(let numbers) = value { numbers } else { nil } }

    private var output: OutputSpec {
        OutputSpec(
            timeColumn: known(settings.text("output.time_column")), timeType: choice("output.time_type"),
            calendarFlags: known(settings.boolean("output.calendar_flags")), floatType: choice("output.float_type"),
            compression: choice("output.compression"), sampleRows: known(settings.integer("output.sample_rows")),
            report: known(settings.boolean("output.report")),
            filename: known(settings.text("output.filename")))
    }

    private var truth: TruthSpec {
        TruthSpec(
            cells: known(settings.boolean("truth.cells")), components: known(settings.boolean("truth.components")),
            events: known(settings.boolean("truth.events")),
            horizon: known(settings.nullableText("truth.covariates")).map { known(TextRule.horizonDays($0)) },
            oracle: known(settings.boolean("truth.oracle")))
    }

    private func choice<Choice: RawRepresentable<String>>(_ path: String) -> Choice { choice(path, in: settings) }

    private func choice<Choice: RawRepresentable<String>>(_ path: String, in settings: ConfigSettings) -> Choice {
        known(Choice(rawValue: known(settings.text(path))))
    }

    /// A value that must be there, since no problem was found.
    private func known<Value>(_ value: Value?) -> Value {
        guard let value else { preconditionFailure("a spec is made only of settings without problems") }
        return value
    }
}
