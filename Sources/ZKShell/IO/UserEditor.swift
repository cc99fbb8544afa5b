/// The editor that the user wants.
enum UserEditor {
    static let standard = "vi"

    /// `$VISUAL` or `$EDITOR`; one that is empty counts as not set: the file would be run in its place.
    static func command(environment: (String) -> String?) -> String {
        ["VISUAL", "EDITOR"].lazy.compactMap(environment).first { !$0.trimmingBlanks().isEmpty } ?? standard
    }
}
