# SPDX-License-Identifier: MIT
"""Images of characters, rendered from the fonts installed on the machine.

34 classes: the digits and the capitals without O and I. In most typefaces O
and 0, I and 1 are one shape once size and slant are random, so that no image
could tell them apart; number plates drop the two letters for the same reason.

Every glyph is drawn once, large; a batch picks glyphs and gives each a random
size, rotation, slant, position, contrast and noise. A batch is a function of
(seed, index) alone, so runs with one seed see the same images, and the stream
has no end. Typefaces, not files, are divided: no image of a test typeface, in
whatever weight, is ever trained on.
"""
from __future__ import annotations

import math
import pathlib
from typing import Iterator

import numpy
import torch
from PIL import Image, ImageDraw, ImageFont
from torch.nn import functional

from .errors import Missing

CLASSES = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
SIDE = 32
FONT_ROOTS = ("/usr/share/fonts", "/usr/local/share/fonts")

# Typefaces by the beginning of the family name. Kin are on the same side:
# Hack is drawn after DejaVu Sans Mono, Courier Prime and FreeMono after Courier.
TRAIN_FACES = (
    "Accanthis ADF", "Anonymous Pro", "Baskervald ADF", "Berenis ADF Pro", "Caladea",
    "Cantarell", "Comfortaa", "Courier Prime", "DejaVu Sans", "DejaVu Serif", "Dosis", "FreeMono",
    "FreeSans", "FreeSerif", "Go", "Hack", "Jura", "Karla", "Linux Biolinum O",
    "Linux Libertine O", "National Park", "Play", "Quicksand", "Roboto", "Romande ADF",
    "Universalis ADF", "mononoki")
TEST_FACES = (
    "Cabin", "Cardo", "EB Garamond", "Gentium Basic", "Gillius ADF", "Inconsolata",
    "Liberation Mono", "Liberation Sans", "Liberation Serif", "Libris ADF", "Open Sans", "Oxygen")
NOT_LETTERS = ("Math", "Script", "Keyboard", "Initials", "Smallcaps", "Tamil", "Outline")
PACKAGES = " ".join((pathlib.Path(__file__).parent / "fonts.list").read_text().split())

_CELL = 48       # side of a stored glyph
_CAPITAL = 26    # height of a capital in it, so that slanted and wide ones fit
_TEST_SEED = 1 << 40


def _files() -> Iterator[pathlib.Path]:
    for root in FONT_ROOTS:
        for path in sorted(pathlib.Path(root).rglob("*")):
            if path.suffix.lower() in (".ttf", ".otf"):
                yield path


def find_fonts() -> dict[str, list[tuple[str, str]]]:
    """{"train": [(name, file)], "test": [...]} of the typefaces listed above."""
    found: dict[str, dict[str, str]] = {"train": {}, "test": {}}
    for path in _files():
        try:
            family, style = ImageFont.truetype(str(path), 16).getname()
        except OSError:
            continue
        name = f"{family} {style}"
        if any(word in name for word in NOT_LETTERS):
            continue
        for side, faces in (("train", TRAIN_FACES), ("test", TEST_FACES)):
            if any(family == face or family.startswith(face + " ") or
                   family.startswith(face + "-") for face in faces):
                found[side].setdefault(f"{name} {path.stem}", str(path))
    return {side: sorted(fonts.items()) for side, fonts in found.items()}


def _draw(path: str) -> numpy.ndarray:
    """All classes in one font: (classes, cell, cell) of 0..255, ink bright."""
    probe = ImageFont.truetype(path, 100)
    left, top, right, bottom = probe.getbbox("H")
    font = ImageFont.truetype(path, max(8, round(100 * _CAPITAL / max(1, bottom - top))))
    cells = numpy.zeros((len(CLASSES), _CELL, _CELL), numpy.uint8)
    for cell, character in zip(cells, CLASSES):
        image = Image.new("L", (_CELL, _CELL))
        left, top, right, bottom = font.getbbox(character)
        position = (_CELL - left - right) / 2, (_CELL - top - bottom) / 2
        ImageDraw.Draw(image).text(position, character, fill=255, font=font)
        cell[:] = numpy.asarray(image)
    return cells


class Glyphs:
    """The endless training stream and the fixed test set."""
    classes = len(CLASSES)

    def __init__(self):
        fonts = find_fonts()
        for side in ("train", "test"):
            if not fonts[side]:
                raise Missing(f"no font of the {side} typefaces is installed", PACKAGES)
        self.names = {side: [name for name, _ in fonts[side]] for side in fonts}
        self._cells = {side: torch.from_numpy(numpy.stack([_draw(path) for _, path in fonts[side]]))
                       for side in fonts}

    def _images(self, side: str, labels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """labels (n,) -> (n, 1, 32, 32) of about -1..1."""
        n = len(labels)

        def between(low: float, high: float, *shape: int) -> torch.Tensor:
            return low + (high - low) * torch.rand(n, *shape, generator=generator)

        cells = self._cells[side]
        font = torch.randint(len(cells), (n,), generator=generator)
        ink = cells[font, labels].unsqueeze(1).float() / 255
        angle = between(-15, 15) * (math.pi / 180)
        zoom = between(0.95, 1.45) * SIDE / _CELL    # cell pixels per image pixel
        slant = between(-0.15, 0.15)
        cos, sin = zoom * angle.cos(), zoom * angle.sin()
        shift = between(-0.14, 0.14, 2)
        affine = torch.stack([
            torch.stack([cos, cos * slant - sin, shift[:, 0]], 1),
            torch.stack([sin, sin * slant + cos, shift[:, 1]], 1)], 1)
        grid = functional.affine_grid(affine, (n, 1, SIDE, SIDE), align_corners=False)
        ink = functional.grid_sample(ink, grid, align_corners=False)
        contrast = between(0.5, 1.0, 1, 1, 1)
        polarity = 1 - 2 * torch.randint(2, (n, 1, 1, 1), generator=generator)
        noise = torch.randn(ink.shape, generator=generator) * between(0.0, 0.15, 1, 1, 1)
        return polarity * contrast * (2 * ink - 1) + noise

    def batch(self, seed: int, index: int, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Training batch `index` of the stream `seed`: images, labels (size,)."""
        generator = torch.Generator().manual_seed((seed << 24) + index)
        labels = torch.randint(self.classes, (size,), generator=generator)
        return self._images("train", labels, generator), labels

    def test_batches(self, images: int, size: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """The test set, the same for every seed: `images` in all, classes balanced."""
        for first in range(0, images, size):
            generator = torch.Generator().manual_seed(_TEST_SEED + first)
            labels = torch.arange(first, min(first + size, images)) % self.classes
            yield self._images("test", labels, generator), labels
