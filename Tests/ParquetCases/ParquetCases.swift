import Glibc
import Parquet

/// Writes every test file and beside it what a reader must find: `parquet-cases FOLDER`. The folder must exist.
@main
enum ParquetCases {
    static func main() {
        guard CommandLine.arguments.count == 2 else {
            fail("usage: parquet-cases FOLDER")
        }
        let folder = CommandLine.arguments[1]
        for file in Cases.all {
            write(file.bytes, to: "\(folder)/\(file.name).parquet")
            write(Array(file.expected.utf8), to: "\(folder)/\(file.name).json")
        }
        print("\(Cases.all.count) cases in \(folder)")
    }

    private static func write(_ bytes: [UInt8], to path: String) {
        guard let file = fopen(path, "w") else { fail("cannot create \(path)") }
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else { fail("cannot write \(path)") }
    }

    private static func fail(_ message: String) -> Never {
        let line = Array((message + "\n").utf8)
        _ = Glibc.write(STDERR_FILENO, line, line.count)
        exit(EXIT_FAILURE)
    }
}
