import ArgumentParser
import Service

/// `fleetsynth pause`: no runs of a dataset until `resume`.
struct PauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Lets the service hold a dataset until it is resumed, also over restarts.",
        discussion: """
            A run in progress goes on to its end. Changes of the config and times of the schedule are kept as one run for the end of the pause. \
            Exit code 66: there is no such dataset; 69: no service answers.
            """)

    @Argument(help: "The dataset: its config file's name without .yaml.")
    var name: String

    @OptionGroup var control: ControlOptions

    func run() throws { try control.tell(.pause(name)) }
}
