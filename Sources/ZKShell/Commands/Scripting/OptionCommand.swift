internal import ShellLanguage
internal import ZKText

struct OptionCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "opt", group: .shell, abstract: "Show or change options of the shell.",
        discussion: "They last as long as the shell; the config file and the rc script keep them.",
        examples: [
            .init("opt", "all of them"), .init("opt output json", "change one"),
            .init("opt timing on", "say how long each command took"),
        ])

    @Argument(help: "Which option.")
    var name: ShellSetting?

    @Argument(help: "Its new value.")
    var value: String?

    func run(in shell: ShellContext) async throws {
        guard let name else {
            for setting in ShellSetting.allCases { try show(setting, in: shell) }
            return
        }
        guard let value else { return try show(name, in: shell) }
        try name.set(value, in: shell.session)
    }

    private func show(_ setting: ShellSetting, in shell: ShellContext) throws(ShellError) {
        let value = setting.value(in: shell.session)
        let padding = String(repeating: " ", count: max(1, 14 - setting.rawValue.count))
        try shell.emit(
            TextResult(
                name == nil ? setting.rawValue + padding + value : value,
                json: .members(["name": .string(setting.rawValue), "value": .string(value)])))
    }
}

/// What `opt` can change.
enum ShellSetting: String, ShellValue, CaseIterable {
    case output
    case color
    case pager
    case prompt
    case histexpand
    case glob
    case confirm
    case printwatches
    case timing

    func value(in session: ShellSession) -> String {
        let options = session.options
        func word(_ isOn: Bool) -> String { isOn ? "on" : "off" }
        return switch self {
        case .output: options.output.rawValue
        case .color: options.color.rawValue
        case .pager: options.pager
        case .prompt: options.promptFormat ?? PromptFormat.standard
        case .histexpand: word(options.expandsHistory)
        case .glob: word(options.expandsGlobs)
        case .confirm: word(!options.assumesYes)
        case .printwatches: word(session.watchNotices.isEnabled)
        case .timing: word(options.showsTiming)
        }
    }

    /// - Throws: ``UsageError`` when the option cannot have this value.
    func set(_ value: String, in session: ShellSession) throws(UsageError) {
        switch self {
        case .output:
            let format = try ShellOptions.OutputFormat(word: Word(value))
            session.updateOptions { $0.output = format }
        case .color:
            let when = try ShellOptions.When(word: Word(value))
            session.updateOptions { $0.color = when }
        case .pager: session.updateOptions { $0.pager = value }
        case .prompt: session.updateOptions { $0.promptFormat = value }
        case .histexpand, .glob, .confirm, .printwatches, .timing:
            let isOn = try Self.isOn(value)
            if self == .printwatches { session.watchNotices.isEnabled = isOn }
            session.updateOptions { options in
                switch self {
                case .histexpand: options.expandsHistory = isOn
                case .glob: options.expandsGlobs = isOn
                case .confirm: options.assumesYes = !isOn
                case .timing: options.showsTiming = isOn
                default: break
                }
            }
        }
    }

    private static func isOn(_ value: String) throws(UsageError) -> Bool {
        switch value.lowercased() {
        case "on", "true", "yes", "1": return true
        case "off", "false", "no", "0": return false
        default: throw UsageError("\(value) is neither on nor off")
        }
    }
}
