internal import ArgumentParser
internal import Glibc
internal import ZKShell

/// The words of the command line as bytes: an operand may be anything but NUL.
let words = (1..<Int(CommandLine.argc)).map { index in
    let pointer = CommandLine.unsafeArgv[index]!
    return Word(bytes: UnsafeBufferPointer(start: pointer, count: strlen(pointer)).map { UInt8(bitPattern: $0) })
}

/// `zoosh bench` has a parser of its own: its options are not the shell's.
func runBench(_ words: [Word]) -> ZKShell.ExitCode {
    let arguments = words.map(\.text)
    return MainLoop().run {
        await BenchCommand.main(arguments)
        return .success
    }
}

do throws(ShellError) {
    let programName = CommandLine.unsafeArgv[0].map { String(cString: $0) } ?? "zoosh"
    let launch = try Launch(
        words: words, programName: programName.split(separator: "/").last.map(String.init) ?? "zoosh",
        environment: { name in getenv(name).map { String(cString: $0) } })
    switch launch.mode {
    case .oneShot(let words) where words[0].text == "bench": exit(runBench(Array(words.dropFirst())).rawValue)
    case .oneShot(let words): exit(try ShellMain(options: launch.options).runOneShot(words).rawValue)
    default: exit(2)
    }
} catch {
    Diagnostics(descriptor: STDERR_FILENO).writeLine("zoosh: \(error.message)")
    exit(error.status.rawValue)
}
