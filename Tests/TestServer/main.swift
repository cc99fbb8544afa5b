import Dispatch
import Glibc
import Logging
import ZKServer

// A server in a process of its own, for tests that kill it:
//
//     TestServer DATADIR PORT [NAME=NUMBER ...]
//
// Prints `listening` once it serves. Ends with status 0 after SIGTERM, with 1 and one line on standard error when its
// disk fails. `fileBytesMax` lets writes behind that size of a file fail, as a full disk does.

func say(_ text: String, to descriptor: Int32) {
    var line = text + "\n"
    line.withUTF8 { _ = write(descriptor, $0.baseAddress, $0.count) }
}

func fail(_ text: String) -> Never {
    say(text, to: STDERR_FILENO)
    exit(1)
}

let arguments = CommandLine.arguments
guard arguments.count >= 3, let port = Int(arguments[2]) else { fail("TestServer DATADIR PORT [NAME=NUMBER ...]") }
var configuration = ServerConfiguration(
    logger: Logger(label: "test", factory: { StreamLogHandler.standardError(label: $0) }))
configuration.dataDirectory = arguments[1]
configuration.port = port
configuration.connectionsPerAddressMax = 0
configuration.extendedTypesEnabled = true
configuration.fourLetterWords = ["*"]
configuration.tickMillis = 500
configuration.sessionTimeoutMillisMax = 3_600_000
configuration.preallocationBytes = 64 << 10
configuration.superDigest = "super:c9T5yFYCHEoR/xZ3KuYTF5tNWis="
for argument in arguments.dropFirst(3) {
    let parts = argument.split(separator: "=")
    guard parts.count == 2, let value = Int(parts[1]) else { fail("NAME=NUMBER: \(argument)") }
    switch parts[0] {
    case "snapCount": configuration.snapCount = value
    case "fileBytesMax":
        var limit = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
        // Without this the signal ends the process before the error is seen.
        signal(SIGXFSZ, SIG_IGN)
        guard setrlimit(__rlimit_resource_t(UInt32(RLIMIT_FSIZE.rawValue)), &limit) == 0 else { fail("setrlimit") }
    default: fail("unknown: \(argument)")
    }
}

do {
    let server = try await EmbeddedServer.start(configuration)
    say("listening", to: STDOUT_FILENO)
    signal(SIGTERM, SIG_IGN)
    let terminations = DispatchSource.makeSignalSource(signal: SIGTERM)
    terminations.setEventHandler { Task { try await server.shutdown() } }
    terminations.resume()
    try await server.waitUntilStopped()
    exit(0)
} catch {
    fail("\(error)")
}
