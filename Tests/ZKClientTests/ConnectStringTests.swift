import Testing
import ZKClient
import ZKCore

@Suite(.timeLimit(.minutes(1)))
struct ConnectStringTests {
    typealias Host = ConnectString.Host

    @Test(
        arguments: [
            ("h", [Host(name: "h")], nil, false), ("h:1", [Host(name: "h", port: 1)], nil, false),
            ("a:1,b:2", [Host(name: "a", port: 1), Host(name: "b", port: 2)], nil, false),
            ("a:1, b:2 ,", [Host(name: "a", port: 1), Host(name: "b", port: 2)], nil, false),
            ("[::1]:2182/x/y", [Host(name: "::1", port: 2182)], "/x/y", false),
            ("[::1]", [Host(name: "::1")], nil, false), ("h/x/", [Host(name: "h")], "/x", false),
            ("zk://h/", [Host(name: "h")], nil, false), ("zks://h:2281/c", [Host(name: "h", port: 2281)], "/c", true),
        ] as [(String, [Host], ZnodePath?, Bool)])
    func parses(text: String, hosts: [Host], chroot: ZnodePath?, usesTLS: Bool) throws {
        let connectString = try ConnectString(text)
        #expect(connectString == ConnectString(hosts: hosts, chroot: chroot, usesTLS: usesTLS))
        #expect(try ConnectString(connectString.description) == connectString)
    }

    @Test(arguments: [
        ("", "it names no host"), ("/x", "it names no host"), (",", "it names no host"),
        (":2181", ":2181 has no host in front of its port"), ("h:", "an empty text is not a port (1 to 65535)"),
        ("h:0", "0 is not a port (1 to 65535)"), ("h:65536", "65536 is not a port (1 to 65535)"),
        ("h:x", "x is not a port (1 to 65535)"),
        ("::1:2181", "::1:2181: write an IPv6 address in brackets, such as [::1]:2181"),
        ("[::1:2181", "[::1:2181 lacks its closing ]"),
        ("[::1]2181", "[::1]2181: what follows ] must be a colon and a port"),
        ("h//x", "its chroot is not a path: //x: a path must not contain //"),
    ])
    func refuses(text: String, reason: String) {
        let error = #expect(throws: ConnectStringError.self) { try ConnectString(text) }
        #expect(error?.reason == reason)
    }
}
