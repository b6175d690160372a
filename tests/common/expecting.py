# SPDX-License-Identifier: MIT
"""For a test that looks at many things and says of each what does not hold."""
FAILED = []


def expect(holds, what):
    """Say what does not hold."""
    if not holds:
        print(what)
        FAILED.append(what)
