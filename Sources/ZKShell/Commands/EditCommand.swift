internal import Glibc
internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct EditCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "edit", group: .znodes, abstract: "Change the data of a znode in an editor.",
        discussion: """
            The editor is $VISUAL or $EDITOR, else vi; its file is in $TMPDIR or /tmp. The data is written back only when nobody has changed it meanwhile; if
            somebody has, you choose: overwrite, merge both (diff3 and the editor again), see the difference, or leave it.
            What was not written stays in a file that the message names.
            """,
        examples: [
            .init("edit /app/config", "and save"),
            .init("edit --validate json /app/config.json", "refuse to write what is not JSON"),
        ],
        exitStatuses: [
            .init(.noNode, "the znode does not exist"), .init(.badVersion, "somebody else has changed it"),
            .init(.failure, "the editor failed, or the text is not valid"),
        ],
        writes: true)

    enum Validation: String, ShellValue, CaseIterable {
        case json
        case none
    }

    @Option(name: .customShort("v"), help: ArgumentHelp("Only when the data has this version.", valueName: "version"))
    var version: Int32?

    @Option(help: ArgumentHelp("What the text must be.", valueName: "format"))
    var validate = Validation.none

    @Argument(help: "The znode.")
    var path: PathOperand

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        let client = try await shell.client()
        var (base, stat) = try await client.getData(path)
        if let version, version != stat.version {
            throw ShellError(.badVersion, "\(path): the version is \(stat.version), not \(version)", path: path)
        }
        if shell.options.isDryRun { return try shell.wouldDo("edit \(path) (version \(stat.version))") }
        let file = try EditedFile(data: base ?? [], name: path.name)
        while true {
            let before = try file.data()
            let text: [UInt8]
            do {
                text = try await editUntilValid(file, base: base ?? [], path: path, in: shell)
            } catch {
                file.keep(unless: before) { shell.session.diagnostics.writeLine($0) }
                throw error
            }
            guard text != (base ?? []) else {
                file.remove()
                return shell.note("\(path): not changed")
            }
            do {
                let written = try await write(text, to: path, over: (base, stat), file: file, in: shell)
                switch written {
                case .written(let stat):
                    file.remove()
                    if shell.options.output == .json { try shell.emit(StatResult(path: path, stat: stat)) }
                    return
                case .merged(let theirs): (base, stat) = theirs
                }
            } catch {
                shell.session.diagnostics.writeLine("your text is in \(file.path)")
                throw error
            }
        }
    }

    private enum Outcome {
        case written(Stat)
        /// The file has both texts, and is to be edited again.
        case merged((data: [UInt8]?, stat: Stat))
    }

    private func write(
        _ text: [UInt8], to path: ZnodePath, over base: (data: [UInt8]?, stat: Stat), file: EditedFile,
        in shell: ShellContext
    ) async throws -> Outcome {
        let client = try await shell.client()
        var version = base.stat.version
        while true {
            do {
                return .written(try await client.setData(path, data: text, version: version))
            } catch let error as ZooKeeperError where error.code == .badVersion {
                let theirs = try await client.getData(path)
                switch try await choose(text, theirs, path: path, in: shell) {
                case .overwrite: version = theirs.stat.version
                case .merge:
                    try await file.merge(mine: text, base: base.data ?? [], theirs: theirs.data ?? [])
                    return .merged(theirs)
                case .leave:
                    throw ShellError(
                        .badVersion, "\(path): somebody else has changed it, and nothing was written",
                        code: .badVersion, path: path)
                }
            }
        }
    }

    /// Runs the editor until the text is what `--validate` wants.
    private func editUntilValid(
        _ file: EditedFile, base: [UInt8], path: ZnodePath, in shell: ShellContext
    ) async throws -> [UInt8] {
        while true {
            let status = try await file.edit(with: shell.options.editor, in: shell)
            guard status == .success else {
                throw ShellError(
                    .failure, "\(path): the editor ended with status \(status.rawValue), and nothing was written",
                    path: path)
            }
            var text = try file.data()
            // Editors end the last line; data that had no newline at its end gets none.
            if text.last == .newline, base.last != .newline, text.dropLast().last != .newline { text.removeLast() }
            guard validate == .json else { return text }
            do throws(JSONError) {
                _ = try JSONValue(parsing: text)
                return text
            } catch {
                shell.warn("\(path): not JSON: \(error)")
                guard shell.session.input.isTerminal, !shell.options.neverPrompts,
                    let answer = try await shell.session.input.ask("Edit again? [Y/n] ", echo: true),
                    !answer.trimmingBlanks().lowercased().hasPrefix("n")
                else {
                    throw ShellError(.failure, "\(path): not JSON, and nothing was written", path: path)
                }
            }
        }
    }

    private enum Choice {
        case overwrite
        case merge
        case leave
    }

    /// Asks what to do when somebody else was faster.
    private func choose(
        _ text: [UInt8], _ theirs: (data: [UInt8]?, stat: Stat), path: ZnodePath, in shell: ShellContext
    ) async throws -> Choice {
        guard shell.session.input.isTerminal, !shell.options.neverPrompts else { return .leave }
        shell.session.diagnostics.writeLine(
            "\(path) was changed by somebody else while you edited it: its version is \(theirs.stat.version) now")
        while true {
            let answer = try await shell.session.input.ask(
                "[o]verwrite it, [m]erge in the editor, show the [d]ifference, [l]eave it? ", echo: true)
            switch answer?.trimmingBlanks().lowercased().first {
            case "o": return .overwrite
            case "m": return .merge
            case "d":
                let (old, new) = (theirs.data ?? [], text)
                let difference = UnifiedDiff.text(
                    String(decoding: old, as: UTF8.self), String(decoding: new, as: UTF8.self),
                    names: ("\(path) (theirs)", "\(path) (yours)"))
                try shell.output.write(difference)
                try shell.output.flush()
            case "l", nil: return .leave
            default: continue
            }
        }
    }
}
