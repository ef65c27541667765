import Core
import Service
import Testing

@Suite("What a reload came to")
struct ReloadReportTests {
    private func version(_ file: String, _ content: String?) -> ReloadReport.Version {
        ReloadReport.Version(
            file: file, dataset: String(file.prefix { $0 != "." }), hash: content.map { ContentHash(of: Array($0.utf8)) })
    }

    private func report(_ before: [ReloadReport.Version], _ after: [ReloadReport.Version], refused: [String] = []) -> [String] {
        let refusals = refused.map { file in
            ReloadReport.Refusal(
                file: file, dataset: String(file.prefix { $0 != "." }),
                problems: [ConfigProblem(severity: .error, source: file, path: "", message: "m")])
        }
        return ReloadReport(before: before, after: after, refused: refusals, directory: "/conf", interruption: nil).configs
            .map { "\($0.outcome.rawValue) \($0.file) \($0.dataset)" }
    }

    @Test("Each file is listed once, with its path; one that is refused is not in force for the report, whatever it keeps")
    func once() {
        #expect(
            report(
                [version("a.yaml", "1"), version("b.yaml", "1")], [version("a.yaml", "1"), version("b.yaml", "2")], refused: ["a.yaml"])
                == ["refused /conf/a.yaml a", "applied /conf/b.yaml b"])
        #expect(report([version("a.yaml", "1")], [version("a.yaml", "1")]) == ["unchanged /conf/a.yaml a"])
    }

    @Test("What went is listed with its file, also where it was refused; a dataset whose file was renamed did not go")
    func removed() {
        #expect(
            report([version("a.yaml", "1"), version("x.yml", nil)], [])
                == ["removed /conf/a.yaml a", "removed /conf/x.yml x"])
        #expect(report([version("a.yml", "1")], [version("a.yaml", "1")]) == ["unchanged /conf/a.yaml a"])
        #expect(
            report([version("a.yaml", "1"), version("a.yml", nil)], [version("a.yaml", "1")])
                == ["unchanged /conf/a.yaml a", "removed /conf/a.yml a"])
    }

    @Test("An interruption is the whole answer where nothing is known, and the exit code says so")
    func interrupted() {
        let report = ReloadReport([], interruption: "there is no such directory")
        #expect(report.exitCode == 75)
        #expect(report.text == "The reload did not come to its end: there is no such directory")
        #expect(ReloadReport([]).text == "reload: no configs")
    }
}
