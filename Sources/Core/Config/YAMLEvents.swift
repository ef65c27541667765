import CLibYAML

/// libyaml's events as Swift values. The parser lives on the heap because libyaml keeps pointers into it.
struct YAMLEvents: ~Copyable {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd, sequenceEnd, mappingEnd
        case alias(String)
        case scalar(Document.Scalar, tag: String?, anchor: String?)
        case sequenceStart(tag: String?, anchor: String?)
        case mappingStart(tag: String?, anchor: String?)
    }

    struct Event {
        var kind: Kind
        var place: Document.Place
    }

    /// What libyaml says about text that is not YAML.
    struct Failure: Error {
        var message: String
        var place: Document.Place
        /// Line on which the structure starts that could not be read, when known.
        var contextLine: Int?
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// - Parameter input: UTF-8 without byte order mark; must outlive the value.
    init(_ input: UnsafeBufferPointer<UInt8>) {
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        // Fails only for want of memory, which Swift does not survive either.
        precondition(yaml_parser_initialize(parser) == 1, "out of memory")
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event. Not to be called after `.streamEnd` or a failure.
    mutating func next() throws(Failure) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        let (start, end) = (event.start_mark, event.end_mark)
        let place = Document.Place(
            line: Int(start.line) + 1, column: Int(start.column) + 1, endLine: Int(end.line) + 1, endColumn: Int(end.column) + 1)
        return Event(kind: Self.kind(of: event), place: place)
    }

    private static func kind(of event: yaml_event_t) -> Kind {
        switch event.type {
        case YAML_STREAM_START_EVENT: .streamStart
        case YAML_DOCUMENT_START_EVENT: .documentStart
        case YAML_DOCUMENT_END_EVENT: .documentEnd
        case YAML_ALIAS_EVENT: .alias(string(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            .scalar(
                Document.Scalar(
                    text: String(
                        decoding: UnsafeBufferPointer(start: event.data.scalar.value, count: event.data.scalar.length), as: UTF8.self),
                    isPlain: event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE),
                tag: string(event.data.scalar.tag), anchor: string(event.data.scalar.anchor))
        case YAML_SEQUENCE_START_EVENT:
            .sequenceStart(tag: string(event.data.sequence_start.tag), anchor: string(event.data.sequence_start.anchor))
        case YAML_SEQUENCE_END_EVENT: .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            .mappingStart(tag: string(event.data.mapping_start.tag), anchor: string(event.data.mapping_start.anchor))
        case YAML_MAPPING_END_EVENT: .mappingEnd
        default: .streamEnd
        }
    }

    private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? { text.map { String(cString: $0) } }

    private func failure() -> Failure {
        let mark = parser.pointee.problem_mark
        let place = Document.Place(
            line: Int(mark.line) + 1, column: Int(mark.column) + 1, endLine: Int(mark.line) + 1, endColumn: Int(mark.column) + 2)
        var message = parser.pointee.problem.map { String(cString: $0) } ?? "it could not be read"
        var contextLine: Int?
        if let context = parser.pointee.context {
            message += " \(String(cString: context))"
            contextLine = Int(parser.pointee.context_mark.line) + 1
        }
        return Failure(message: message, place: place, contextLine: contextLine)
    }
}
