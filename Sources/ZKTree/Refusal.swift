package import ZKCore

/// Why a request is not done.
package struct Refusal: Error {
    package let code: ErrorCode

    package init(_ code: ErrorCode) {
        self.code = code
    }
}
