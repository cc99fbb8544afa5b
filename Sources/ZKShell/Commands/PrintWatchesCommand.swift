internal import ShellLanguage
internal import ZKText

struct PrintWatchesCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "printwatches", group: .watches, abstract: "Switch the reports of watch events on or off.",
        examples: [.init("printwatches", "how it is"), .init("printwatches off", "be quiet")], isFromZKCLI: true)

    @Argument(help: "on or off.", completion: .list(["on", "off"]))
    var state: OnOffOperand?

    func run(in shell: ShellContext) async throws {
        if let state { return shell.session.watchNotices.isEnabled = state == .on }
        let isOn = shell.session.watchNotices.isEnabled
        try shell.emit(
            TextResult("printwatches is \(isOn ? "on" : "off")", json: .members(["printwatches": .bool(isOn)])))
    }
}

enum OnOffOperand: String, ShellValue, CaseIterable {
    case on
    case off
}
