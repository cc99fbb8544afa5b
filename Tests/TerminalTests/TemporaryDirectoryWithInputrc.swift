import Foundation
import Support

/// A home directory with settings of readline.
struct TemporaryDirectoryWithInputrc {
    let directory: TemporaryDirectory
    var inputrc: String { directory.path("inputrc") }

    init(_ settings: String = "set enable-bracketed-paste off\n") throws {
        directory = try TemporaryDirectory()
        try Data(settings.utf8).write(to: directory.url("inputrc"))
    }
}
