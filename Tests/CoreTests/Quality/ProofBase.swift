import Core
import Testing

/// What the proof of the gate asks for: small datasets that between them have everything that the gate measures.
enum ProofBase: String, CaseIterable, Sendable, CustomTestStringConvertible {
    /// The usual effects, by the day.
    case plain
    /// Noise with memory, tails and correlation.
    case noisy
    /// The effects of the business calendar.
    case business
    /// Hours, kinds of servers, labels with factors and headroom.
    case hours
    /// What goes wrong with the measuring.
    case mess
    /// What is drawn for whole servers: kinds, lives, incidents, changes, shared factors.
    case fleet
    /// Most cells missing, where noise remembers and where weekends lie at a bound.
    case sparse

    var testDescription: String { rawValue }

    /// - Parameters:
    ///   - servers: How many; nil for as many as show a moderate bias.
    ///   - text: The config, which is another one where a generator is wrong.
    func spec(servers: Int? = nil, seed: UInt64 = 42, text: String? = nil) -> DatasetSpec {
        var spec = Specs.dataset(text ?? self.text)
        if let servers { spec.data.servers = servers }
        spec.data.seed = seed
        spec.output.compression = .none
        return spec
    }

    var text: String {
        switch self {
        case .plain:
            """
            data_generation:
              num_servers: 120
              start_date: 2022-01-01
              end_date: 2024-12-31
              metrics: { cpu: { base_mean: 45, base_std: 12, min_clip: 1, max_clip: 99, growth_per_year: 0.1, outlier_rate: 0.004 } }
            """
        case .noisy:
            """
            data_generation:
              num_servers: 120
              start_date: 2022-01-01
              end_date: 2024-12-31
              noise_correlation: { cpu: { net: 0.4 } }
              metrics:
                cpu: { base_mean: 40, base_std: 6, noise_half_life: 3d }
                disk: { base_mean: 45, base_std: 3, noise_skewness: 1.5, noise_kurtosis: 5, decimals: null }
                net: { base_mean: 300, base_std: 30, max_clip: 2000, noise_kurtosis: 1.5, decimals: 4 }
            """
        case .business:
            """
            data_generation:
              num_servers: 250
              start_date: 2022-01-01
              end_date: 2025-12-31
              business_calendar: { eoq_ramp_days: 3, holiday_ramp_days: 2, fiscal_year_end_month: 6, freeze_days: [02-01..02-20] }
              metrics:
                cpu:
                  base_mean: 45
                  base_std: 8
                  server_bias_std: 3
                  month_end_multiplier: 1.12
                  fiscal_year_end_multiplier: 1.2
                  payroll_multiplier: 1.15
                  patch_multiplier: 1.2
                  freeze_multiplier: 0.85
                  bridge_multiplier: 0.8
            """
        case .hours:
            """
            data_generation:
              num_servers: 120
              granularity: hourly
              start_date: 2024-02-01
              end_date: 2024-03-15
              metadata: { time_zones: { us-west-2: Asia/Kathmandu } }
              metadata_effects: { criticality: { High: { cpu: 1.15 } }, region: { eu-west-1: { cpu: { headroom: 0.7 } } } }
              archetypes:
                web: { share: 0.6, metrics: { cpu: { level_factor: 0.9, diurnal_profile: office } } }
                batch: { share: 0.4, metrics: { cpu: { base_mean: 60, base_std: 8, diurnal_profile: night-batch } } }
              metrics: { cpu: { base_mean: 40, base_std: 8 } }
            """
        case .mess:
            """
            data_generation:
              num_servers: 200
              granularity: hourly
              start_date: 2024-01-01
              end_date: 2024-02-15
              metrics: { cpu: { base_mean: 45, base_std: 12 } }
              mess:
                agent_outage: { per_year: 12, duration: 12h }
                collector_outage: { per_year: 60, duration: 2h }
                stuck_sensor: { per_year: 12, duration: 6h }
                unit_slip: { per_year: 12, duration: 6h, factor: 0.1 }
                late_start: { share: 0.2, within: 20d, from: 2024-01-01 }
                missing_under_load: { above: { cpu: 60 }, rate: 0.1 }
                duplicate_rows: { rate: 0.004 }
                late_rows: { rate: 0.02, delay: [2h, 36h], arrival_column: ingested_at }
            quality: { max_missing_share: 1 }
            """
        case .fleet:
            """
            data_generation:
              num_servers: 3000
              start_date: 2022-01-01
              end_date: 2023-12-31
              archetypes:
                web: { share: { Retail: 0.7, Investment: 0.4, Wealth: 0.5, Corporate: 1 }, metrics: { cpu: { level_factor: 0.9 } } }
                batch: { share: { Retail: 0.3, Investment: 0.6, Wealth: 0.5, Corporate: 0 } }
              lifetime: { commissioned: { share: 0.3, from: 2022-03-01, to: 2022-12-31 }, decommission: { per_year: 0.1, from: 2022-01-01 } }
              incidents:
                leaks: { kind: memory-leak, per_year: 1, scope: server, rate_factors: { criticality: { High: 0.5 } }, duration: 6d, metrics: { cpu: { target: 96 } } }
                weather: { kind: shared-factor, scope: region, duration: 3d, metrics: { cpu: 0.1 } }
              changes:
                moves: { kind: migration, at: [2023-03-01], share: 0.4, metrics: { cpu: 0.8 } }
                shifts: { kind: level-shift, per_year: 0.3, metrics: { cpu: [0.8, 1.3] } }
              metrics: { cpu: { base_mean: 45, base_std: 12 } }
            """
        case .sparse:
            """
            data_generation:
              num_servers: 300
              start_date: 2022-01-01
              end_date: 2023-12-31
              metrics:
                cpu: { base_mean: 50, base_std: 10, noise_slow_share: 0.6, noise_slow_half_life: 20d, missing_rate: 0.8 }
                mem: { base_mean: 50, base_std: 10, noise_half_life: 60d, missing_rate: 0.4 }
                net: { base_mean: 50, base_std: 3, weekly_pattern_factor: 0.2, min_clip: 20, missing_rate: 0.5 }
            quality: { max_missing_share: 1 }
            """
        }
    }
}
