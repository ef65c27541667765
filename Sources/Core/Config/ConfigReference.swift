/// The reference page of the format, made from the table of keys.
public enum ConfigReference {
    /// `docs/CONFIG.md`.
    public static var markdown: String {
        introduction + ConfigTable.sections.map(section).joined() + problems
    }

    private static let introduction = """
        # The config file

        This page is made from the table that validates (`fleetsynth schema --markdown`); a test keeps the two equal.

        One YAML file is one dataset, and the file's name without `.yaml` or `.yml` is the dataset's name: 1 to 100 letters, digits, dots,
        underscores and hyphens, starting with a letter or digit. Every key has a default, so this is a whole config:

        ```yaml
        data_generation: {}
        ```

        `config/config.yaml` spells out every default. `fleetsynth validate FILE` names everything that is wrong with a file,
        `fleetsynth plan --config FILE` shows every value and who gave it, and `fleetsynth schema` prints the format as JSON Schema.

        ## How values are read

        YAML is read strictly, so that no two readers can take a value for two things:

        - Booleans are `true` and `false`. `yes`, `no`, `on` and `off` are refused.
        - Numbers are written as JSON writes them: `120`, `-3`, `0.5`, `1e-3`. Not `.5`, `5.`, `+5`, `007`, `1_000`, `0x1F`, `.inf`.
        - What a reader of YAML may take for a number or a boolean is no text: a label `NO` or `007` needs quotes. A number in quotes is
          no number.
        - `null` is a value only where the table says so. A section with nothing in it is the same as `{}`.
        - Refused: a key given twice, an unknown key, merge keys (`<<`), tags other than YAML's own, a second document.
        - Anchors and aliases are fine. Bounds: 1 MiB of UTF-8, 50,000 values after expansion, 32 levels, 64 KiB in one text.

        ## Overrides

        Precedence: command line, environment, file, default.

        - `--set data_generation.num_servers=500`, as often as needed; the value is YAML, so lists and mappings work:
          `--set 'data_generation.metadata.regions=[eu-west-1, eu-central-1]'`. `--env lambda` is `--set general.env=lambda`.
        - `FLEETSYNTH__DATA_GENERATION__NUM_SERVERS=500`: the path in upper case, two underscores between its parts.
        - One metric, by name or by place: `--set data_generation.metrics.cpu_p95.base_mean=50`,
          `--set data_generation.metrics[0].base_mean=50`, `FLEETSYNTH__DATA_GENERATION__METRICS__CPU_P95__BASE_MEAN=50`.
        - What the config names itself, by that name: `--set data_generation.incidents.failover.per_year=6`,
          `--set data_generation.metadata_effects.criticality.High.cpu_p95=1.2`. Lists and labels are set as a whole.
        - A mapping for a section or a metric: `--set 'data_generation.mess={ unit_slip: { per_year: 1, duration: 1d } }'` sets the keys that it
          has and leaves the others. For what the config names itself it replaces what is there: `data_generation.incidents.failover={...}` is
          the whole incident.
        - A variable's name knows no small letters. A name of the config's own in it is the one that is there in any case; one that is not there yet
          is taken in small letters, so `--set`, or a mapping as the variable's value, is the way to add `Low` or `eu-west-1`.

        An override that names no key is an error, and a value of the file is checked even when an override hides it.

        """

    private static let problems = """

        ## Problems

        All problems of a file are reported at once, sorted by place:

        ```
        config.yaml:4:16: data_generation.num_servers: "500" is text; expected a whole number from 1 to 100000000
               4 |   num_servers: "500"
                 |                ^~~~~
            remedy: remove the quotes: 500
        ```

        Relations between keys that are errors: `start_date` after `end_date`; `min_clip` not below `max_clip`; `base_mean` outside the clip
        range; a clip range that does not fit 31 bits at the given `decimals`; a `server_id.width` too small for `num_servers`; two columns
        of one name; a calendar that is neither shipped nor in `calendars`; weights and shares that do not sum to 1; archetypes, factors,
        calendars and time zones for labels or metrics that the dataset does not have; logistic growth without `growth_limit`; changes of metrics or labels that there are
        not; a fleet that grows to another number than `num_servers`; `growth` beside `commissioned`; `date32` for rows of a part of a day;
        half-lives of noise out of their bounds, a `noise_kurtosis` too small for its skewness, and noise correlations that cannot hold together;
        more levels than fit into memory; incidents of labels, servers or metrics that the dataset does not have, of keys that do not go with
        their kind, that begin more often than every second step, or more than 100,000 of them; targets outside the clip range; outages over
        more than 90 per cent of the time; `use_s3` without `bucket_name`; `truth.components` without `truth.cells`; covariates beyond the
        year 2261; more than 10^12 rows; two datasets that may write the same key, and two files that give the same
        dataset; a schedule that never fires. Warnings: a `missing_rate` above `quality.max_missing_share`; a diurnal profile or time zones with
        daily rows, on which they have no effect; a step in a schedule that leaves one number; a calendar that is not used; removed days that
        are no holidays; a `growth_limit` without logistic growth; declared incidents outside the window; outages that leave more cells without values
        than `quality.max_missing_share`; thresholds of load without a rate.

        """

    private static func section(_ section: ConfigSection) -> String {
        var result = "\n## \(section.title)\n\n\(section.doc)\n"
        let keys = ConfigTable.keys(in: section.path)
        guard !keys.isEmpty else { return result }
        result += "\n| Key | Value | Default | Unit | Meaning | Example |\n| --- | --- | --- | --- | --- | --- |\n"
        for key in keys {
            let cells = ["`\(key.name)`", key.expectation, fallback(key), key.unit, key.doc, "`\(key.example)`"]
            result += "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
        }
        return result
    }

    private static func fallback(_ key: ConfigKey) -> String {
        switch key.fallback {
        case .value(let text): "`\(text)`"
        case .derived(let words): words
        case .absent(let words): "none: \(words)"
        case .required: "must be given"
        }
    }
}
