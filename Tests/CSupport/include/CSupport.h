#ifndef ZOOSH_CSUPPORT_H
#define ZOOSH_CSUPPORT_H

#include <stddef.h>

/// What Swift's Glibc module does not show, since it is declared under _GNU_SOURCE.

/// Starts a process in a process group of its own, with default signals, and with these three descriptors only.
/// `directory` and `environment` may be null. Returns 0 and stores the pid, or an errno.
int zoosh_test_spawn(
    const char *executable, char *const arguments[], char *const environment[], const char *directory, int input,
    int output, int errors, int *pid);

/// Starts a process in a session of its own whose terminal is the pseudo-terminal `terminal`: standard input, and
/// standard output and error unless these name other descriptors. Returns 0 and stores the pid, or an errno.
int zoosh_test_spawn_on_terminal(
    const char *executable, char *const arguments[], char *const environment[], const char *directory,
    const char *terminal, int input, int output, int errors, int *pid);

/// A new pseudo-terminal of this size: its controlling side, and in `name` the path of the other. Returns 0 or an errno.
int zoosh_test_terminal(int rows, int columns, int *descriptor, char *name, size_t size);

/// Gives the pseudo-terminal another size, and tells the processes in its foreground. Returns 0 or an errno.
int zoosh_test_resize(int descriptor, int rows, int columns);

/// A pipe whose ends are closed on exec. Returns 0 or an errno.
int zoosh_test_pipe(int ends[2]);

#endif
