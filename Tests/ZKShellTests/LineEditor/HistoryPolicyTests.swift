import Testing

@testable import ZKShell

@Suite struct HistoryPolicyTests {
    @Test(arguments: [
        "get /a", "addWatch /a", "create /auth x", "set /x 'addauth'", "help addauth", "ls /addauth",
        "setAcl /x world:anyone:r", "history", "create /digest x", "oath /x", "ad /x",
    ])
    func keepsWhatHasNoSecret(line: String) {
        #expect(HistoryPolicy.keeps(line, previous: nil))
    }

    @Test(arguments: [
        "addauth digest user:secret", "ls / ; addauth digest user:secret", "ls / && addauth digest u:p",
        "time addauth digest u:p", "try addauth digest u:p", "repeat 3 addauth digest u:p",
        "repeat 3 -i 1s addauth digest u:p", "time repeat 2 addauth digest u:p", "digest user:secret",
        "auth digest u:p", "add_auth digest u:p", "'addauth' digest u:p", "\\addauth digest u:p",
        "setAcl /x digest:user:hash=:cdrwa", "create /x data digest:user:hash=:r", "ls /\naddauth digest u:p",
        "addath digest joe:SECRET", "ADDAUTH digest joe:SECRET", "adauth x joe:SECRET", "Add-Auth digest u:p",
        "auht digest u:p", "digets joe:SECRET", "time addatuh digest u:p", "[zk: h(CONNECTED) 0] addauth digest u:p",
        "login digest u:p", "connect --auth digest:u:p", "alias login='addauth digest u:p'",
        "alias login addauth digest u:p",
    ])
    func leavesSecretsOut(line: String) {
        #expect(!HistoryPolicy.keeps(line, previous: nil))
    }

    @Test(arguments: ["", " get /a", "\tget /a", "\n"])
    func leavesOutWhatBeginsWithABlank(line: String) {
        #expect(!HistoryPolicy.keeps(line, previous: nil))
    }

    @Test func looksBehindAliases() {
        let aliases = { (name: String) in name == "login" ? "addauth" : nil }
        #expect(!HistoryPolicy.keeps("login digest u:p", previous: nil, aliases: aliases))
        #expect(HistoryPolicy.keeps("get login", previous: nil, aliases: aliases))
    }

    @Test func leavesOutRepetitions() {
        #expect(!HistoryPolicy.keeps("get /a", previous: "get /a"))
        #expect(HistoryPolicy.keeps("get /a", previous: "get /b"))
    }
}
