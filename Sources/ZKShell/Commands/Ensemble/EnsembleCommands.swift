/// The commands that look at servers from outside of a session, in the order of `help`.
let ensembleCommands: [any ShellCommand.Type] = [
    StatusCommand.self,
    FourLetterWordCommand.self,
    AdminCommand.self,
    WhoCommand.self,
    SessionsCommand.self,
    TopCommand.self,
    MonitorCommand.self,
    LatencyCommand.self,
]
