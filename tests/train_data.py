#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The training data: repeatable, endless, and no test typeface in training."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "common"))
import train_env

train_env.need("numpy", "torch", "PIL")

import torch

from fprtrain.glyphs import CLASSES, Glyphs, find_fonts
from fprtrain.text import CONTEXT, Text

train_env.need_fonts()


class Images(unittest.TestCase):
    """Rendered characters."""

    @classmethod
    def setUpClass(cls):
        cls.data = Glyphs()

    def test_typefaces_are_disjoint(self):
        fonts = find_fonts()
        first_words = {side: {" ".join(name.split()[:2]) for name, _ in fonts[side]}
                       for side in fonts}
        self.assertFalse(first_words["train"] & first_words["test"])
        files = {side: {path for _, path in fonts[side]} for side in fonts}
        self.assertFalse(files["train"] & files["test"])

    def test_a_batch_depends_on_seed_and_index_alone(self):
        once, again = self.data.batch(1, 7, 16), Glyphs().batch(1, 7, 16)
        self.assertTrue(torch.equal(once[0], again[0]) and torch.equal(once[1], again[1]))
        self.assertEqual(once[0].shape, (16, 1, 32, 32))
        for seed, index in ((1, 8), (2, 7)):
            self.assertFalse(torch.equal(once[0], self.data.batch(seed, index, 16)[0]))

    def test_the_test_set_is_balanced_and_whole(self):
        labels = torch.cat([y for _, y in self.data.test_batches(340, 64)])
        self.assertEqual(labels.bincount().tolist(), [10] * len(CLASSES))

    def test_every_glyph_has_ink_and_classes_differ(self):
        for cells in self.data._cells.values():
            self.assertGreater(int(cells.flatten(2).max(2).values.min()), 100)
            flat = cells[::8].flatten(2).float()
            distance = (flat.unsqueeze(1) - flat.unsqueeze(2)).abs().mean(3)
            distance += 1e9 * torch.eye(len(CLASSES))
            self.assertGreater(float(distance.min()), 0.5)


class Words(unittest.TestCase):
    """Licences."""

    def test_targets_are_the_next_bytes(self):
        x, y = Text().batch(0, 1, 4)
        self.assertEqual(x.shape, (4, CONTEXT))
        self.assertTrue(torch.equal(x[:, 1:], y[:, :-1]))

    def test_held_out_files_are_not_trained_on(self):
        text = Text()
        train, test = (bytes(text.alphabet[t] for t in text._tokens[side].tolist())
                       for side in ("train", "test"))
        self.assertGreater(len(test), 10000)
        for at in range(0, len(test) - 200, 5000):
            self.assertNotIn(test[at:at + 200], train)


if __name__ == "__main__":
    unittest.main()
