/// The texts of `help` that are not about one command.
enum HelpText {
    /// Every command with its synopsis' name and what it does, by group; `programs` are started from a command line.
    static func overview(_ programs: [ProgramHelp]) -> String {
        var lines: [String] = []
        for group in CommandDeclaration.Group.allCases {
            let commands = shellCommands.filter { $0.declaration.group == group }
            guard !commands.isEmpty else { continue }
            lines.append("\(group.rawValue):")
            for command in commands {
                let declaration = command.declaration
                let names = ([declaration.name] + declaration.aliases.map(\.name)).joined(separator: ", ")
                lines.append(
                    "  " + names + String(repeating: " ", count: max(1, 26 - names.count)) + declaration.abstract)
            }
            lines.append("")
        }
        if !programs.isEmpty {
            lines.append("Started as `zoosh NAME`:")
            for program in programs {
                lines.append(
                    "  " + program.name + String(repeating: " ", count: max(1, 26 - program.name.count))
                        + program.abstract)
            }
            lines.append("")
        }
        lines.append(
            "`help COMMAND` explains one. Topics: \(topics.keys.sorted().map { "`help \($0)`" }.joined(separator: ", "))."
        )
        return lines.joined(separator: "\n") + "\n"
    }

    static let topics: [String: String] = [
        "quoting": """
        Words are separated by blanks. A quote opens a quoted part only at the start of a word, so {"a":1} needs none.
          '…'    everything is literal
          "…"    \\" and \\\\ are escapes, everything else is literal
          $'…'   \\n \\t \\r \\0 \\e \\\\ \\' \\" \\xHH \\uHHHH \\u{H…}
        Outside quotes a backslash escapes a blank, a backslash, * ? [ and, at the start of a word, whatever is special
        there; elsewhere it is literal. A backslash at the end of a line joins it with the next one.
        # at the place of a command starts a comment.

        """,
        "data": """
        Data is the text as it stands, in UTF-8, without a newline.
          @FILE  the bytes of a file    @-  the bytes of stdin    @@x  the text @x
          -b     DATA is base64         -x  DATA is hexadecimal
          --null null data              ''  zero bytes

        """,
        "operators": """
        Operators are words of their own, with blanks around them.
          a ; b        one after the other       a && b   b if a succeeded      a || b   b if a failed
          a | cmd      a's output to a system command; the rest of the line belongs to /bin/sh
          a > f        a's output into a file    a >> f   at its end
          a < f        a's input from a file     a <<END  from the next lines, up to END
          ! cmd        run a system command
        && and || bind alike, from left to right; the status is that of the last command
        that ran.
        * ? [a-z] and ** in paths stand for znodes, unless quoted. A word that is itself
        the path of a znode stands for that one.

        """,
        "scripts": """
        A script is a file (-f), a text (-c), or stdin that is no terminal; one line is
        one command or several with operators. It goes on after a failure and ends with
        the status of the first one; with -e it stops there. Messages name the line.
        Commands joined by && and || count as one, whose status is that of the last one
        that ran; with -e a failure before && or || does not stop the script.

        Commands are sent ahead of the answers to those before them; the server deals
        with them in their order. Creates, sets and deletes that follow one another
        become one transaction, and when it fails, each is made by itself. What they
        print and what they leave is the same; znodes of one transaction have one zxid.
        With -e a write waits for all commands before it, and nothing behind the first
        failure is done. With --no-pipeline each command waits for the one before it.

        When the connection is lost, the commands whose request was under way say that
        their outcome is unknown. Where no server was ever reached the script ends.

        """,
        "output": """
        --output plain  what zkCli prints, without its noise
        --output json   one JSON value a line
        --output raw    only the payload: bytes, or one name a line
        --output table  columns, where there are any
        stdout has the payload and nothing else; errors, warnings and notes go to stderr.

        """,
        "exit-codes": """
          0  success, yes, same                    8  no permission, wrong credentials, ACL not valid
          1  no, differs, other ZooKeeper errors   9  a command for several znodes failed for some
          2  wrong usage                          10  read-only, or the server refuses
          3  no connection, session expired,      11  corrupt data file
             timeout of a request                 74  local input or output failed
          4  the znode does not exist             75  lock or leadership was lost
          5  the znode exists already            124  a time limit of the command has passed
          6  the znode has children              126, 127  cannot run, not found
          7  another version                     128+n  ended by signal n; 130 is Ctrl-C
        A batch has the status of its first failure.

        """,
    ]
}
