import ShellLanguage

/// Options that come from the config file: they are put where the command line and the environment have said nothing.
struct ConfigOptions {
    /// Options that make no sense in a file.
    static let excluded: Set<String> = ["config", "no-config", "version", "json", "raw", "profile"]
    private static let secrets: Set<String> = ["auth"]
    /// The variables of options that have another name than `ZOOSH_` and the name of the option.
    private static let variables: [String: [String]] = [
        "color": ["NO_COLOR", "CLICOLOR_FORCE"], "no-history": [], "compat": ["ZOOSH_COMPAT"],
    ]

    let file: ConfigFile
    let profile: String?

    /// Adds what the file says to `matched`, the words of the command line.
    ///
    /// - Returns: the options that result, and what the user should know of the file, a line each.
    /// - Throws: ``ShellError`` 2 for a value that an option cannot have, and for a profile that is not there.
    func options(
        adding matched: inout MatchedArguments, schema: CommandSchema, neverPrompts: Bool,
        environment: (String) -> String?
    ) throws(ShellError) -> (GlobalOptions, notices: [String]) {
        var notices: [String] = []
        var values: [String: [ConfigFile.Entry]] = [:]
        for entry in file.defaults { values[entry.key, default: []].append(entry) }
        for (key, entries) in Dictionary(grouping: try profileEntries(), by: \.key) { values[key] = entries }
        for (key, entries) in values.sorted(by: { $0.value[0].line < $1.value[0].line }) {
            let place = "\(file.name):\(entries[0].line)"
            guard !Self.excluded.contains(key), key.count > 1, let index = schema.namedByBytes[Array("--\(key)".utf8)]
            else {
                let suggestion = Suggestion.closest(to: key, among: Self.keys(of: schema))
                notices.append("\(place): unknown key \(key)\(suggestion.map { "; did you mean \($0)?" } ?? "")")
                continue
            }
            if Self.secrets.contains(key), file.isReadableByOthers {
                let message = "\(place): others can read the file, so \(key) is refused; chmod 600 \(file.name)"
                if neverPrompts { throw .usage(message) }
                notices.append(message)
                continue
            }
            guard matched.words[index].isEmpty, !Self.isSet(key, environment: environment) else { continue }
            let argument = schema.arguments[index]
            do {
                let words = try entries.compactMap { try Self.word(for: $0, argument: argument) }
                matched.words[index] = argument.isRepeating ? words : Array(words.suffix(1))
                // What is wrong is found here, where the line is known.
                var alone = MatchedArguments(schema: schema)
                alone.words[index] = matched.words[index]
                _ = try GlobalOptions.make(from: alone, schema: schema)
            } catch {
                var message = ShellError(error).message
                // The file has the long name.
                for name in argument.names where message.hasPrefix("\(name.spelling): ") {
                    message = "\(key): \(message.dropFirst(name.spelling.count + 2))"
                }
                throw .usage("\(place): \(message)")
            }
        }
        do {
            return (try GlobalOptions.make(from: matched, schema: schema), notices)
        } catch {
            throw .usage("\(file.name): \(ShellError(error).message)")
        }
    }

    /// The commands that the file names.
    ///
    /// - Throws: ``ShellError`` 2 for what is not a command.
    func aliases() throws(ShellError) -> [String: CommandAlias] {
        var aliases: [String: CommandAlias] = [:]
        for entry in file.aliases {
            do throws(UsageError) {
                guard AliasCommand.isName(entry.key) else {
                    throw UsageError("\(entry.key) cannot be the name of an alias")
                }
                aliases[entry.key] = try CommandAlias(text: entry.value)
            } catch {
                throw .usage("\(file.name):\(entry.line): \(error.message)")
            }
        }
        return aliases
    }

    private func profileEntries() throws(ShellError) -> [ConfigFile.Entry] {
        guard let profile else { return [] }
        guard let entries = file.profiles[profile] else {
            let names = file.profiles.keys.sorted().joined(separator: ", ")
            throw .usage(
                "\(file.name) has no section [profile \(profile)]; \(names.isEmpty ? "it has none" : "it has \(names)")"
            )
        }
        return entries
    }

    private static func keys(of schema: CommandSchema) -> [String] {
        schema.options.flatMap(\.names).filter { $0.kind == .long && !excluded.contains($0.text) }.map(\.text)
    }

    private static func isSet(_ key: String, environment: (String) -> String?) -> Bool {
        let standard = "ZOOSH_" + key.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
        return (variables[key] ?? [standard]).contains { environment($0) != nil }
    }

    /// Nil for a flag that is switched off.
    private static func word(
        for entry: ConfigFile.Entry, argument: CommandSchema.Argument
    ) throws(UsageError) -> Word? {
        guard argument.kind == .flag else { return Word(entry.value) }
        switch entry.value.lowercased() {
        case "on", "true", "yes", "1": return Word("--\(entry.key)")
        case "off", "false", "no", "0": return nil
        default: throw UsageError("\(entry.key) is on or off, not \(entry.value)")
        }
    }
}
