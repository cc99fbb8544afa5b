// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "zoosh",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "ZKClient", targets: ["ZKCore", "ZKClient"]),
        .library(name: "ZKRecipes", targets: ["ZKRecipes"]),
        .executable(name: "zoosh", targets: ["zoosh"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .systemLibrary(name: "CReadline", providers: [.apt(["libreadline-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "ZKText", swiftSettings: settings),
        .target(name: "ShellLanguage", dependencies: ["ZKText"], swiftSettings: settings),
        .target(name: "ZKDigest", dependencies: ["ZKText"], swiftSettings: settings),
        .target(name: "ZKSystem", swiftSettings: settings),
        .target(name: "ZKCore", swiftSettings: settings),
        .target(name: "ZKWire", dependencies: ["ZKCore", nioCore], swiftSettings: settings),
        .target(name: "ZKTree", dependencies: ["ZKCore"], swiftSettings: settings),
        .target(name: "ZKStore", dependencies: ["ZKCore", "ZKWire", "CZlib", nioCore], swiftSettings: settings),
        .target(
            name: "ZKReplica", dependencies: ["ZKCore", "ZKTree", "ZKStore", nioCore], swiftSettings: settings),
        .target(
            name: "ZKClient", dependencies: ["ZKCore", "ZKWire", "ZKDigest", nioCore, nioPosix, nioSSL, logging],
            swiftSettings: settings),
        .target(name: "ZKRecipes", dependencies: ["ZKCore", "ZKClient"], swiftSettings: settings),
        .target(
            name: "ZKServer",
            dependencies: [
                "ZKCore", "ZKWire", "ZKTree", "ZKStore", "ZKText", "ZKDigest", nioCore, nioPosix, nioHTTP1, nioSSL,
                logging,
            ],
            swiftSettings: settings),
        .target(
            name: "ZKShell",
            dependencies: [
                "ZKText", "ShellLanguage", "ZKDigest", "ZKSystem", "ZKCore", "ZKClient", "ZKRecipes", "ZKStore",
                "ZKReplica", "CReadline", "CZlib",
            ],
            swiftSettings: settings),
        .target(
            name: "ZKBench", dependencies: ["ZKCore", "ZKWire", nioCore, nioPosix, histogram], swiftSettings: settings),
        .executableTarget(
            name: "zoosh", dependencies: ["ZKCore", "ZKShell", "ZKServer", "ZKBench", "ShellLanguage", logging],
            swiftSettings: settings),

        .target(name: "CSupport", path: "Tests/CSupport"),
        .target(
            name: "Support", dependencies: ["CSupport", nioCore, nioPosix], path: "Tests/Support",
            swiftSettings: settings),
        .target(
            name: "StoreSupport", dependencies: ["ZKCore", "ZKStore", "Support", nioCore], path: "Tests/StoreSupport",
            swiftSettings: settings),
        tests("SupportTests", ["Support"]),
        tests("ZKBenchTests", ["ZKBench", "Support"]),
        tests("ZKCoreTests", ["ZKCore", "Support"]),
        tests("ZKWireTests", ["ZKCore", "ZKWire", "Support", nioCore]),
        tests("ZKStoreTests", ["ZKCore", "ZKWire", "ZKStore", "Support", "StoreSupport", nioCore]),
        tests("ZKReplicaTests", ["ZKCore", "ZKStore", "ZKReplica", "Support", "StoreSupport", nioCore]),
        tests("ZKClientTests", ["ZKCore", "ZKWire", "ZKClient", "Support", nioCore, nioPosix, nioSSL]),
        tests("ZKRecipesTests", ["ZKCore", "ZKClient", "ZKRecipes", "Support", "zoosh"]),
        tests("ZKTreeTests", ["ZKCore", "ZKTree", "Support"]),
        tests(
            "ZKServerTests",
            [
                "ZKDigest", "ZKCore", "ZKWire", "ZKStore", "ZKTree", "ZKServer", "Support", "StoreSupport", nioCore,
                logging,
            ]),
        tests("ZKDigestTests", ["ZKDigest"]),
        tests(
            "ZKShellTests",
            [
                "ZKText", "ShellLanguage", "ZKDigest", "ZKSystem", "ZKCore", "ZKClient", "ZKRecipes", "ZKServer",
                "ZKShell",
                "ZKReplica", "Support",
            ]),
        tests("TerminalTests", ["ZKCore", "ZKClient", "ZKServer", "Support", "zoosh"]),
        tests("EnsembleTests", ["ZKCore", "ZKClient", "ZKRecipes", "Support", "zoosh"]),
        tests("ScenarioTests", ["ZKCore", "ZKClient", "ZKServer", "Support"]),
        tests(
            "DurabilityTests",
            ["ZKCore", "ZKClient", "ZKServer", "ZKStore", "ZKReplica", "Support", "StoreSupport", "zoosh", nioCore]),
        tests("CommandLineTests", ["ZKCore", "ZKClient", "Support", "zoosh"]),
        tests("DifferentialTests", ["Support", "zoosh"]),
        tests("DocumentationTests", ["ZKCore", "ZKClient", "ZKServer", "Support", "zoosh"]),
        tests(
            "SecurityTests",
            ["ZKCore", "ZKWire", "ZKClient", "ZKServer", "Support", "zoosh", nioCore, nioPosix, nioSSL]),
    ]
)
