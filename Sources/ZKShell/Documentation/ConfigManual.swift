import ShellLanguage

/// zoosh-config(5)
enum ConfigManual {
    static func page() -> String {
        var page = ManualPage("zoosh-config", section: 5, abstract: "settings of the zoosh shell")
        page.section("DESCRIPTION")
        page.prose(
            """
            The config file of zoosh holds what would else be given as options each time. It consists of sections, whose \
            names are in brackets, of keys with values behind an equals sign, and of comments, whose lines begin with # \
            or a semicolon.
            """)
        page.macro(".Bl -tag -width Ds")
        page.macro(".It Li [default]")
        page.prose("Holds always. What stands before the first section belongs to it.")
        page.macro(".It Li \"[profile NAME]\"")
        page.prose("Holds with --profile NAME, or when ZOOSH_PROFILE names it. It wins over [default].")
        page.macro(".It Li [alias]")
        page.prose("Names for the beginnings of commands.")
        page.macro(".El")
        page.paragraph(
            "An option of the command line wins over its variable in the environment, which wins over the file. "
                + "Credentials in a file that others can read are refused. A wrong value is an error that names the "
                + "line; an unknown key is only a warning.")
        page.subsection("Keys")
        page.prose(
            "The keys are the long names of options without their dashes. An option without a value is on or off, and one that may be repeated may be given on several lines."
        )
        page.breakParagraph()
        let options = CommandSchema.of(GlobalOptions.self).options.filter { !$0.isHidden }
        page.list(
            options.compactMap { option in
                guard let name = option.names.first(where: { $0.kind == .long })?.text,
                    !ConfigOptions.excluded.contains(name)
                else {
                    return nil
                }
                let value = option.kind == .option ? " = \(option.valueName)" : " = on"
                return ("Cm \(ManualPage.argument(name + value))", ManualPage.explanation(option))
            })
        page.section("FILES")
        page.list([
            ("Pa ~/.config/zoosh/config", "The file, unless --config names another; --no-config reads none."),
            ("Pa $XDG_CONFIG_HOME/zoosh/config", "The same, when XDG_CONFIG_HOME is set."),
        ])
        page.section("EXAMPLES")
        page.literal(
            """
            [default]
            server = localhost:2181
            output = plain

            [profile production]
            server = zk1,zk2,zk3/app
            tls-ca = /etc/ssl/zookeeper-ca.pem
            read-only = on

            [alias]
            members = ls -l /members
            """)
        page.section("SEE ALSO")
        page.macro(".Xr zoosh 1")
        return page.text
    }
}
