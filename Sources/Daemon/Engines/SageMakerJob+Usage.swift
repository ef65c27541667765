import ArgumentParser
import Core
import FoundationEssentials

/// A command line that cannot be read, in a job: no command runs then, and what is known of the job is what the words say.
extension SageMakerJob {
    /// Shows why the command line was refused where SageMaker looks for it; does nothing outside of a job and for what is no failure, as `--help`.
    ///
    /// - Parameter arguments: Without the program's name.
    static func report(refusal error: any Error, of arguments: [String]) {
        guard !Fleetsynth.exitCode(for: error).isSuccess,
            isNamed(in: arguments, environment: ProcessInfo.processInfo.environment[ConfigOptions.environmentVariable])
        else { return }
        ofThisProcess.report("error: \(Fleetsynth.message(for: error))")
    }

    /// Whether a command that is a job's work, or one that does not exist, is to run in SageMaker.
    ///
    /// - Parameter environment: What the environment says of `general.env`.
    private static func isNamed(in arguments: [String], environment: String?) -> Bool {
        let working = [GenerateCommand.configuration, CommitCommand.configuration].compactMap(\.commandName)
        let others = Fleetsynth.configuration.subcommands.compactMap { $0.configuration.commandName }.filter { !working.contains($0) }
        if let first = arguments.first, (others + ["help"]).contains(first) { return false }
        let set = values(of: "--set", in: arguments).last { $0.hasPrefix(ConfigOptions.environmentSet) }
            .map { String($0.dropFirst(ConfigOptions.environmentSet.count)) }
        return (values(of: "--env", in: arguments).last ?? set ?? environment) == RunEnvironment.sagemaker.rawValue
    }

    /// The words after an option, or behind its equals sign.
    private static func values(of option: String, in arguments: [String]) -> [String] {
        var result: [String] = []
        for (index, word) in arguments.enumerated() {
            if word == option, index + 1 < arguments.count { result.append(arguments[index + 1]) }
            if word.hasPrefix(option + "=") { result.append(String(word.dropFirst(option.count + 1))) }
        }
        return result
    }
}
