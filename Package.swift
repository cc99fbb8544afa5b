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
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

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
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        .systemLibrary(name: "CReadline", providers: [.apt(["libreadline-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "ZKCore", swiftSettings: settings),
        .target(name: "ZKWire", dependencies: ["ZKCore", nioCore], swiftSettings: settings),
        .target(name: "ZKTree", dependencies: ["ZKCore", "CZlib"], swiftSettings: settings),
        .target(name: "ZKStore", dependencies: ["ZKCore", "ZKWire", "CZlib", nioCore], swiftSettings: settings),
        .target(
            name: "ZKClient", dependencies: ["ZKCore", "ZKWire", nioCore, nioPosix, nioSSL, logging],
            swiftSettings: settings),
        .target(name: "ZKRecipes", dependencies: ["ZKCore", "ZKClient"], swiftSettings: settings),
        .target(
            name: "ZKServer",
            dependencies: ["ZKCore", "ZKWire", "ZKTree", "ZKStore", nioCore, nioPosix, logging, crypto],
            swiftSettings: settings),
        .target(
            name: "ZKShell",
            dependencies: ["ZKCore", "ZKClient", "ZKRecipes", "ZKStore", "CReadline", arguments],
            swiftSettings: settings),
        .target(
            name: "ZKBench", dependencies: ["ZKCore", "ZKWire", nioCore, nioPosix, histogram], swiftSettings: settings),
        .executableTarget(
            name: "zoosh", dependencies: ["ZKCore", "ZKShell", "ZKServer", "ZKBench", arguments],
            swiftSettings: settings),

        .target(name: "CSupport", path: "Tests/CSupport"),
        .target(name: "Support", dependencies: ["CSupport"], path: "Tests/Support", swiftSettings: settings),
        .testTarget(name: "SupportTests", dependencies: ["Support"], swiftSettings: settings),
        .testTarget(name: "ZKBenchTests", dependencies: ["ZKBench", "Support"], swiftSettings: settings),
        .testTarget(name: "ZKCoreTests", dependencies: ["ZKCore", "Support"], swiftSettings: settings),
        .testTarget(
            name: "ZKWireTests", dependencies: ["ZKCore", "ZKWire", "Support", nioCore], swiftSettings: settings),
        .target(
            name: "StoreSupport", dependencies: ["ZKCore", "ZKStore", "Support"], path: "Tests/StoreSupport",
            swiftSettings: settings),
        .testTarget(
            name: "ZKStoreTests",
            dependencies: ["ZKCore", "ZKWire", "ZKStore", "Support", "StoreSupport", nioCore],
            swiftSettings: settings),
        .testTarget(
            name: "ZKClientTests",
            dependencies: ["ZKCore", "ZKWire", "ZKClient", "Support", nioCore, nioPosix, nioSSL],
            swiftSettings: settings),
        .testTarget(
            name: "ZKRecipesTests", dependencies: ["ZKCore", "ZKClient", "ZKRecipes", "Support"],
            swiftSettings: settings),
        .testTarget(
            name: "ZKServerTests",
            dependencies: ["ZKCore", "ZKWire", "ZKStore", "ZKTree", "ZKServer", "Support", nioCore],
            swiftSettings: settings),
        .testTarget(name: "ZKShellTests", dependencies: ["ZKCore", "ZKShell"], swiftSettings: settings),
    ]
)
