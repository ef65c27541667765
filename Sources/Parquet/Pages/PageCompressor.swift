import CSnappy
import CZstd

/// Compresses page bodies of one chunk, with one context and one output buffer for all of them.
///
/// The result depends on the body alone, never on earlier pages.
package struct PageCompressor: ~Copyable {
    /// The zstd level of everything that compresses: dictionaries, levels, labels, times, byte planes. Measured on such pages, higher
    /// levels gain less than 2 % and cost twice the time.
    package static let zstdLevel: Int32 = 3

    private let compression: Compression
    private let context: OpaquePointer?
    private var output = ByteBuffer()

    package init(_ compression: Compression) {
        self.compression = compression
        context = compression == .zstd ? ZSTD_createCCtx() : nil
        precondition(compression != .zstd || context != nil, "no memory for a zstd context")
    }

    deinit { ZSTD_freeCCtx(context) }

    /// The stored form of `body`, valid until the next call and as long as `body`.
    package mutating func compress(_ body: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        switch compression {
        case .none: return body
        case .snappy:
            output.removeAll()
            appendSnappy(body)
        case .zstd:
            output.removeAll()
            appendFrame(body)
        }
        return output.bytes
    }

    /// As `compress`, but without any effort for the bytes from `noise` on, which are known not to compress.
    ///
    /// With zstd the result is one frame whose last blocks are raw: the cost of a copy instead of a search for matches. Snappy's own
    /// search gives up on such bytes by itself.
    package mutating func compress(_ body: UnsafeRawBufferPointer, noiseFrom noise: Int) -> UnsafeRawBufferPointer {
        guard compression == .zstd else { return compress(body) }
        output.removeAll()
        if noise == 0, !body.isEmpty {
            ZstdFrame.appendRaw(body, to: &output)
            return output.bytes
        }
        appendFrame(UnsafeRawBufferPointer(rebasing: body[..<noise]))
        ZstdFrame.extend(&output, by: UnsafeRawBufferPointer(rebasing: body[noise...]), content: body.count)
        return output.bytes
    }

    private mutating func appendSnappy(_ body: UnsafeRawBufferPointer) {
        var size = snappy_max_compressed_length(body.count)
        output.reserve(size)
        let input = body.bindMemory(to: CChar.self).baseAddress
        let room = UnsafeMutableRawPointer(output.start).assumingMemoryBound(to: CChar.self)
        let status = snappy_compress(input, body.count, room, &size)
        precondition(status == SNAPPY_OK, "snappy refused a page")
        output.append(count: size) { _ in }
    }

    private mutating func appendFrame(_ body: UnsafeRawBufferPointer) {
        let bound = ZSTD_compressBound(body.count)
        output.reserve(bound)
        let size = ZSTD_compressCCtx(context, output.start, bound, body.baseAddress, body.count, Self.zstdLevel)
        precondition(ZSTD_isError(size) == 0, "zstd refused a page")
        output.append(count: size) { _ in }
    }
}
