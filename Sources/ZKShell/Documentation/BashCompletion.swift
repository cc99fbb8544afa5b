import ShellLanguage

/// The completion script for bash: a table of the commands, and a function that reads it.
enum BashCompletion {
    static func script(_ commands: [CompletableCommand]) -> String {
        let names = commands.flatMap(\.names).joined(separator: " ")
        var lines = [
            "# bash completion for zoosh. Made from the declarations of its commands: change those, not this file.",
            "", "_zoosh_commands='\(names)'", "",
            "# Sets what the command $1 takes; without a name, what zoosh itself takes. KIND is znode, file, directory,",
            "# command, host, data, =LIST or none; `...` behind the last operand repeats it.",
            "_zoosh_describe() {",
            "    options= values= operands= system=",
            "    case $1 in",
        ]
        for command in [.program] + commands { lines += entry(command) }
        lines += ["    esac", "}", "", function]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func entry(_ command: CompletableCommand) -> [String] {
        let pattern = command.names.isEmpty ? "''" : command.names.map { "'\($0)'" }.joined(separator: " | ")
        var lines = ["    \(pattern))"]
        let options = command.options.flatMap { $0.names.map(\.spelling) } + ["--help"]
        lines.append("        options='\(options.joined(separator: " "))'")
        let values = command.options.filter { $0.kind == .option }
            .flatMap { option in option.names.map { "\($0.spelling):\(kind(option))" } }
        if !values.isEmpty { lines.append("        values='\(values.joined(separator: " "))'") }
        let operands = command.operands.map { kind($0) + ($0.isRepeating ? "..." : "") }
        if !operands.isEmpty { lines.append("        operands='\(operands.joined(separator: " "))'") }
        if command.takesSystemCommand { lines.append("        system=1") }
        return lines + ["        ;;"]
    }

    private static func kind(_ argument: CommandSchema.Argument) -> String {
        switch argument.candidates {
        case .none: "none"
        case .list(let values): "=" + values.joined(separator: ",")
        case .znode: "znode"
        case .data: "data"
        case .file: "file"
        case .directory: "directory"
        case .command: "command"
        case .host: "host"
        }
    }

    private static let function = #"""
        # The kind of the value of the option $1; nothing when it takes none.
        _zoosh_value_kind() {
            local pair
            kind=
            for pair in $values; do
                [[ $pair == "$1":* ]] && kind=${pair#"$1":} && return
            done
        }

        # Sets COMPREPLY to what can stand for $cur.
        _zoosh_reply() {
            local found i
            case $kind in
            znode)
                mapfile -t COMPREPLY < <("$program" "${globals[@]}" __complete znode "$cur" 2>/dev/null </dev/null)
                if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then compopt -o nospace 2>/dev/null; fi
                if [[ -z $quote ]]; then
                    for i in "${!COMPREPLY[@]}"; do printf -v "COMPREPLY[i]" %q "${COMPREPLY[i]}"; done
                fi
                ;;
            data)
                [[ $cur == @* ]] || return
                mapfile -t found < <(compgen -f -- "${cur#@}")
                for i in "${!found[@]}"; do
                    COMPREPLY[i]=@${found[i]}
                    [[ -d ${found[i]} ]] && COMPREPLY[i]+=/ && compopt -o nospace 2>/dev/null
                    if [[ -z $quote ]]; then printf -v "COMPREPLY[i]" %q "${COMPREPLY[i]}"; fi
                done
                ;;
            file | directory)
                compopt -o filenames 2>/dev/null
                if [[ $kind == file ]]; then found=-f; else found=-d; fi
                mapfile -t COMPREPLY < <(compgen $found -- "$cur")
                ;;
            command) mapfile -t COMPREPLY < <(compgen -W "$_zoosh_commands" -- "$cur") ;;
            host) mapfile -t COMPREPLY < <(compgen -A hostname -- "$cur") ;;
            system) mapfile -t COMPREPLY < <(compgen -c -- "$cur") ;;
            =*)
                kind=${kind#=}
                mapfile -t COMPREPLY < <(compgen -W "${kind//,/ }" -- "$cur")
                ;;
            esac
        }

        _zoosh() {
            local IFS=$' \t\n' i word rest=$COMP_LINE words=()
            COMPREPLY=()
            # The words as zoosh would get them: bash cuts them at : and = as well.
            for ((i = 0; i <= COMP_CWORD; i++)); do
                word=${COMP_WORDS[i]}
                if ((i > 0)) && [[ -n $word && $rest == "$word"* ]]; then
                    words[${#words[@]} - 1]+=$word
                else
                    words+=("$word")
                    rest=${rest#"${rest%%[![:blank:]]*}"}
                fi
                rest=${rest#"$word"}
            done
            local cur=${words[${#words[@]} - 1]} last=${COMP_WORDS[COMP_CWORD]} quote= cut
            # What of the word is before the part that bash replaces.
            if [[ $last == [:=]* ]]; then cut=$cur; else cut=${cur%"$last"}; fi
            if [[ $cur == [\"\']* ]]; then
                quote=${cur:0:1}
                cur=${cur:1}
            else
                cur=${cur//\\/}
                cut=${cut//\\/}
            fi

            local options values operands system repeats kind= command= ended= position=0 globals=()
            local program=${words[0]/#\~/$HOME}
            _zoosh_describe ''
            for ((i = 1; i < ${#words[@]} - 1; i++)); do
                word=${words[i]//[\"\'\\]/}
                if [[ -z $command ]] && [[ -n $kind || $word == -* ]]; then globals+=("$word"); fi
                if [[ -n $kind ]]; then
                    kind=
                elif [[ -n $ended ]]; then
                    ended=more
                elif [[ $word == -- ]]; then
                    ended=first
                elif [[ $word == -?* ]]; then
                    _zoosh_value_kind "$word"
                elif [[ -z $command ]]; then
                    command=$word
                    _zoosh_describe "$command"
                else
                    ((position += 1))
                fi
            done

            if [[ -n $kind ]]; then
                :
            elif [[ -n $system && -n $ended ]]; then
                if [[ $ended == first ]]; then kind=system; else kind=file; fi
            elif [[ -z $ended && $cur == --*=* ]]; then
                _zoosh_value_kind "${cur%%=*}"
                cut=
                cur=${cur#*=}
            elif [[ -z $ended && $cur == -* ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
                return
            elif [[ -z $command ]]; then
                kind=command
            else
                local kinds
                read -ra kinds <<<"$operands"
                if ((position >= ${#kinds[@]})); then position=$((${#kinds[@]} - 1)) repeats=1; else repeats=; fi
                ((position >= 0)) || return
                kind=${kinds[position]}
                [[ -z $repeats || $kind == *... ]] || return
                kind=${kind%...}
            fi
            _zoosh_reply
            if [[ -n $cut ]]; then COMPREPLY=("${COMPREPLY[@]#"$cut"}"); fi
        }

        complete -F _zoosh zoosh
        """#
}
