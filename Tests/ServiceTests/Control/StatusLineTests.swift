import Core
import Service
import Testing

@Suite("Status line")
struct StatusLineTests {
    private func line(_ change: (inout StatusLine) -> Void) -> String {
        var line = StatusLine(datasets: 12, refused: [], running: [], next: nil, failed: [], directory: "/etc/fleetsynth")
        change(&line)
        return line.text
    }

    @Test("S10: it names what runs and how far, what failed, what is refused and what comes next")
    func parts() {
        #expect(line { _ in } == "12 datasets in /etc/fleetsynth")
        #expect(line { $0.datasets = 1 } == "1 dataset in /etc/fleetsynth")
        let all = line {
            $0.refused = ["bad.yaml"]
            $0.running = [StatusLine.Running(dataset: "web", percent: 40), StatusLine.Running(dataset: "db", percent: 0)]
            $0.failed = ["old"]
            $0.next = StatusLine.Next(dataset: "db", due: Moment(secondsSince1970: 1_769_817_600))
        }
        #expect(
            all
                == "12 datasets in /etc/fleetsynth; 1 refused: bad.yaml; running web 40 %, db 0 %; failed: old; next db at 2026-01-31T00:00:00Z"
        )
    }

    @Test("Many names are counted, not listed")
    func many() {
        let text = line { $0.refused = (1...1000).map { "f\($0).yaml" } }
        #expect(text.hasSuffix("; 1000 refused: f1.yaml, f2.yaml, f3.yaml and 997 more"))
    }

    @Test("The share of a run rises in whole percent, and only a change is told")
    func board() {
        let board = ProgressBoard()
        #expect(!board.note("r", rows: 1) && board.percent("r") == 0)
        board.begin("r", rows: 1000)
        #expect(!board.note("r", rows: 9))
        #expect(board.note("r", rows: 10) && board.percent("r") == 1)
        #expect(!board.note("r", rows: 19))
        #expect(board.note("r", rows: 2000) && board.percent("r") == 100)
        board.remove("r")
        #expect(board.percent("r") == 0)
    }
}
