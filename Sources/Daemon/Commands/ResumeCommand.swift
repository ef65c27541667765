import ArgumentParser
import Service

/// `fleetsynth resume`: the end of a pause.
struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Ends the pause of a dataset, and runs what was kept meanwhile.",
        discussion: "Exit code 66: there is no such dataset; 69: no service answers.")

    @Argument(help: "The dataset: its config file's name without .yaml.")
    var name: String

    @OptionGroup var control: ControlOptions

    func run() throws { try control.tell(.resume(name)) }
}
