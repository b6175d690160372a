# SPDX-License-Identifier: MIT
"""fprtrain: trains neural networks whose matrix products an fpr board computes."""
