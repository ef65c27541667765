/// One connection's talk: bytes come in, lines are answered one at a time. A value without a socket.
///
/// While a line is being answered nothing more is read, so a client that sends without reading fills its own buffers, not ours.
struct ControlExchange {
    /// What to do next.
    enum Step: Equatable {
        /// Read on.
        case read
        /// Wait for the answer that is being made or sent.
        case wait
        /// Answer this line.
        case answer([UInt8])
        /// Say that the line is too long, and end.
        case refuseLength
        /// End.
        case close
    }

    private var input: [UInt8] = []
    private var isAnswering = false
    private var isEnded = false

    /// Whether there is a line without an answer.
    var isBusy: Bool { isAnswering }

    /// Whether more bytes are wanted.
    var wantsInput: Bool { !isAnswering && !isEnded }

    /// Bytes came.
    mutating func received(_ bytes: some Sequence<UInt8>) -> Step {
        input += bytes
        return next()
    }

    /// The client sends nothing more; it may still read.
    mutating func ended() -> Step {
        isEnded = true
        return next()
    }

    /// The answer is sent.
    mutating func answered() -> Step {
        isAnswering = false
        return next()
    }

    private mutating func next() -> Step {
        if isAnswering { return .wait }
        while !input.isEmpty {
            let newline = input.prefix(ControlRequest.maximumBytes).firstIndex(of: UInt8(ascii: "\n"))
            // The last line may lack its newline, as when a shell pipes it in.
            guard let end = newline ?? (isEnded && input.count <= ControlRequest.maximumBytes ? input.endIndex : nil) else { break }
            let line = Array(input[..<end])
            input.removeSubrange(..<min(end + 1, input.endIndex))
            if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }) { continue }
            isAnswering = true
            return .answer(line)
        }
        if input.count >= ControlRequest.maximumBytes {
            input = []
            isEnded = true
            isAnswering = true
            return .refuseLength
        }
        return isEnded ? .close : .read
    }
}
