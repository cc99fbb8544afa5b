import Support
import Testing

/// Descriptors that are closed when the program starts, and pipes that nobody reads or writes.
@Suite(.timeLimit(.minutes(5)))
struct DescriptorTests {
    /// `$0` is the program, `$1` the server.
    private func bash(_ script: String) async throws -> CommandResult {
        let server = try await sharedServer.value
        return try await ChildProcess.run(
            "/bin/bash", ["-c", script, BuiltProduct.zoosh, server.connectString],
            environment: BuiltProduct.plainEnvironment)
    }

    @Test(arguments: [
        (#""$0" -s "$1" <&-"#, 0, ""), (#""$0" -s "$1" ls /parent <&-"#, 0, "[child]\n"),
        (#""$0" -s "$1" ls /parent 2>&-"#, 0, "[child]\n"), (#""$0" -s "$1" ls /absent <&- 2>&-"#, 4, ""),
        (#""$0" -s "$1" ls /parent >&-"#, 74, ""), (#""$0" -s "$1" ls /parent <&- >&- 2>&-"#, 74, ""),
        (#""$0" -s "$1" -f - <&-"#, 0, ""), (#""$0" -s "$1" -c '! read x' <&-"#, 1, ""),
        (#""$0" server -- "$0" ls /zookeeper <&-"#, 0, "[config, quota]\n"),
    ])
    func missingDescriptorsAreNoPipesOfTheShell(script: String, status: Int32, output: String) async throws {
        let result = try await bash(script)
        #expect(result.status == status, "\(result.errorText)")
        #expect(result.outputText == output)
    }

    @Test(arguments: [("INT", 130), ("TERM", 143), ("HUP", 129)])
    func theFirstSignalEndsAWriteToAStuckPipe(signal: String, status: Int32) async throws {
        // The first byte is there, so the rest is on its way: more than a pipe holds.
        let result = try await bash(
            """
            directory=$(mktemp -d) && cd "$directory" || exit 1
            mkfifo pipe && exec 7<>pipe
            head -c 300000 /dev/zero | "$0" -s "$1" create /stuck-\(signal) @- || exit 1
            "$0" -s "$1" get /stuck-\(signal) >pipe & child=$!
            head -c 1 <&7 >first; kill -\(signal) $child; wait $child; status=$?
            rm -r "$directory"; exit $status
            """)
        #expect(result.status == status, "\(result.errorText)")
    }

    @Test(arguments: [
        "-f pipe", "-c 'create /x @pipe'", "-c 'import pipe /x'", "-c 'ls / > pipe'", "-c 'create /x @- < pipe'",
    ])
    func theFirstSignalEndsTheWaitForTheOtherSideOfAPipe(words: String) async throws {
        let result = try await bash(
            """
            directory=$(mktemp -d) && cd "$directory" && mkfifo pipe || exit 1
            "$0" -s "$1" -c "! : >started" \(words) & child=$!
            while ! test -e started && kill -0 $child && sleep 0.02; do :; done
            kill -TERM $child; wait $child; status=$?
            rm -r "$directory"; exit $status
            """)
        #expect(result.status == 143, "\(result.errorText)")
    }
}

/// Bytes that are not UTF-8, and limits of the system.
extension DescriptorTests {
    @Test func bytesReachTheSystemAsTheyAre() async throws {
        let result = try await bash(
            #"""
            directory=$(mktemp -d) && cd "$directory" || exit 1
            export ODD=$'\xff\xfe'
            "$0" -s "$1" -c $'! printf "%s" "$ODD\xfd" | od -An -tx1 >&2' -c $'echo x > a\xff' -c $'echo y >> a\xff' \
                -c $'create /odd-bytes @a\xff' -c $'get /odd-bytes | sed "s/x/\xfc/" | od -An -tx1 | head -1 >&2' \
                -c $'get -f b\xfe /odd-bytes' -c $'get /odd-bytes < b\xfe'
            status=$?; ls | od -An -tx1 >&2; rm -r "$directory"; exit $status
            """#)
        #expect(result.status == 0)
        #expect(result.errorText == " ff fe fd\n fc 0a 79 0a 0a\n 61 ff 0a 62 fe 0a\n", "\(result.errorText)")
    }

    /// A connection that a command has would not end with the shell, and what the shell was given is the command's too.
    @Test(arguments: [
        #""$0" -s "$1" -c '! eval "$SCRIPT"'"#, #""$0" -s "$1" -c 'ls / | eval "$SCRIPT"'"#,
        #""$0" -s "$1" lock /descriptors -- sh -c "$SCRIPT""#, #""$0" server -- sh -c "$SCRIPT""#,
    ])
    func commandsGetNoDescriptorOfTheShells(line: String) async throws {
        let script = #"export SCRIPT='for f in /proc/$$/fd/*; do [ -e "$f" ] && printf "%s " "${f##*/}"; done'; "#
        #expect(try await bash(script + line).outputText == "0 1 2 ")
        #expect(try await bash(script + "exec 7</dev/null 12>/dev/null; " + line).outputText == "0 1 12 2 7 ")
    }

    @Test func tooFewDescriptorsAreAMessage() async throws {
        let few = try await bash(#"ulimit -n 12; "$0" -s "$1" ls /parent"#)
        #expect(few.status == 74 && few.errorText.contains("ulimit -n"), "\(few.errorText)")
        #expect(try await bash(#"ulimit -Sn 12; "$0" -s "$1" ls /parent"#).outputText == "[child]\n")
        #expect(try await bash(#"ulimit -n 32; "$0" -s "$1" ls /parent"#).outputText == "[child]\n")
    }
}
