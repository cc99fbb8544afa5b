internal import ArgumentParser

struct Zoosh: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "zoosh", subcommands: [BenchCommand.self])

    /// At the top level of a file the overload that does not wait would be taken.
    static func start() async {
        await main()
    }
}

await Zoosh.start()
