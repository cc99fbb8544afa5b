internal import ShellLanguage

/// Whether ACLs go along with copies.
struct ACLOptions: ParsableArguments {
    @Flag(name: .customLong("acl"), help: "With the ACLs; this is the default.")
    var isExplicit = false

    @Flag(name: .customLong("no-acl"), help: "Without the ACLs: what is new is open to everybody.")
    var leavesACLs = false

    var copiesACL: Bool {
        get throws(UsageError) {
            if isExplicit && leavesACLs { throw UsageError("either --acl or --no-acl") }
            return !leavesACLs
        }
    }
}
