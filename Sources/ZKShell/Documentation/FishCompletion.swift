import ShellLanguage

/// The completion script for fish: a `complete` for each option and operand, under the condition of its command.
enum FishCompletion {
    static func script(_ commands: [CompletableCommand]) -> String {
        var lines = [
            "# fish completion for zoosh. Made from the declarations of its commands: change those, not this file.",
            "", "# Whether the option $argv[2] of the command $argv[1] takes a value.",
            "function __zoosh_takes_value", "    switch \"$argv[1] $argv[2]\"",
        ]
        for command in [.program] + commands { lines += takesValue(command) }
        lines += ["    end", "    return 1", "end", "", functions, "", "complete -c zoosh -f"]
        lines += options(of: .program, condition: "__zoosh_in ''")
        for command in commands {
            for name in command.names {
                lines.append("complete -c zoosh -n \"__zoosh_in ''\" -a \(quoted(name)) -d \(quoted(command.abstract))")
            }
        }
        for command in commands {
            let names = command.names.map(quoted).joined(separator: " ")
            lines += options(of: command, condition: "__zoosh_in \(names)")
            for (index, operand) in command.operands.enumerated() {
                let place = operand.isRepeating ? "\(index)+" : "\(index)"
                lines += candidates(operand).map {
                    "complete -c zoosh -n \"__zoosh_operand \(place) \(names)\" \($0)"
                }
            }
            if command.takesSystemCommand {
                lines.append(
                    "complete -c zoosh -n \"__zoosh_after_dashes \(names)\" -a '(__fish_complete_command)'")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func takesValue(_ command: CompletableCommand) -> [String] {
        let spellings = command.options.filter { $0.kind == .option }.flatMap { $0.names.map(\.spelling) }
        guard !spellings.isEmpty else { return [] }
        let names = command.names.isEmpty ? [""] : command.names
        let patterns = names.flatMap { name in spellings.map { quoted("\(name) \($0)") } }
        return ["        case \(patterns.joined(separator: " "))", "            return 0"]
    }

    private static func options(of command: CompletableCommand, condition: String) -> [String] {
        let own = command.options.map { option in
            let names = option.names.map { name in
                switch name.kind {
                case .short: "-s \(quoted(name.text))"
                case .long: "-l \(quoted(name.text))"
                case .longWithSingleDash: "-o \(quoted(name.text))"
                }
            }
            let value = option.kind == .option ? (candidates(option).first.map { " -r \($0)" } ?? " -x") : ""
            return "complete -c zoosh -n \"\(condition)\" \(names.joined(separator: " "))\(value) "
                + "-d \(quoted(option.abstract))"
        }
        return own + ["complete -c zoosh -n \"\(condition)\" -l help -d 'Explain the command'"]
    }

    /// The arguments of `complete` that say what can stand for the value; none when nothing is known.
    private static func candidates(_ argument: CommandSchema.Argument) -> [String] {
        switch argument.candidates {
        case .none: []
        case .list(let values): ["-f -a \(quoted(values.joined(separator: " ")))"]
        case .znode: ["-f -a '(__zoosh_znodes)'"]
        case .data: ["-f -a '(__zoosh_data)'"]
        case .file: ["-F"]
        case .directory: ["-f -a '(__fish_complete_directories)'"]
        case .command: ["-f -a '(__zoosh_commands)'"]
        case .host: ["-f -a '(__fish_print_hostnames)'"]
        }
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }

    private static let functions = #"""
        # Takes the words before the cursor apart: the options of zoosh, its command, and how many operands there are.
        function __zoosh_scan
            set -g __zoosh_globals
            set -g __zoosh_command ''
            set -g __zoosh_position 0
            set -g __zoosh_ended no
            set -l takes_value no
            set -l words (commandline -opc)
            set -g __zoosh_program $words[1]
            for word in $words[2..-1]
                if test -z "$__zoosh_command"
                    if test $takes_value = yes; or string match -q -- '-*' $word
                        set -a __zoosh_globals $word
                    end
                end
                if test $takes_value = yes
                    set takes_value no
                else if test $__zoosh_ended = yes
                    continue
                else if test "$word" = --
                    set __zoosh_ended yes
                else if string match -qr -- '^-.' $word
                    __zoosh_takes_value "$__zoosh_command" $word; and set takes_value yes
                else if test -z "$__zoosh_command"
                    set __zoosh_command $word
                else
                    set __zoosh_position (math $__zoosh_position + 1)
                end
            end
        end

        # Whether the command is one of $argv; '' stands for none yet.
        function __zoosh_in
            __zoosh_scan
            contains -- "$__zoosh_command" $argv
        end

        # Whether the next operand is number $argv[1], from 0, of one of the commands $argv[2..]; N+ stands for N and more.
        function __zoosh_operand
            __zoosh_in $argv[2..-1]; or return 1
            set -l place (string replace + '' -- $argv[1])
            if test "$place" = "$argv[1]"
                test $__zoosh_position -eq $place
            else
                test $__zoosh_position -ge $place
            end
        end

        function __zoosh_after_dashes
            __zoosh_in $argv; and test $__zoosh_ended = yes
        end

        function __zoosh_znodes
            __zoosh_scan
            set -l word (commandline -ct | string unescape)
            command $__zoosh_program $__zoosh_globals __complete znode "$word" 2>/dev/null </dev/null
        end

        function __zoosh_data
            set -l word (commandline -ct)
            string match -q -- '@*' $word; or return
            for file in (__fish_complete_path (string sub -s 2 -- $word))
                echo @$file
            end
        end

        function __zoosh_commands
            complete -C'zoosh ' | string match -v -- '-*'
        end
        """#
}
