import CExpat

/// An element of a small XML document: its name without prefix, its text, and the elements in it.
package struct XMLNode: Sendable, Equatable {
    /// Without a namespace's prefix.
    package let name: String
    /// The text directly in the element.
    package fileprivate(set) var text = ""
    /// In the order of the document.
    package fileprivate(set) var children: [XMLNode] = []

    /// The first element of a name.
    package func first(_ name: String) -> XMLNode? { children.first { $0.name == name } }

    /// All elements of a name.
    package func all(_ name: String) -> [XMLNode] { children.filter { $0.name == name } }

    /// The text of an element by its place, of each name the first: `AssumeRoleResponse/AssumeRoleResult/Credentials/AccessKeyId`, the root
    /// included.
    package func text(at place: String) -> String? {
        let names = place.split(separator: "/").map(String.init)
        guard names.first == name else { return nil }
        return names.dropFirst().reduce(self as XMLNode?) { node, name in node?.first(name) }?.text
    }

    /// The text of the first element of a name.
    package func value(_ name: String) -> String? { first(name)?.text }
}

extension XMLNode {
    /// What an answer may hold at most. A listing of 1,000 keys has some 10,000 elements.
    private enum Limit {
        static let depth = 16
        static let elements = 50_000
        static let bytes = 8 << 20
    }

    /// Reads a document; nil for anything that is none, has a document type (so that no entity is ever expanded), or is larger than an answer of S3
    /// can be. White space before the document is skipped: S3 sends it to keep a connection alive.
    package init?(parsing bytes: [UInt8]) {
        let start = bytes.firstIndex { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } ?? bytes.endIndex
        let body = bytes[start...]
        guard !body.isEmpty, body.count <= Limit.bytes, let parser = XML_ParserCreate("UTF-8") else { return nil }
        defer { XML_ParserFree(parser) }
        let builder = Builder()
        let root: XMLNode? = withExtendedLifetime(builder) {
            XML_SetUserData(parser, Unmanaged.passUnretained(builder).toOpaque())
            XML_SetElementHandler(
                parser, { data, name, _ in Builder.of(data)?.open(name) }, { data, _ in Builder.of(data)?.close() })
            XML_SetCharacterDataHandler(parser) { data, text, count in Builder.of(data)?.add(text, Int(count)) }
            XML_SetStartDoctypeDeclHandler(parser) { data, _, _, _, _ in Builder.of(data)?.isRefused = true }
            let status = body.withUnsafeBytes { raw in
                XML_Parse(parser, raw.bindMemory(to: CChar.self).baseAddress, Int32(raw.count), 1)
            }
            return status == XML_STATUS_OK && !builder.isRefused ? builder.root : nil
        }
        guard let root else { return nil }
        self = root
    }

    /// Collects what the parser tells.
    private final class Builder {
        var root: XMLNode?
        var isRefused = false
        private var open: [XMLNode] = []
        private var elements = 0

        static func of(_ data: UnsafeMutableRawPointer?) -> Builder? {
            data.map { Unmanaged<Builder>.fromOpaque($0).takeUnretainedValue() }
        }

        func open(_ name: UnsafePointer<CChar>?) {
            elements += 1
            if elements > Limit.elements || open.count >= Limit.depth { isRefused = true }
            guard !isRefused, let name else { return }
            let full = String(cString: name)
            open.append(XMLNode(name: String(full.split(separator: ":").last ?? "")))
        }

        func add(_ text: UnsafePointer<CChar>?, _ count: Int) {
            guard !isRefused, !open.isEmpty, let text else { return }
            let bytes = UnsafeRawBufferPointer(start: text, count: count)
            open[open.count - 1].text += String(decoding: bytes, as: UTF8.self)
        }

        func close() {
            guard !isRefused, let node = open.popLast() else { return }
            if open.isEmpty { root = node } else { open[open.count - 1].children.append(node) }
        }
    }
}

/// Text for an XML document of ours.
enum XMLText {
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
