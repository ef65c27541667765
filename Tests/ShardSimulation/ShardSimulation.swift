import Core
import Glibc

/// Runs thousands of shards in a store in memory, with processes that die, start late or twice, and readers who look in between; prints what happened
/// as JSON. Times are those of a clock that only the simulation moves.
@main
struct ShardSimulation {
    static func main() async throws {
        let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        guard numbers.count == 4 else {
            print("usage: shard-simulation SHARDS SERVERS DAYS METRICS")
            exit(64)
        }
        var world = try World(shards: numbers[0], servers: numbers[1], days: numbers[2], metrics: numbers[3])
        try await world.run()
        print(try await world.report)
    }
}

/// The memory of this process, by the kernel's account.
enum ResidentMemory {
    /// Gives back what is free, and begins a new high-water mark.
    /// - Returns: Bytes in use.
    static func settle() -> Int {
        // Not in the module of the C library.
        if let trim = dlsym(nil, "malloc_trim") { _ = unsafeBitCast(trim, to: (@convention(c) (Int) -> Int32).self)(0) }
        if let file = fopen("/proc/self/clear_refs", "w") {
            fputs("5", file)
            fclose(file)
        }
        return field("VmRSS:")
    }

    /// The most bytes in use since `settle`.
    static var peak: Int { field("VmHWM:") }

    private static func field(_ name: String) -> Int {
        guard let file = fopen("/proc/self/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, 256, file) != nil {
            let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) }
            if text.hasPrefix(name) { return (text.split { !$0.isNumber }.first.flatMap { Int($0) } ?? 0) * 1024 }
        }
        return 0
    }
}
