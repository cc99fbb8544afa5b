#define _GNU_SOURCE
#include "CSupport.h"

#include <errno.h>
#include <fcntl.h>
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
