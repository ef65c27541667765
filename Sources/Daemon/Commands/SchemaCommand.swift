import ArgumentParser
import Core

/// `fleetsynth schema`: the config format, for editors and for people.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Prints the config format as JSON Schema (draft 2020-12).")

    @Flag(help: "Print the reference page in Markdown instead.")
    var markdown = false

    func run() { Console.resultText(markdown ? ConfigReference.markdown : ConfigSchema.json) }
}
