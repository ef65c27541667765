import Glibc

/// What the kernel says about this process: the `process_` metrics that every program of Prometheus's world has.
public struct ProcessReading: Equatable, Sendable {
    /// User and system time.
    public var cpuSeconds = 0.0
    /// Resident memory.
    public var residentBytes = 0.0
    /// Virtual memory.
    public var virtualBytes = 0.0
    /// Unix time of the process's start.
    public var startSeconds = 0.0
    /// Open file descriptors.
    public var descriptors = 0.0
    /// Most of them.
    public var descriptorLimit = 0.0

    /// Reads proc(5).
    /// - Returns: Nil where /proc is not there or not as its manual says.
    public static func now() -> ProcessReading? {
        guard let stat = file("/proc/self/stat"), let kernel = file("/proc/stat"), let limits = file("/proc/self/limits"),
            let descriptors = count(in: "/proc/self/fd")
        else { return nil }
        return ProcessReading(
            stat: stat, kernel: kernel, limits: limits, descriptors: descriptors, ticks: Double(sysconf(Int32(_SC_CLK_TCK))),
            page: Double(sysconf(Int32(_SC_PAGESIZE))))
    }

    /// - Parameters:
    ///   - stat: Text of /proc/self/stat.
    ///   - kernel: Text of /proc/stat, for the time of boot.
    ///   - limits: Text of /proc/self/limits.
    ///   - descriptors: Open file descriptors.
    ///   - ticks: Clock ticks per second.
    ///   - page: Bytes of a page.
    init?(stat: String, kernel: String, limits: String, descriptors: Int, ticks: Double, page: Double) {
        // The second field is the program's name in parentheses, which may hold anything.
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split { $0 == " " || $0 == "\n" }.map(String.init)
        func field(_ number: Int) -> Double? { fields.count > number - 3 ? Double(fields[number - 3]) : nil }
        guard let user = field(14), let system = field(15), let start = field(22), let virtual = field(23), let resident = field(24),
            let boot = kernel.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }).flatMap({ Double($0.dropFirst(6)) }),
            let limit = limits.split(separator: "\n").first(where: { $0.hasPrefix("Max open files") })
        else { return nil }
        cpuSeconds = (user + system) / ticks
        residentBytes = resident * page
        virtualBytes = virtual
        startSeconds = boot + start / ticks
        self.descriptors = Double(descriptors)
        let soft = limit.dropFirst("Max open files".utf8.count).split(separator: " ").first.map(String.init) ?? ""
        descriptorLimit = soft == "unlimited" ? .infinity : Double(soft) ?? 0
    }

    private static func file(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < 1 << 20 {
            let count = read(descriptor, &buffer, buffer.count)
            if count <= 0 { break }
            bytes += buffer.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func count(in path: String) -> Int? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Not `.`, `..` and the folder itself.
        return max(0, count - 3)
    }
}
