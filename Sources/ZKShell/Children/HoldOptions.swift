internal import ShellLanguage

/// Options of the commands that run another one while they hold something.
struct HoldOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Give up after waiting this long; 0 does not wait at all.", valueName: "dur"))
    var timeout: DurationOperand?

    @Option(
        help: ArgumentHelp(
            "When CMD must end: how long after SIGTERM until SIGKILL. Default: 10s.", valueName: "dur"))
    var grace: DurationOperand?

    var graceDuration: Duration { grace?.duration ?? .seconds(10) }

    /// What `help` says of CMD, for all of them.
    static let childDiscussion = """
        CMD runs in a process group of its own. Its environment tells ZOOSH_LOCK (PATH), ZOOSH_LOCK_NODE (the znode that
        stands for the grant), ZOOSH_FENCE (the fencing token, a decimal number that never decreases from holder to
        holder), ZOOSH_SESSION and ZOOSH_SERVER. When the grant is lost, or may be since the connection has been down
        for a quarter of the session timeout, the group gets SIGTERM, and SIGKILL after the grace period, but no later than
        the ensemble may end the session, whatever --grace says: the next holder begins then. When zoosh itself is killed,
        the group is ended likewise. Its exit status is passed through, whatever becomes of giving the grant back. Without CMD the grant is held until Ctrl-C. A process that is paused holds on to a grant that
        others have by now: what it writes to must check the token.
        """
}
