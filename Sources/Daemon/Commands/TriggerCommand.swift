import ArgumentParser
import Service

/// `fleetsynth trigger`: a run of the service now.
struct TriggerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trigger", abstract: "Lets the service run a dataset now.",
        discussion: """
            The run is queued and the command returns; `fleetsynth status` and the journal tell how it ends. Exit code 0: it runs or waits \
            for its turn; 66: there is no such dataset; 69: no service answers; 75: the dataset is paused, or the service is stopping.
            """)

    @Argument(help: "The dataset: its config file's name without .yaml.")
    var name: String

    @OptionGroup var control: ControlOptions

    func run() throws { try control.tell(.trigger(name)) }
}
