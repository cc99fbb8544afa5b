#define _GNU_SOURCE
#include "CSupport.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <unistd.h>

extern char **environ;

/// On the pseudo-terminal `terminal`, or none when it is null; descriptors below 0 are then the terminal.
static int spawn(
    const char *executable, char *const arguments[], char *const environment[], const char *directory,
    const char *terminal, int input, int output, int errors, int *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t signals;
    int result = posix_spawn_file_actions_init(&actions);
    if (result != 0)
        return result;
    result = posix_spawnattr_init(&attributes);
    if (result != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return result;
    }

    // A process that leads a session without a terminal gets the first one that it opens. The terminal is needed for
    // the other descriptors, and so standard input comes last.
    if (terminal != NULL)
        posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, output >= 0 ? output : 0, 1);
    posix_spawn_file_actions_adddup2(&actions, errors >= 0 ? errors : 0, 2);
    if (input >= 0)
        posix_spawn_file_actions_adddup2(&actions, input, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (directory != NULL)
        posix_spawn_file_actions_addchdir_np(&actions, directory);

    posix_spawnattr_setflags(
        &attributes, (terminal != NULL ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP) | POSIX_SPAWN_SETSIGDEF
            | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes, 0);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);

    result = posix_spawnp(
        pid, executable, &actions, &attributes, arguments, environment != NULL ? environment : environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return result;
}

int zoosh_test_spawn(
    const char *executable, char *const arguments[], char *const environment[], const char *directory, int input,
    int output, int errors, int *pid)
{
    return spawn(executable, arguments, environment, directory, NULL, input, output, errors, pid);
}

int zoosh_test_spawn_on_terminal(
    const char *executable, char *const arguments[], char *const environment[], const char *directory,
    const char *terminal, int input, int output, int errors, int *pid)
{
    return spawn(executable, arguments, environment, directory, terminal, input, output, errors, pid);
}

int zoosh_test_pipe(int ends[2])
{
    return pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno;
}
