# SPDX-License-Identifier: MIT
"""What there is to choose from, and what is taken when nothing is said."""
import fpr

IMAGE_MODELS = ("cnn", "resnet18")
TEXT_MODELS = ("lstm", "transformer")
MODELS = IMAGE_MODELS + TEXT_MODELS
RATES = {"cnn": 2e-3, "resnet18": 1e-3, "lstm": 1e-2, "transformer": 4e-3}
BATCHES = {"cnn": 64, "resnet18": 48, "lstm": 32, "transformer": 24}
STEPS = {"cnn": 300, "resnet18": 200, "lstm": 300, "transformer": 400}

# The board's auto counts an operand's terms; this one divides by its values.
SPARSER = "sparser"
SERIALS = (SPARSER, *fpr.SERIALS)

# Relative error that a T may cause: see width.
WIDTH_BOUND = 2.0 ** -6

# Functions of study.
STUDIES = ("accuracy", "resnet", "sync", "text")
