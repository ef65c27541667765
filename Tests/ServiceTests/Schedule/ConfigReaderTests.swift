import Core
import Service
import Testing

@Suite("Config reader")
struct ConfigReaderTests {
    private func problems(_ text: String, flags: [(path: String, value: String)] = []) -> [ConfigProblem] {
        do throws(ConfigProblems) {
            _ = try ConfigReader.load(
                bytes: Array(text.utf8), file: "web.yaml", environment: [:], flags: flags, today: Day(number: 20_000))
            return []
        } catch {
            return error.problems
        }
    }

    @Test("C5: a time zone that this machine does not know is refused with its place")
    func unknownZone() throws {
        let problem = try #require(problems("data_generation: {}\nschedule:\n  cron: \"@daily\"\n  timezone: Mars/Olympus\n").first)
        #expect(problem.source == "web.yaml" && problem.line == 4 && problem.column == 13 && problem.path == "schedule.timezone")
        #expect(problem.message.contains("Mars/Olympus"))
        #expect(problems("data_generation: {}\nschedule: { cron: \"@daily\", timezone: Europe/Berlin }\n").isEmpty)
        // Without a schedule nobody looks at a clock.
        #expect(problems("data_generation: {}\nschedule: { timezone: Mars/Olympus }\n").isEmpty)
    }

    @Test("C5: one that a flag gave is the flag's problem")
    func flag() throws {
        let problem = try #require(
            problems("data_generation: {}\nschedule: \"@daily\"\n", flags: [(path: "schedule.timezone", value: "Nowhere/Land")]).first)
        #expect(problem.source == "flag schedule.timezone" && problem.line == nil)
    }
}
