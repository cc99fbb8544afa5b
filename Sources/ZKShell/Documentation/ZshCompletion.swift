import ShellLanguage

/// The completion script for zsh: `_arguments` with the specifications of each command.
enum ZshCompletion {
    static func script(_ commands: [CompletableCommand]) -> String {
        var lines = [
            "#compdef zoosh", "# Made from the declarations of zoosh's commands: change those, not this file.", "",
            "_zoosh_commands() {", "    local -a commands", "    commands=(",
        ]
        for command in commands {
            for name in command.names {
                lines.append("        " + quoted(escaped(name) + ":" + command.abstract))
            }
        }
        lines += ["    )", "    _describe -t commands command commands", "}", "", znodes(), "", fixed, ""]
        lines += ["_zoosh() {", "    local curcontext=$curcontext state line", "    typeset -A opt_args"]
        lines += ["    local -a zoosh_words=(\"${(@Q)words[1,CURRENT-1]}\")", "    _arguments -C \\"]
        lines += CompletableCommand.program.options.flatMap { specifications($0) }.map { "        \($0) \\" }
        lines += ["        '(- *)'{-h,--help}'[print the usage]' \\", "        '1:command:_zoosh_commands' \\"]
        lines += ["        '*::argument:->arguments' && return", "    [[ $state == arguments ]] || return 1"]
        lines += ["    case $words[1] in"]
        for command in commands { lines += entry(command) }
        lines += ["    esac", "}", "", "if [[ $funcstack[1] == _zoosh ]]; then", "    _zoosh \"$@\"", "else"]
        lines += ["    compdef _zoosh zoosh", "fi"]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func entry(_ command: CompletableCommand) -> [String] {
        var specifications = command.options.flatMap { Self.specifications($0) }
        for (index, operand) in command.operands.enumerated() {
            let place = operand.isRepeating ? "*" : "\(index + 1)"
            specifications.append(quoted("\(place):\(escaped(operand.valueName)):\(action(operand))"))
        }
        if command.takesSystemCommand { specifications.append("'*::command:_zoosh_system'") }
        specifications.append("'--help[explain the command]'")
        var lines = ["    (\(command.names.map(quoted).joined(separator: "|")))", "        _arguments \\"]
        lines += specifications.dropLast().map { "            \($0) \\" }
        lines += specifications.suffix(1).map { "            \($0)" }
        return lines + ["        ;;"]
    }

    private static func specifications(_ option: CommandSchema.Argument) -> [String] {
        let spellings = option.names.map(\.spelling)
        let exclusion =
            option.isRepeating ? "*" : spellings.count > 1 ? "(\(spellings.joined(separator: " ")))" : ""
        return option.names.map { name in
            var text = exclusion + name.spelling
            if option.kind == .option {
                text += name.kind == .long ? "=" : name.kind == .short ? "+" : ""
            }
            text += "[\(escaped(option.abstract))]"
            if option.kind == .option { text += ":\(escaped(option.valueName)):\(action(option))" }
            return quoted(text)
        }
    }

    private static func action(_ argument: CommandSchema.Argument) -> String {
        switch argument.candidates {
        case .none: " "
        case .list(let values): "(\(values.joined(separator: " ")))"
        case .znode: "_zoosh_znodes"
        case .data: "_zoosh_data"
        case .file: "_files"
        case .directory: "_files -/"
        case .command: "_zoosh_commands"
        case .host: "_hosts"
        }
    }

    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: #"'\''"#) + "'" }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("[", with: "\\[").replacing("]", with: "\\]")
            .replacing(":", with: "\\:")
    }

    /// Asks zoosh for znodes, with the options that name the server.
    private static func znodes() -> String {
        let valued = CompletableCommand.program.options.filter { $0.kind == .option }.flatMap {
            $0.names.map(\.spelling)
        }
        return #"""
            _zoosh_znodes() {
                local -a found globals
                integer i=2
                while (( i <= $#zoosh_words )); do
                    case $zoosh_words[i] in
                    (\#(valued.joined(separator: "|")))
                        globals+=("${(@)zoosh_words[i,i+1]}")
                        (( i += 2 ))
                        ;;
                    (-*)
                        globals+=("$zoosh_words[i]")
                        (( i += 1 ))
                        ;;
                    (*) break ;;
                    esac
                done
                found=(${(f)"$(command ${~zoosh_words[1]} $globals __complete znode ${(Q)PREFIX} 2>/dev/null </dev/null)"})
                (( $#found )) || return 1
                if (( $#found == 1 )) && [[ $found[1] == */ ]]; then
                    compadd -S '' -- $found
                else
                    compadd -- $found
                fi
            }
            """#
    }

    private static let fixed = #"""
        _zoosh_data() {
            if compset -P @; then _files; else _message 'data: text, or @FILE'; fi
        }

        _zoosh_system() {
            (( ${zoosh_words[(I)--]} )) && _normal
        }
        """#
}
