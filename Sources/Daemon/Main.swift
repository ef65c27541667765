import ArgumentParser

@main
struct Fleetsynth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "fleetsynth")
}
