/// A last word without a dash that old versions of zkCli took for an option. Honoured with a warning.
public enum TrailingWord: Sendable {
    /// `ls /a watch` means `ls -w /a`.
    case watch
    /// `delete /a 3` means `delete -v 3 /a`.
    case version
}
