import Core
import Testing

@Suite("Truth of servers that begin and end")
struct TruthLifetimesTests {
    private static let lifetime =
        "{ commissioned: { share: 0.9, from: 2022-01-20, to: 2022-03-15 }, decommission: { per_year: 2, from: 2022-01-20 } }"

    private static func plan(_ lifetime: String, _ more: String = "", decimals: Int? = 2) throws -> PanelPlan {
        let yaml = """
            data_generation:
              num_servers: 40
              start_date: 2022-01-01
              end_date: 2022-06-30
              lifetime: \(lifetime)
              \(more)
            """
        return try Specs.plan(
            Specs.dataset(yaml).data.with {
                $0.decimals = decimals
                ($0.outlierRate, $0.missingRate) = (0.02, 0.02)
            })
    }

    @Test(
        "cells of a server's life are those of a fleet that always exists, and outside of it nothing is published",
        arguments: [2, 4, nil] as [Int?])
    func cells(decimals: Int?) throws {
        let plans = (try Self.plan("{}", decimals: decimals), try Self.plan(Self.lifetime, decimals: decimals))
        let always = PanelGenerator(plans.0, changes: [EverythingSource()])
        let lives = PanelGenerator(plans.1, changes: [EverythingSource()])
        let lifetimes = ServerLifetimes(plans.1.spec.data)
        var (begun, flags) = (0, CellFlags())
        for server in plans.1.servers {
            let life = lifetimes.steps(server: server, in: plans.1.steps)
            // Within what happens to odd servers.
            if server % 2 == 1, (50..<62).contains(life.lowerBound) { begun += 1 }
            for metric in lives.signals.indices {
                let (all, own) = (always.truth(metric: metric, server: server), lives.truth(metric: metric, server: server))
                #expect(own[life] == all[life])
                #expect(own.indices.allSatisfy { life.contains($0) || own[$0].published == nil })
                #expect(own.map(\.published) == lives.values(metric: metric, server: server))
                flags = own[life].reduce(flags) { $0.union($1.flags) }
            }
        }
        #expect(begun > 1 && flags.isSuperset(of: [.incident, .lastingChange, .agentOutage, .collectorOutage, .stuckSensor, .unitSlip]))
    }

    private static let eventful = """
        mess: { agent_outage: { per_year: 20, duration: 2d }, collector_outage: { per_year: 12, duration: 1d }, \
        stuck_sensor: { per_year: 6, duration: 5d }, unit_slip: { per_year: 6, duration: 3d } }
          incidents:
            leaks: { kind: memory-leak, per_year: 9, scope: server, duration: 9d, metrics: { mem_p95: 1.4 } }
            releases: { kind: bad-release, per_year: 20, scope: region, duration: 2d, lag: 2d, share: 0.7, metrics: { cpu_p95: 1.6 } }
          changes:
            refresh: { kind: hardware-refresh, at: [2021-05-01, 2022-02-20], metrics: { cpu_p95: 0.7 } }
            shifts: { kind: level-shift, per_year: 3, ramp: 5d, metrics: { mem_p95: [0.8, 1.2] } }
        """

    private func events(_ plan: PanelPlan) throws -> [TruthEvent] {
        let (data, directory) = (plan.spec.data, ServerDirectory(plan.spec.data))
        let lasting = try #require(LastingPlan(data, steps: plan.steps, directory: directory)?.truth(data, atMost: 10_000, inForce: true))
        let incidents = try IncidentPlan(data, steps: plan.steps).truth(data, directory)
        return try lasting + incidents + MessPlan(data, steps: plan.steps).truth(data, directory)
    }

    @Test("an event names the servers that exist while it lasts, whatever part of the time is looked at")
    func namesServers() throws {
        let (always, plan) = (try Self.plan("{}", Self.eventful), try Self.plan(Self.lifetime, Self.eventful))
        let (all, some) = (try events(always), try events(plan))
        let known = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })
        let lifetimes = ServerLifetimes(plan.spec.data)
        #expect(some.count < all.count && Set(some.map(\.kind)) == Set(all.map(\.kind)))
        var fewer = 0
        for event in some {
            let before = try #require(known[event.id])
            #expect(event.servers.count > 0 && event.servers.count <= before.servers.count)
            fewer += event.servers.count < before.servers.count ? 1 : 0
            guard let listed = event.servers.listed else {
                #expect(event.servers == before.servers)
                continue
            }
            #expect(listed.count == event.servers.count)
            // Some day of the event, as far as the window shows it, is one of the server's.
            let first = Int(event.start / 86_400) - plan.days.start.number
            let end = event.end.map { Int(($0 + 86_399) / 86_400) - plan.days.start.number } ?? plan.steps.count
            let seen = max(0, first)..<min(plan.steps.count, max(first, end))
            guard first >= 0, end <= plan.steps.count else { continue }
            #expect(listed.allSatisfy { lifetimes.steps(server: $0, in: plan.steps).overlaps(seen) }, "\(event.id)")
        }
        #expect(fewer > 10)
        for (from, to) in [("2022-02-01", "2022-02-28"), ("2022-04-10", "2022-06-30")] {
            let part = try events(plan.slice(from: Specs.day(from), to: Specs.day(to), servers: nil))
            #expect(!part.isEmpty && Set(part).isSubset(of: some))
        }
    }

    @Test("tables have the same bytes for any number of threads, and the panel's rows", arguments: [Artifact.Role.truth, .events])
    func tables(role: Artifact.Role) async throws {
        var plan = try Self.plan(Self.lifetime, Self.eventful).spec
        plan.truth = TruthSpec(cells: true, components: true, events: true, horizon: nil, oracle: true)
        let generator = PanelGenerator(try PanelPlan(plan, today: Specs.day("2026-01-01")))
        func file(_ threads: Int) async throws -> [UInt8] {
            var bytes: [UInt8] = []
            let written = try await TruthTables(generator, threads: threads, rowsPerGroup: 700)
                .write(role, metadata: [], sink: { bytes += $0 })
            if role == .truth { #expect(written.rows == generator.plan.rows && written.rows < 40 * 181) }
            return bytes
        }
        let one = try await file(1)
        #expect(try await file(4) == one)
    }
}
