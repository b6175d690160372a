# SPDX-License-Identifier: MIT
"""Errors a user can make, and what the process exits with."""
import errno
import sys
from typing import Optional

import fpr

OK, FAILED, USAGE, MISSING, NO_BOARD, NO_FILE = range(6)
INTERRUPTED = 130
# Between ranks a status is an errno.
_ERRNOS = {FAILED: errno.ECANCELED, USAGE: errno.EINVAL, MISSING: errno.ENOPKG,
           NO_BOARD: errno.ENODEV, NO_FILE: errno.EBADF, INTERRUPTED: errno.EINTR}


class UserError(Exception):
    """One clear line for stderr, and the exit status that goes with it."""

    def __init__(self, message: str, status: int = FAILED):
        super().__init__(message)
        self.status = status


class Missing(UserError):
    """Something that a Debian package brings is not installed."""

    def __init__(self, what: str, package: str):
        super().__init__(f"{what}; install it with: apt-get install {package}", MISSING)


def as_user_error(error: BaseException) -> Optional[UserError]:
    """What there is to say of an error; None: it is this program's own mistake."""
    if isinstance(error, UserError):
        return error
    if isinstance(error, MemoryError) or (
            isinstance(error, RuntimeError) and "allocate memory" in str(error)):
        return UserError("out of memory; a smaller --batch needs less")
    if isinstance(error, fpr.FprError):
        return UserError(error.strerror, NO_FILE if "trace" in error.strerror else FAILED)
    if isinstance(error, OSError):
        return UserError(str(error), NO_FILE)
    if isinstance(error, KeyboardInterrupt):
        return UserError("interrupted", INTERRUPTED)
    return None


def say(error: UserError) -> int:
    """The line on stderr -> what to exit with."""
    # One write: with print and an unbuffered stderr another rank's line would come in between.
    sys.stderr.write(f"fprtrain: {error}\n")
    sys.stderr.flush()
    return error.status


def as_errno(status: int) -> int:
    """For fpr_group_fail()."""
    return _ERRNOS[status]


def of_errno(number: int) -> int:
    """The status of a group's error; FAILED when it is the library's own."""
    return next((status for status, known in _ERRNOS.items() if known == number), FAILED)
