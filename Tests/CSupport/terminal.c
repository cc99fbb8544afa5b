#define _GNU_SOURCE
#include "CSupport.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int zoosh_test_terminal(int rows, int columns, int *descriptor, char *name, size_t size)
{
    int result;
    int controller = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (controller < 0)
        return errno;
    if (grantpt(controller) != 0 || unlockpt(controller) != 0 || ptsname_r(controller, name, size) != 0) {
        result = errno;
        close(controller);
        return result;
    }
    result = zoosh_test_resize(controller, rows, columns);
    if (result != 0) {
        close(controller);
        return result;
    }
    *descriptor = controller;
    return 0;
}

int zoosh_test_resize(int descriptor, int rows, int columns)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    return ioctl(descriptor, TIOCSWINSZ, &size) == 0 ? 0 : errno;
}

int zoosh_test_spawn_on_terminal(
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

    // A process that leads a session without a terminal gets the first one that it opens.
    posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, output >= 0 ? output : 0, 1);
    posix_spawn_file_actions_adddup2(&actions, errors >= 0 ? errors : 0, 2);
    if (input >= 0)
        posix_spawn_file_actions_adddup2(&actions, input, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (directory != NULL)
        posix_spawn_file_actions_addchdir_np(&actions, directory);

    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);

    result = posix_spawnp(pid, executable, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return result;
}
