# SPDX-License-Identifier: MIT
"""Errors a user can make, and what the process exits with."""

OK, FAILED, USAGE, MISSING, NO_BOARD, NO_FILE = range(6)


class UserError(Exception):
    """One clear line for stderr, and the exit status that goes with it."""

    def __init__(self, message: str, status: int = FAILED):
        super().__init__(message)
        self.status = status


class Missing(UserError):
    """Something that a Debian package brings is not installed."""

    def __init__(self, what: str, package: str):
        super().__init__(f"{what}; install it with: apt-get install {package}", MISSING)
