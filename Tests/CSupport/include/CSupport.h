#ifndef ZOOSH_CSUPPORT_H
#define ZOOSH_CSUPPORT_H

#include <sys/types.h>

/// What Swift's Glibc module does not show, since it is declared under _GNU_SOURCE.

/// Starts a process in a process group of its own, with default signals, and with these three descriptors only.
/// `directory` and `environment` may be null. Returns 0 and stores the pid, or an errno.
int zoosh_test_spawn(
    const char *executable, char *const arguments[], char *const environment[], const char *directory, int input,
    int output, int errors, pid_t *pid);

/// A pipe whose ends are closed on exec. Returns 0 or an errno.
int zoosh_test_pipe(int ends[2]);

#endif
