extension CanonicalJSON {
    /// The canonical text as UTF-8, with its final newline.
    package var bytes: [UInt8] {
        var output: [UInt8] = []
        write(to: &output, depth: 0)
        output.append(UInt8(ascii: "\n"))
        return output
    }

    /// The canonical text of an object that lacks a member, and where that belongs.
    ///
    /// - Parameters:
    ///   - members: The others, one of them after `name` in the order of bytes.
    ///   - name: The name of the member that is left out.
    /// - Returns: The text, and the offset in it at which a new line with that member and a comma makes the text with it.
    static func text(of members: [String: CanonicalJSON], without name: String) -> (bytes: [UInt8], seam: Int) {
        var output: [UInt8] = []
        let seam = write(members, to: &output, depth: 0, seamOf: name)
        output.append(UInt8(ascii: "\n"))
        guard let seam else { preconditionFailure("no member comes after \(name)") }
        return (output, seam)
    }

    private func write(to output: inout [UInt8], depth: Int) {
        switch self {
        case .null: output += "null".utf8
        case .bool(let value): output += (value ? "true" : "false").utf8
        case .number(let text): Self.append(text, to: &output)
        case .string(let text): Self.quote(text, to: &output)
        case .object(let members): Self.write(members, to: &output, depth: depth)
        case .array(let values):
            output.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                Self.newLine(depth + 1, to: &output)
                value.write(to: &output, depth: depth + 1)
            }
            if !values.isEmpty { Self.newLine(depth, to: &output) }
            output.append(UInt8(ascii: "]"))
        }
    }

    @discardableResult
    private static func write(
        _ members: [String: CanonicalJSON], to output: inout [UInt8], depth: Int, seamOf name: String? = nil
    ) -> Int? {
        var seam: Int?
        output.append(UInt8(ascii: "{"))
        for (index, member) in members.sorted(by: { $0.key.precedesInBytes($1.key) }).enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            if let name, seam == nil, name.precedesInBytes(member.key) { seam = output.count }
            newLine(depth + 1, to: &output)
            quote(member.key, to: &output)
            output.append(UInt8(ascii: ":"))
            output.append(UInt8(ascii: " "))
            member.value.write(to: &output, depth: depth + 1)
        }
        if !members.isEmpty { newLine(depth, to: &output) }
        output.append(UInt8(ascii: "}"))
        return seam
    }

    private static func newLine(_ depth: Int, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\n"))
        for _ in 0..<2 * depth { output.append(UInt8(ascii: " ")) }
    }

    private static func append(_ text: String, to output: inout [UInt8]) {
        var copy = text
        copy.withUTF8 { output.append(contentsOf: $0) }
    }

    private static func quote(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        defer { output.append(UInt8(ascii: "\"")) }
        // Nearly always; manifests of thousands of parts are nothing but such texts.
        var copy = text
        let isPlain = copy.withUTF8 { bytes in
            guard bytes.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") && $0 != 0x7F }) else {
                return false
            }
            output.append(contentsOf: bytes)
            return true
        }
        if isPlain { return }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): output += "\\\"".utf8
            case UInt8(ascii: "\\"): output += "\\\\".utf8
            case 0x0A: output += "\\n".utf8
            case 0x0D: output += "\\r".utf8
            case 0x09: output += "\\t".utf8
            case 0..<0x20, 0x7F:
                output += (byte < 16 ? "\\u000" : "\\u00").utf8
                output += String(byte, radix: 16).utf8
            default: output.append(byte)
            }
        }
    }
}
