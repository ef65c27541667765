/// Names of journal fields. Journald drops a field with a bad name without a word, so names are made good here (S17).
public enum JournalField {
    /// Longest name that journald takes, in bytes.
    static let nameLimit = 64

    /// What an entry says about itself: metadata must not pass for it.
    private static let reserved: Set<String> = [
        "MESSAGE", "MESSAGE_ID", "PRIORITY", "CODE_FILE", "CODE_LINE", "CODE_FUNC", "SYSLOG_IDENTIFIER", "SYSLOG_FACILITY", "SYSLOG_PID",
        "SYSLOG_TIMESTAMP", "SYSLOG_RAW", "INVOCATION_ID", "TID", "LOST_ENTRIES", "OTHER_DATA",
    ]

    /// The field's name for a metadata key: upper case, digits and underscores, no underscore or digit first, at most 64 bytes.
    ///
    /// Characters that are not allowed become underscores; a name that an entry uses itself, or that starts with a digit, gets the prefix
    /// `FIELD_`.
    /// - Returns: nil if nothing of the key is left.
    public static func name(for key: String) -> String? {
        var name: [UInt8] = []
        for byte in key.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): name.append(byte - 0x20)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): name.append(byte)
            default: if !name.isEmpty { name.append(UInt8(ascii: "_")) }
            }
        }
        guard let first = name.first else { return nil }
        let text = String(decoding: name, as: UTF8.self)
        let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        return String((isDigit || reserved.contains(text) ? "FIELD_" + text : text).prefix(nameLimit))
    }
}
