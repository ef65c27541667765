import Core

extension ProfileSource {
    /// Longest run of `credential_process`.
    static let processTimeLimit = Duration.seconds(30)

    /// Keys that a program writes as JSON to its standard output (version 1 of the contract).
    func process(_ command: String, _ name: String) async throws(CredentialError) -> Credentials {
        let remedy = "Run its credential_process by hand to see what it says."
        guard let words = CommandWords.split(command), let program = words.first, !program.isEmpty else {
            throw invalid(name, "has a credential_process with an open quote or without a program", remedy: "Close it: there is no shell.")
        }
        let output: [UInt8]
        do {
            output = try await inputs.processes.run(
                words, environment: inputs.environment, timeLimit: Self.processTimeLimit, outputLimit: CredentialInputs.secretFileLimit)
        } catch {
            throw Self.error(error, name, program, remedy)
        }
        let what = "The output of the credential_process of profile \(quoted(name))"
        let document = try KeyDocument.object(output, what, remedy: remedy)
        guard document["Version"]?.integer(Int.self) == 1 else {
            throw CredentialError(.invalid, "\(what) is not of version 1.", remedy: remedy)
        }
        return try KeyDocument.credentials(document, source: "profile \(quoted(name)) (process)", remedy: remedy)
    }

    /// The program's name stands in errors, its arguments do not: they may be secrets.
    private static func error(_ problem: CredentialProcessProblem, _ name: String, _ program: String, _ remedy: String) -> CredentialError {
        let subject = "The credential_process of profile \(quoted(name)), \(quoted(program)),"
        return switch problem {
        case .notStarted(let code):
            CredentialError(.invalid, "\(subject) cannot be started (errno \(code)).", remedy: "Check its path and mode.")
        case .timedOut:
            CredentialError(.unavailable, "\(subject) did not end within \(processTimeLimit.components.seconds) s.", remedy: remedy)
        case .tooMuchOutput:
            CredentialError(.invalid, "\(subject) wrote more than \(CredentialInputs.secretFileLimit) bytes.", remedy: remedy)
        // Programs of this kind ask servers, so the next run may do better.
        case .failed(let status): CredentialError(.unavailable, "\(subject) ended with status \(status).", remedy: remedy)
        case .cancelled: .cancelled
        }
    }
}

/// A command line in words, without a shell: quotes and backslashes group, nothing is expanded.
package enum CommandWords {
    /// - Returns: nil if a quote stays open, a backslash ends the text, or there is a NUL or a line break.
    package static func split(_ text: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in text {
            if character == "\0" || character.isNewline { return nil }
            if isEscaped {
                // Inside double quotes a backslash is itself unless it protects a quote or another one.
                let isKept = quote != nil && character != "\"" && character != "\\"
                word = (word ?? "") + (isKept ? "\\" : "") + String(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "\"" || character == "'" {
                quote = character
                word = word ?? ""
            } else if character == " " || character == "\t" {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        return quote == nil && !isEscaped ? words : nil
    }
}
