import Glibc
public import ShellLanguage
internal import ZKReplica

/// What the words of the process's command line ask for.
public struct Launch: Sendable {
    public enum Mode: Sendable {
        /// Typed at a prompt, or read from stdin when that is no terminal.
        case shell
        case oneShot([Word])
        case batch([BatchSource])
        case server([Word])
        case development([Word])
        case completion([Word])
        /// What can stand for a word, for the completion scripts.
        case candidates([Word])
        case documentation([Word])
        case help([Word])
        case usage
        case version
    }

    public enum BatchSource: Sendable {
        case text([UInt8])
        case file(FileName)
    }

    public var mode: Mode
    public var options: ShellOptions

    /// - Throws: ``ShellError`` 2.
    public init(words: [Word], programName: String, environment: (String) -> String?) throws(ShellError) {
        let schema = CommandSchema.of(GlobalOptions.self)
        var matched: MatchedArguments
        var global: GlobalOptions
        do {
            matched = try ArgumentMatcher.match(words, schema: schema, stopsAtOperand: true)
            global = try GlobalOptions.make(from: matched, schema: schema)
        } catch {
            throw .usage("\(ShellError(error).message); `zoosh --help` shows the options")
        }
        let isCompleting = matched.rest.first?.isBare(Self.candidatesWord) == true
        if isCompleting { global.forbidEffects() }
        let config = try ConfigOptions(global, environment: environment)
        var notices: [String] = []
        if let config {
            (global, notices) = try config.options(
                adding: &matched, schema: schema, neverPrompts: global.neverPrompts, environment: environment)
        }
        // The file may have brought some again.
        if isCompleting { global.forbidEffects() }
        options = try ShellOptions(global, environment: environment)
        options.notices += notices
        options.aliases = try config?.aliases() ?? [:]
        if let config {
            let neverPrompts = options.neverPrompts
            options.profiles = { (name) throws(ShellError) in
                try config.options(ofProfile: name, neverPrompts: neverPrompts)
            }
        }
        if isCompleting {
            options.connectTimeout = ZnodeCandidates.deadline
            options.operationTimeout = ZnodeCandidates.deadline
        }
        if ["zkCli", "zkCli.sh"].contains(programName) { options.isCompatible = true }
        if options.isCompatible { options.expandsGlobs = false }
        mode =
            isCompleting
            ? .candidates(Array(matched.rest.dropFirst())) : Self.mode(global, matched: matched, schema: schema)
    }

    private static let candidatesWord: StaticString = "__complete"

    private static func mode(_ global: GlobalOptions, matched: MatchedArguments, schema: CommandSchema) -> Mode {
        if matched.asksForHelp { return .usage }
        if global.showsVersion { return .version }
        let sources = batchSources(matched: matched, schema: schema)
        if !sources.isEmpty { return .batch(sources) }
        guard let command = matched.rest.first?.text else { return .shell }
        let operands = Array(matched.rest.dropFirst())
        switch command {
        case "server": return .server(operands)
        case "dev": return .development(operands)
        case "completion": return .completion(operands)
        case "generate-docs": return .documentation(operands)
        case "help": return .help(operands)
        default: return .oneShot(matched.rest)
        }
    }

    /// `-c` and `-f` in the order in which they were given.
    private static func batchSources(matched: MatchedArguments, schema: CommandSchema) -> [BatchSource] {
        var texts = schema.namedByBytes[Array("-c".utf8)].map { matched.words[$0] }![...]
        var files = schema.namedByBytes[Array("-f".utf8)].map { matched.words[$0] }![...]
        var sources: [BatchSource] = []
        for index in matched.order {
            if index == schema.namedByBytes[Array("-c".utf8)], let text = texts.popFirst() {
                sources.append(.text(text.bytes))
            } else if index == schema.namedByBytes[Array("-f".utf8)], let file = files.popFirst() {
                sources.append(.file(FileName(file)))
            }
        }
        return sources
    }
}

extension ConfigOptions {
    /// Nil when there is no file, or none is wanted.
    fileprivate init?(_ global: GlobalOptions, environment: (String) -> String?) throws(ShellError) {
        let profile = global.profile ?? environment("ZOOSH_PROFILE")
        guard !global.ignoresConfig, let file = try ConfigFile.load(global.config, environment: environment) else {
            if let profile { throw .usage("--profile \(profile): there is no config file") }
            return nil
        }
        self.init(file: file, profile: profile)
    }

    /// What `zoosh --profile NAME` would have without environment and command line.
    fileprivate func options(ofProfile name: String, neverPrompts: Bool) throws(ShellError) -> ShellOptions {
        let schema = CommandSchema.of(GlobalOptions.self)
        var matched = MatchedArguments(schema: schema)
        let nothing: (String) -> String? = { _ in nil }
        let (global, _) = try ConfigOptions(file: file, profile: name)
            .options(adding: &matched, schema: schema, neverPrompts: neverPrompts, environment: nothing)
        return try ShellOptions(global, environment: nothing)
    }
}

extension ShellOptions {
    /// Option before environment before built-in value.
    init(_ global: GlobalOptions, environment: (String) -> String?) throws(ShellError) {
        func duration(_ name: String, _ option: MillisecondsOperand?) throws(ShellError) -> Duration? {
            if let option { return option.duration }
            guard let text = environment(name) else { return nil }
            do throws(UsageError) {
                return try MillisecondsOperand(word: Word(text)).duration
            } catch {
                throw .usage("\(name): \(error.message)")
            }
        }
        func isSet(_ name: String) -> Bool {
            environment(name).map { !["", "0", "no", "false"].contains($0) } ?? false
        }
        server = global.server ?? environment("ZOOSH_SERVER") ?? server
        if let path = global.offline {
            guard global.server == nil else { throw .usage("--offline reads files: not with --server") }
            offline = OfflineOptions(path: path, moment: global.at?.moment ?? .now, skipsDamage: global.skipDamage)
        } else if global.at != nil || global.skipDamage {
            throw .usage("--at and --skip-damage say how --offline reads files: name them with --offline PATH")
        }
        sessionTimeout = try duration("ZOOSH_TIMEOUT", global.timeout) ?? sessionTimeout
        if let limit = try duration("ZOOSH_CONNECT_TIMEOUT", global.connectTimeout) {
            connectTimeout = limit == .zero ? nil : limit
        }
        if let limit = global.opTimeout?.duration { operationTimeout = limit == .zero ? nil : limit }
        isReadOnly = global.isReadOnly || isSet("ZOOSH_READ_ONLY")
        createsChroot = global.createsChroot
        for text in environment("ZOOSH_AUTH").map({ [$0] }) ?? [] { credentials.append(try Credential(text)) }
        for text in global.auth { credentials.append(try Credential(text)) }
        try takeSecurity(global, environment: environment)
        if global.json {
            output = .json
        } else if global.raw {
            output = .raw
        } else if let format = global.output {
            output = format
        } else if let name = environment("ZOOSH_OUTPUT") {
            guard let format = OutputFormat(rawValue: name) else {
                throw .usage(
                    "ZOOSH_OUTPUT: \(name) is none of \(OutputFormat.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            output = format
        }
        exitsOnError = global.exitsOnError
        isDryRun = global.isDryRun
        assumesYes = global.assumesYes
        neverPrompts = global.neverPrompts
        isQuiet = global.isQuiet
        verbosity = global.verbosity
        traceFile = global.trace ?? environment("ZOOSH_TRACE")
        color = global.color ?? Self.color(environment: environment)
        pager = global.pager ?? environment("ZOOSH_PAGER") ?? pager
        defaultPager = environment("PAGER").flatMap { $0.isEmpty ? nil : $0 }
        promptFormat = global.prompt
        editor = UserEditor.command(environment: environment)
        usesHistory = !global.ignoresHistory
        readsStartupScript = !global.ignoresConfig
        expandsGlobs = !global.ignoresGlobs
        acceptsEmptyGlobs = global.acceptsEmptyGlobs
        if let bytes = global.maxBuffer {
            guard bytes >= 1024 else { throw .usage("--max-buffer: at least 1024 bytes") }
            frameBytesMax = bytes
        }
        isCompatible = global.isCompatible || environment("ZOOSH_COMPAT") == "zkcli"
        pipelines = global.pipelines || !global.sendsOneByOne
    }
}

extension ShellOptions {
    /// What the environment says of colours: https://no-color.org and https://bixense.com/clicolors.
    private static func color(environment: (String) -> String?) -> When {
        if let value = environment("NO_COLOR"), !value.isEmpty { return .never }
        if let value = environment("CLICOLOR_FORCE"), !value.isEmpty, value != "0" { return .always }
        return ["dumb", "", nil].contains(environment("TERM")) ? .never : .auto
    }

    /// Whether output is coloured.
    func usesColor(isTerminal: Bool) -> Bool { color == .always || color == .auto && isTerminal }
}

extension ShellOptions.Credential {
    /// `SCHEME:CREDENTIALS`.
    init(_ text: String) throws(ShellError) {
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else {
            throw .usage("an identity is SCHEME:CREDENTIALS, such as digest:user:password")
        }
        self.init(scheme: String(text[..<colon]), secret: Array(text[text.index(after: colon)...].utf8))
    }
}
