internal import Glibc
internal import ShellLanguage
internal import ZKServer
internal import ZKShell

/// `zoosh server` and `zoosh dev`: a server for as long as the process, a command or a shell lives.
struct ServerRun {
    private let options: ServerOptions
    private let diagnostics = Diagnostics(descriptor: STDERR_FILENO)

    /// - Throws: ``ShellError`` 2 for wrong options; nil when help was asked for and printed.
    init?(words: [Word], name: String) throws(ShellError) {
        do {
            guard let parsed = try ServerOptions.parse(words) else {
                _ = try ShellMain.print(ProgramCommand.named(name).helpText)
                return nil
            }
            options = parsed
        } catch {
            throw .usage("\(name): \(ShellError(error).message); `zoosh \(name) --help` lists the options")
        }
    }

    // MARK: zoosh server

    func runServer() -> ExitCode {
        let box = ServerBox()
        let loop = MainLoop()
        // A server lives on when its terminal goes; a command with a server of its own does not.
        if options.command.isEmpty { signal(SIGHUP, SIG_IGN) }
        let status = loop.run {
            box.status = await serve()
            return box.status
        }
        // SIGTERM and SIGINT are the way to stop a server, not a failure of it: what counts is how the stop went.
        return options.command.isEmpty ? box.status : status
    }

    private func serve() async -> ExitCode {
        do {
            let (configuration, remarks, temporary) = try options.configuration(
                isThrowAway: !options.command.isEmpty, servesShell: !options.command.isEmpty)
            defer { if let temporary { remove(temporary) } }
            for remark in remarks { diagnostics.writeLine("zoosh: warning: \(remark)") }
            let server = try await start(configuration)
            // Who waits for the server finds everything there.
            if let file = options.importFile {
                let status = await importFile(file, into: OwnServer(server, configuration))
                guard status == .success else {
                    try await server.shutdown()
                    return status
                }
            }
            try announce(server, configuration)
            if options.command.isEmpty {
                try await waitUntilStopped(server)
                return .success
            }
            let status = await runCommand(on: OwnServer(server, configuration))
            try await server.shutdown()
            return status
        } catch {
            return fail(error)
        }
    }

    /// Returns when the task is cancelled and the server has stopped cleanly; throws when a bad disk has stopped it.
    private func waitUntilStopped(_ server: EmbeddedServer) async throws {
        try await withTaskCancellationHandler {
            try await server.waitUntilStopped()
        } onCancel: {
            Task { try await server.shutdown() }
        }
    }

    private func runCommand(on server: OwnServer) async -> ExitCode {
        do throws(ShellError) {
            let command = try SystemCommand.start(
                options.command,
                environment: server.environment(environment) + [
                    (name: "ZOOKEEPER_CONNECT", value: server.connectString)
                ])
            return await command.wait()
        } catch {
            return fail(error)
        }
    }

    // MARK: zoosh dev

    func runDevelopment(_ shellOptions: ShellOptions) throws(ShellError) -> ExitCode {
        let box = ServerBox()
        let started = MainLoop().run {
            do {
                let (configuration, remarks, _) = try options.configuration(
                    isThrowAway: false, servesShell: true)
                for remark in remarks { diagnostics.writeLine("zoosh: warning: \(remark)") }
                let server = try await startAnywhere(configuration)
                box.server = server
                box.own = OwnServer(server, configuration)
                try announce(server, configuration)
                return .success
            } catch {
                return fail(error)
            }
        }
        guard started == .success, let server = box.server else { return started }
        var shellOptions = shellOptions
        if let own = box.own { own.take(&shellOptions) }
        if let file = options.importFile {
            let imported = try ShellMain(options: shellOptions).runOneShot([Word("import"), Word(file)])
            if imported != .success { diagnostics.writeLine("zoosh: dev: --import \(file) failed; the shell begins") }
        }
        let isInteractive = isatty(STDIN_FILENO) == 1
        let shell = try ShellMain(options: shellOptions, isInteractive: isInteractive)
        let status =
            isInteractive ? shell.runInteractive(environment: environment) : shell.runBatch([.file("-")])
        let stopped = MainLoop().run {
            do {
                try await server.shutdown()
                return .success
            } catch {
                return fail(error)
            }
        }
        return status == .success ? stopped : status
    }

    /// Takes a free port when the usual one, which nobody asked for, is taken.
    private func startAnywhere(_ configuration: ServerConfiguration) async throws -> EmbeddedServer {
        do {
            return try await start(configuration)
        } catch let error as ListenError where error.isInUse && error.what == .client {
            guard options.listen == nil, options.port == nil, options.config == nil else { throw error }
            var other = configuration
            other.port = 0
            return try await start(other)
        }
    }

    /// Written before the loop ends, read after.
    private final class ServerBox: @unchecked Sendable {
        var server: EmbeddedServer?
        var own: OwnServer?
        var status = ExitCode.success
    }

    // MARK: Both

    private func start(_ configuration: ServerConfiguration) async throws -> EmbeddedServer {
        umask(0o077)
        // A write that the limit for the size of files forbids must fail, not end the process.
        signal(SIGXFSZ, SIG_IGN)
        return try await EmbeddedServer.start(configuration)
    }

    private func announce(_ server: EmbeddedServer, _ configuration: ServerConfiguration) throws(ShellError) {
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        if let warning = configuration.openness {
            diagnostics.writeLine("zoosh: warning: \(host) is not a loopback address, and \(warning)")
        }
        if configuration.faults != nil {
            diagnostics.writeLine("zoosh: warning: this server makes faults on purpose")
        }
        if !configuration.syncsLog {
            diagnostics.writeLine("zoosh: warning: the log is not synced: a power loss may take acknowledged writes")
        }
        if let file = options.portFile { try writePort(server.port, to: file) }
        if configuration.listensPlain { diagnostics.writeLine("listening on \(host):\(server.port)") }
        if let port = server.securePort { diagnostics.writeLine("listening with TLS on \(host):\(port)") }
        if let port = server.adminPort { diagnostics.writeLine("admin server on 127.0.0.1:\(port)") }
        if let descriptor = options.readyFd {
            let line = Array("\(server.port)\n".utf8)
            _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            close(descriptor)
        }
    }

    /// The file is there only when it is whole.
    private func writePort(_ port: Int, to file: String) throws(ShellError) {
        let temporary = "\(file).\(getpid())"
        guard let stream = fopen(temporary, "w") else {
            throw ShellError(.localIO, "cannot write \(file): \(String(cString: strerror(errno)))")
        }
        fputs("\(port)\n", stream)
        guard fclose(stream) == 0, rename(temporary, file) == 0 else {
            throw ShellError(.localIO, "cannot write \(file): \(String(cString: strerror(errno)))")
        }
    }

    private func importFile(_ file: String, into server: OwnServer) async -> ExitCode {
        guard let program = ProcessArguments.program else { return .localIO }
        do throws(ShellError) {
            // What it reports of itself must not be in the way of what a command prints.
            return try await SystemCommand.start(
                [program, "-s", server.connectString, "--quiet", "import", file],
                environment: server.environment(environment, showsCertificate: true)
            ).wait()
        } catch {
            return fail(error)
        }
    }

    private func remove(_ directory: String) {
        let removed = try? SystemCommand.start(["rm", "-rf", "--", directory])
        _ = removed?.waitBlocking()
    }

    private func fail(_ error: any Error) -> ExitCode {
        if let error = error as? ShellError {
            writeLastLine(error.message)
            return error.status
        }
        if let error = error as? ListenError {
            writeLastLine("\(error): \(options.wayOut(of: error))")
            return .localIO
        }
        writeLastLine("\(error)")
        return .localIO
    }

    /// A server that must end does so, though nobody reads what it says.
    private func writeLastLine(_ message: String) {
        var poll = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        guard Glibc.poll(&poll, 1, 1000) > 0 else { return }
        diagnostics.writeLine("zoosh: server: \(message)")
    }
}

extension ServerOptions {
    /// What to do about a socket that cannot listen.
    fileprivate func wayOut(of error: ListenError) -> String {
        let option =
            switch error.what {
            case .client: "--port"
            case .tls: "--tls-port"
            case .admin: "--admin"
            case .metrics: "metricsProvider.httpPort in the file of --config"
            }
        if error.isInUse { return "stop what listens there, or choose another with \(option) (0 takes a free one)" }
        return error.what == .client ? "choose another address with --listen" : "choose another with \(option)"
    }
}

extension ServerConfiguration {
    /// What is open to everybody who reaches the server from another machine; nil for nothing.
    fileprivate var openness: String? {
        let provesIdentities = !requiredSchemes.isEmpty
        if listensPlain, !Self.isLoopback(host) {
            return provesIdentities
                ? "connections are not encrypted"
                : "connections are neither encrypted nor authenticated by default"
        }
        guard let tls, !Self.isLoopback(tls.host ?? host), tls.clientAuthentication != .need, !provesIdentities else {
            return nil
        }
        return "clients are not authenticated: --tls-client-auth need or --require-auth demand it"
    }
}
