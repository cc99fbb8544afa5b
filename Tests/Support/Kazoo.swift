import Foundation

/// The virtual environment with kazoo, the Python client, which `.ci/kazoo-venv` makes.
public enum Kazoo {
    public static var python: String {
        ProcessInfo.processInfo.environment["ZOOSH_TEST_PYTHON"]
            ?? Fixtures.repository.appending(path: ".build/kazoo-venv/bin/python").path(percentEncoded: false)
    }
}
