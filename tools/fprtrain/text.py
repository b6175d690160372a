# SPDX-License-Identifier: MIT
"""Text every Debian machine has: the licences in /usr/share/common-licenses.

Tokens are bytes, renumbered over those that occur. Whole files are held out
for testing. Like the images, a batch is a function of (seed, index) alone.
"""
from __future__ import annotations

import pathlib
from typing import Iterator

import torch

from .errors import Missing

FOLDER = "/usr/share/common-licenses"
HELD_OUT = ("Artistic", "MPL-2.0")
CONTEXT = 64
_TEST_SEED = 1 << 40


class Text:
    """Windows of CONTEXT bytes and the bytes that follow each."""

    def __init__(self, folder: str = FOLDER):
        path = pathlib.Path(folder)
        files = sorted(f for f in path.glob("*") if f.is_file() and not f.is_symlink())
        texts = {f.name: f.read_bytes() for f in files}
        test = b"".join(texts.pop(name, b"") for name in HELD_OUT)
        train = b"".join(texts.values())
        if min(len(train), len(test)) <= 2 * CONTEXT:
            raise Missing(f"no licence texts in {folder}", "base-files")
        self.alphabet = sorted(set(train) | set(test))
        self.classes = len(self.alphabet)
        number = torch.zeros(256, dtype=torch.long)
        number[self.alphabet] = torch.arange(self.classes)
        self._tokens = {name: number[torch.tensor(list(text))]
                        for name, text in (("train", train), ("test", test))}

    def _windows(self, side: str, count: int,
                 generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        tokens = self._tokens[side]
        starts = torch.randint(len(tokens) - CONTEXT, (count, 1), generator=generator)
        index = starts + torch.arange(CONTEXT)
        return tokens[index], tokens[index + 1]

    def batch(self, seed: int, index: int, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Training batch `index` of the stream `seed`: two of (size, CONTEXT)."""
        return self._windows("train", size, torch.Generator().manual_seed((seed << 24) + index))

    def test_batches(self, bytes_: int, size: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """The test set, the same for every seed: at least `bytes_` predictions."""
        for first in range(0, -(-bytes_ // CONTEXT), size):
            yield self._windows("test", size, torch.Generator().manual_seed(_TEST_SEED + first))
