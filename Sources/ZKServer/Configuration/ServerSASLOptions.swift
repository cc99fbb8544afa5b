import ZKCore

/// Who may log in with SASL DIGEST-MD5.
public struct ServerSASLOptions: Sendable, Hashable {
    /// Passwords by user.
    public var users: [String: String]
    /// The user that becomes the super user, too (`superUser`).
    public var superUser: String?
    /// More of them (`superUser.` with any suffix).
    public var otherSuperUsers: Set<String> = []

    public init(users: [String: String], superUser: String? = nil) {
        self.users = users
        self.superUser = superUser
    }

    /// The users of a JAAS file: `user_NAME="password"` of the `DigestLoginModule` in its section for servers.
    ///
    /// - Parameter section: the name of that section (`sasl.serverconfig`).
    public init(jaasFile path: String, section: String = "Server") throws(ConfigurationError) {
        let text = try SecretFile.read(path)
        let jaas: JAASConfiguration
        do throws(JAASError) {
            jaas = try JAASConfiguration(text)
        } catch {
            throw ConfigurationError("\(path): line \(error.line): \(error.reason).")
        }
        guard let modules = jaas.sections[section] else {
            throw ConfigurationError("\(path) has no section \(section). Add one: \(section) { … };")
        }
        guard let module = modules.first(where: { $0.className.hasSuffix("DigestLoginModule") }) else {
            throw ConfigurationError(
                "\(path): the section \(section) has no DigestLoginModule, which is the one that this server has.")
        }
        users = [:]
        for (key, value) in module.options where key.hasPrefix("user_") {
            users[String(key.dropFirst("user_".count))] = value
        }
        guard !users.isEmpty else {
            throw ConfigurationError("\(path): the section \(section) has no user. Add one: user_NAME=\"password\"")
        }
    }
}

extension ServerSASLOptions {
    func isSuperUser(_ user: String) -> Bool { user == superUser || otherSuperUsers.contains(user) }
}

extension ServerSASLOptions: CustomStringConvertible, CustomReflectable {
    /// Without the passwords.
    public var description: String { "DIGEST-MD5 for \(users.keys.sorted().joined(separator: ", "))" }

    public var customMirror: Mirror { Mirror(self, children: ["users": users.keys.sorted()]) }
}
