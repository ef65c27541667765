import Kernels

/// Makes one metric's noise for the servers of one class: unit variance, one number per step.
///
/// ```
/// deviates of the metrics it is correlated with --mix--> --cubic--> --AR(1)--> * sqrt(1 - slow share) + slow component
/// ```
/// A number depends on the seed, the metrics' names, the server and the step alone, whatever steps are made with it.
package struct NoiseSource: Sendable {
    /// How the noise is distributed.
    package let law: NoiseLaw
    private let parts: [(stream: DrawStream, weight: Float)]
    private let slowStream: DrawStream

    /// - Parameters:
    ///   - parts: Of the innovations' deviates; nil for the metric's own alone.
    package init(metric: String, seed: UInt64, law: NoiseLaw, parts: [NoiseMixing.Part]?) {
        self.law = law
        self.parts = (parts ?? [NoiseMixing.Part(metric: metric, weight: 1)]).map {
            (DrawStream(seed: seed, purpose: .noise, metric: $0.metric), Float($0.weight))
        }
        slowStream = DrawStream(seed: seed, purpose: .slowNoise, metric: metric)
    }

    /// - Parameters:
    ///   - steps: Absolute, whole superblocks.
    ///   - out: One number per step.
    package func fill(_ out: UnsafeMutablePointer<Float>, server: UInt32, over steps: Range<Int>, scratch: NoiseScratch) {
        let start = law.memory?.start(steps.lowerBound) ?? steps.lowerBound
        let deviates = scratch.deviates(steps.upperBound - start)
        mix(deviates, server: server, from: start, count: steps.upperBound - start)
        if let memory = law.memory {
            memory.run(deviates, shape: law.shape, over: steps, into: out)
        } else if law.shape != .normal {
            var cubic = fleetsynth_memory(law.shape, nil)
            fleetsynth_cubic(deviates, Int32(steps.count), &cubic, out)
        } else {
            out.update(from: deviates, count: steps.count)
        }
        if let slow = law.slow { add(slow, server: server, over: steps, to: out, scratch: scratch) }
    }

    /// The deviates of the innovations.
    private func mix(_ out: UnsafeMutablePointer<Float>, server: UInt32, from start: Int, count: Int) {
        let (first, blocks) = (
            Int32(truncatingIfNeeded: floorDivide(start, StandardNormal.superblock)), Int32(count / StandardNormal.superblock)
        )
        if parts.count == 1 {
            fleetsynth_normals(parts[0].stream.seed, parts[0].stream.stream, server, first, blocks, out)
            return
        }
        fleetsynth_weighted_normals(parts[0].stream.seed, parts[0].stream.stream, server, first, blocks, parts[0].weight, out)
        for part in parts.dropFirst() {
            fleetsynth_add_normals(part.stream.seed, part.stream.stream, server, first, blocks, part.weight, out)
        }
    }

    private func add(
        _ slow: SlowNoise, server: UInt32, over steps: Range<Int>, to out: UnsafeMutablePointer<Float>, scratch: NoiseScratch
    ) {
        let nodes = slow.nodes(of: steps)
        let start = slow.memory.start(nodes.lowerBound)
        let superblock = StandardNormal.superblock
        let deviates = scratch.deviates(nodes.upperBound - start)
        fleetsynth_normals(
            slowStream.seed, slowStream.stream, server, Int32(truncatingIfNeeded: floorDivide(start, superblock)),
            Int32((nodes.upperBound - start) / superblock), deviates)
        let values = scratch.nodes(nodes.count + 16)
        slow.memory.run(deviates, shape: .normal, over: nodes, into: values)
        (values + nodes.count).update(repeating: 0, count: 16)
        slow.add(values, fast: Float(law.fast), over: steps, to: out)
    }
}

/// Buffers of noise in the making, for one thread at a time.
package final class NoiseScratch {
    private var deviates: UnsafeMutableBufferPointer<Float> = .allocate(capacity: 0)
    private var nodes: UnsafeMutableBufferPointer<Float> = .allocate(capacity: 0)
    private var made: UnsafeMutableBufferPointer<Float> = .allocate(capacity: 0)

    package init() {}

    package func deviates(_ count: Int) -> UnsafeMutablePointer<Float> { Self.room(&deviates, count) }
    package func nodes(_ count: Int) -> UnsafeMutablePointer<Float> { Self.room(&nodes, count) }
    /// For the noise itself.
    package func row(_ count: Int) -> UnsafeMutablePointer<Float> { Self.room(&made, count) }

    private static func room(_ buffer: inout UnsafeMutableBufferPointer<Float>, _ count: Int) -> UnsafeMutablePointer<Float> {
        if buffer.count < count {
            buffer.deallocate()
            buffer = .allocate(capacity: count)
        }
        return buffer.baseAddress.unsafelyUnwrapped
    }

    deinit {
        deviates.deallocate()
        nodes.deallocate()
        made.deallocate()
    }
}
