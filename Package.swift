// swift-tools-version: 6.2
import PackageDescription

/// Every target is built the same way: warnings are errors, imports stay internal, and an async function runs where its caller runs
/// (so that publication I/O follows its caller, one call at a time, while the pool generates).
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "fleetsynth",
    products: [.executable(name: "fleetsynth", targets: ["fleetsynth"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.86.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.34.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    ],
    targets: [
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CSnappy", providers: [.apt(["libsnappy-dev"])]),
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .target(name: "CLinux"),
        .target(name: "Kernels"),
        .target(name: "Parquet", dependencies: ["Kernels", "CZstd", "CSnappy"], swiftSettings: strict),
        .target(
            name: "Core",
            dependencies: [
                "Parquet", "Kernels", "CLibYAML", "CLinux",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict),
        .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
        .target(
            name: "S3",
            dependencies: [
                "Core", "CExpat",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        .target(name: "Systemd", dependencies: ["CSystemd", .product(name: "Logging", package: "swift-log")], swiftSettings: strict),
        // What the service does, short of being one: watching, schedules, the run queue, the control socket.
        .target(name: "Service", dependencies: ["Core", "CLinux"], swiftSettings: strict),
        // Pictures and pages of a run: charts as SVG, one self-contained HTML file.
        .target(
            name: "Reports", dependencies: ["Core", .product(name: "Mustache", package: "swift-mustache")], swiftSettings: strict),
        // The status page, its JSON interface and the metrics, over HTTP.
        .target(
            name: "Web",
            dependencies: [
                "Core", "Service", .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            // In the program itself: it is installed alone.
            resources: [.embedInCode("Resources")], swiftSettings: strict),
        // The runtime of a function of AWS Lambda: events in, answers out; what is done with them comes in as a closure.
        .target(
            name: "Lambda",
            dependencies: [
                .product(name: "AsyncHTTPClient", package: "async-http-client"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "fleetsynth",
            dependencies: [
                "Core", "S3", "Service", "Systemd", "Reports", "Web", "Lambda", "CLinux",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/Daemon",
            swiftSettings: strict),
        // Writes the files that Tests/Interop reads with other people's readers.
        .executableTarget(name: "s3-signatures", dependencies: ["S3"], path: "Tests/S3Signatures", swiftSettings: strict),
        .executableTarget(name: "parquet-cases", dependencies: ["Parquet"], path: "Tests/ParquetCases", swiftSettings: strict),
        .executableTarget(name: "shard-simulation", dependencies: ["Core"], path: "Tests/ShardSimulation", swiftSettings: strict),
        .testTarget(name: "ParquetTests", dependencies: ["Parquet", "Kernels"], swiftSettings: strict),
        .testTarget(
            name: "SystemdTests", dependencies: ["Systemd", .product(name: "Logging", package: "swift-log")], swiftSettings: strict),
        .testTarget(
            name: "S3Tests", dependencies: ["S3", "Core", .product(name: "NIOCore", package: "swift-nio")], exclude: ["serve.py"],
            swiftSettings: strict),
        .testTarget(name: "ReportsTests", dependencies: ["Reports", "Core"], swiftSettings: strict),
        .testTarget(name: "ServiceTests", dependencies: ["Service", "Core"], swiftSettings: strict),
        .testTarget(
            name: "WebTests",
            dependencies: ["Web", "Service", "Core", .product(name: "Hummingbird", package: "hummingbird")], swiftSettings: strict),
        .testTarget(
            name: "CoreTests", dependencies: ["Core", "Kernels", "Parquet"], resources: [.copy("Config/Fixtures")], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
