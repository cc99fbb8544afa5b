internal import Glibc
internal import ShellLanguage
internal import ZKShell

StandardDescriptors.openMissing()
PassedDescriptors.remember()

func runBench(_ words: [Word]) -> ExitCode {
    MainLoop().run {
        do {
            return try await BenchCommand.run(words)
        } catch {
            return fail(ShellError(error))
        }
    }
}

func fail(_ error: ShellError) -> ExitCode {
    Diagnostics(descriptor: STDERR_FILENO).writeLine("zoosh: \(error.message)")
    return error.status
}

func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}

func run(_ launch: Launch) throws(ShellError) -> ExitCode {
    switch launch.mode {
    case .oneShot(let words) where words[0].text == "bench": return runBench(Array(words.dropFirst()))
    case .oneShot(let words): return try ShellMain(options: launch.options).runOneShot(words)
    case .batch(let sources): return try ShellMain(options: launch.options).runBatch(sources)
    case .shell where isatty(STDIN_FILENO) == 1:
        return try ShellMain(options: launch.options, isInteractive: true).runInteractive(environment: environment)
    case .shell: return try ShellMain(options: launch.options).runBatch([.file("-")])
    case .usage: return try ShellMain.print(UsageText.text)
    case .version: return try ShellMain.print("zoosh \(UsageText.version)\n")
    case .help(let words): return try ShellMain(options: launch.options).runOneShot([Word("help")] + words)
    case .server(let words): return try ServerRun(words: words, name: "server")?.runServer() ?? .success
    case .development(let words):
        return try ServerRun(words: words, name: "dev")?.runDevelopment(launch.options) ?? .success
    case .completion(let words): return try Documentation.ofProgram.printCompletion(words)
    case .documentation(let words): return try Documentation.ofProgram.generate(words)
    case .candidates(let words):
        return try ShellMain(options: launch.options).runCandidates(words)
    }
}

do throws(ShellError) {
    try OpenFileLimit.ensure()
    let programName = ProcessArguments.program ?? "zoosh"
    var launch = try Launch(
        words: ProcessArguments.words, programName: programName.split(separator: "/").last.map(String.init) ?? "zoosh",
        environment: environment)
    launch.options.programHelp = ProgramHelp.all
    for notice in launch.options.notices {
        Diagnostics(descriptor: STDERR_FILENO).writeLine("zoosh: warning: \(notice)")
    }
    exit(try run(launch).rawValue)
} catch {
    exit(fail(error).rawValue)
}
