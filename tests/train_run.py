#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Short training runs: learning, pruning, quantising, thresholds, and traces that replay."""
import dataclasses
import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "common"))
import train_env

train_env.need("numpy", "torch", "torchvision", "PIL")

import torch

import fpr
from fprtrain import choices, models, prune, quant, stats, train, width
from fprtrain.board import Board
from fprtrain.layers import Native, Switch, product_layers, swap

train_env.need_fonts()


def options(model: str, steps: int, **others) -> train.Options:
    """A run small enough for a test."""
    base = train.Options(model=model, steps=steps, batch=8, lr=choices.RATES[model], eval_images=68)
    return dataclasses.replace(base, **others)


class Runs(unittest.TestCase):
    """On the local board."""

    @classmethod
    def setUpClass(cls):
        cls.board = Board("local")

    def run_of(self, model: str, steps: int, **others) -> train.Run:
        """Train on the board."""
        return train.train(options(model, steps, **others), train.data_for(model), "board",
                           self.board)

    def test_every_model_learns_with_every_product_on_the_board(self):
        layers = {"cnn": 8, "lstm": 3, "transformer": 13}
        for model, count in layers.items():
            with self.subTest(model=model):
                steps = 25
                run = self.run_of(model, steps, stats_steps=frozenset({steps}))
                self.assertLess(run.final_loss(), run.losses[0] - 0.2)
                self.assertEqual(run.board_steps, steps)
                costs = run.collector.costs()
                self.assertEqual(len({cost.layer for cost in costs}), count)
                # Only the first layer of the images has no input gradient to compute.
                missing = 1 if model == "cnn" else 0
                self.assertEqual(len(costs), 3 * count - missing)

    def test_board_and_torch_agree_on_a_step(self):
        for model in choices.MODELS:
            with self.subTest(model=model):
                data = train.data_for(model)
                loss = {name: train.train(options(model, 1), data, name,
                                          self.board if name == "board" else None).losses[0]
                        for name in ("board", "fp32", "bf16")}
                for name in ("board", "bf16"):
                    self.assertAlmostEqual(loss[name], loss["fp32"], delta=0.02 * loss["fp32"])

    def test_a_run_repeats(self):
        first, second = (self.run_of("cnn", 3) for _ in range(2))
        self.assertEqual(first.losses, second.losses)

    def test_sampled_steps(self):
        run = self.run_of("resnet18", 6, sample_every=4, batch=4, stats_steps=frozenset({6}),
                          eval_images=4)
        self.assertEqual(run.board_steps, 2)
        self.assertEqual(list(run.collector.steps), [6])
        self.assertEqual(len({cost.layer for cost in run.collector.costs()}), 21)

    def test_figures_add_up(self):
        run = self.run_of("cnn", 1, stats_steps=frozenset({1}), eval_images=4)
        costs = run.collector.costs()
        for cost in costs:
            m, n, k, batch = cost.shape
            dense = cost.kinds["dense"]
            sets = -(-m // 8) * -(-n // 8) * sum(-(-min(64, k - at) // 8) for at in range(0, k, 64))
            self.assertEqual(dense["cycles_compute"], sets * batch)
            self.assertEqual(cost.cycles_per_8("dense"), 1)
            self.assertAlmostEqual(cost.speedup_paper("chunk"), 4.5 / cost.cycles_per_8("chunk"))
            self.assertAlmostEqual(cost.speedup("value"), 2 / cost.cycles_per_8("value"))
            for kind in fpr.KINDS:
                self.assertAlmostEqual(sum(cost.lanes(kind).values()), 1)
            self.assertLessEqual(cost.bytes_moved(True), cost.bytes_moved(False))
            self.assertEqual(cost.a.values, m * k)
        everything = stats.total(costs)
        self.assertEqual(everything.kinds["set"]["cycles_compute"],
                         sum(cost.kinds["set"]["cycles_compute"] for cost in costs))

    def test_pruning_reaches_its_share_and_keeps_it(self):
        run = self.run_of("cnn", 10, prune=0.8, stats_steps=frozenset({10}))
        self.assertAlmostEqual(run.pruned_share, 0.8, delta=0.005)
        weights = [cost.b for cost in run.collector.costs()
                   if cost.product == "AxW" and cost.layer != "conv1a"]
        share = sum(w.zeros for w in weights) / sum(w.values for w in weights)
        self.assertGreater(share, 0.79)

    def test_quantised_operands_are_small_integers(self):
        board = Board("local")
        seen = {}

        def look(product, _):
            for operand in (product.a, product.b):
                seen.setdefault((product.layer, operand.letter), set()).update(
                    operand.tensor.float().unique().tolist())

        trainer = train._Trainer(options("cnn", 2, quantize=4), train.data_for("cnn"), "board",
                                 board)
        board.observers.append(look)
        trainer.step(1)
        trainer.step(2)
        inner = {layer for layer, _ in seen} - {"conv1a", "fc2"}
        self.assertEqual(len(inner), 6)
        for layer in inner:
            self.assertLessEqual(seen[layer, "A"], set(range(16)))
            self.assertLessEqual(seen[layer, "W"], set(range(-7, 8)))
            self.assertGreater(len(seen[layer, "A"]), 2)
            self.assertGreater(len(seen[layer, "W"]), 2)
        self.assertGreater(len(seen["fc2", "A"]), 16)

    def test_thresholds_follow_the_rule(self):
        steps = 3
        run = self.run_of("cnn", steps, per_layer_width=True, width_every=2,
                          stats_steps=frozenset({steps}))
        self.assertEqual(sorted(run.widths), [1, 2])
        self.assertEqual(len(run.widths[1]), 2 * 23)
        for cost in run.collector.costs():
            for kind in ("set", "chunk"):
                self.assertEqual(cost.t[kind], run.widths[2][cost.layer, cost.product,
                                                             fpr.KINDS.index(kind)])
            self.assertEqual(cost.t["value"], cost.t["chunk"])
            self.assertEqual(cost.kinds["value"]["terms_issued"],
                             cost.kinds["chunk"]["terms_issued"])
        wide = self.run_of("cnn", 1, per_layer_width=True, width_bound=0.0).widths[1]
        narrow = self.run_of("cnn", 1, per_layer_width=True, width_bound=0.2).widths[1]
        self.assertTrue(all(narrow[key] <= run.widths[1][key] <= wide[key] for key in wide))
        self.assertLess(sum(narrow.values()), sum(wide.values()))

    def test_the_chosen_threshold_is_the_smallest_that_will_do(self):
        board = Board("local", serial="a")
        chooser = width.PerLayer(board, choices.WIDTH_BOUND)
        torch.manual_seed(3)
        from fprtrain import ops
        from fprtrain.board import Product
        a, b = board.round("A", torch.randn(24, 200)), board.round("W", torch.randn(16, 200))
        product = Product("layer", "AxW", a, b, 24, 16, 200, 1, {"trans_b": 1})
        chooser.active = True
        chooser(product, None)
        chooser.commit(1)
        for kind in width.KINDS:
            t = board.chosen["layer", "AxW", kind]
            self.assertTrue(0 < t < fpr.T_MAX)
            exact = board.values(product, kind, fpr.T_MAX)
            errors = [float((board.values(product, kind, s) - exact).norm() / exact.norm())
                      for s in (t - 1, t)]
            self.assertGreater(errors[0], choices.WIDTH_BOUND)
            self.assertLessEqual(errors[1], choices.WIDTH_BOUND)


class Traces(unittest.TestCase):
    """Recorded products replay; damaged ones do not."""

    def test_replay(self):
        """On the engine that recorded, on another, and on the HLS C: bits and counters."""
        if not train_env.FPRCTL.exists():
            self.skipTest("fprctl is not built")
        with tempfile.TemporaryDirectory() as folder:
            for model, kind, devices in (
                    ("cnn", "dense", ("local:model=hls",)), ("cnn", "set", ("local:isa=portable",)),
                    ("cnn", "chunk", ("local", "local:isa=portable", "local:model=hls")),
                    ("transformer", "value", ("local", "local:isa=portable"))):
                trace = os.path.join(folder, model)
                outcome = train_env.in_process("--model", model, "--steps", 2, "--batch", 1,
                                               "--eval-images", 1, "--record", trace,
                                               "--record-steps", "2", "--stats-steps", "none",
                                               "--kind", kind)
                self.assertEqual(outcome.returncode, 0, outcome.stderr)
                for device in devices:
                    replayed = train_env.run(train_env.FPRCTL, "replay", "--device", device, trace)
                    self.assertEqual(replayed.returncode, 0, replayed.stdout + replayed.stderr)
            damaged = bytearray(pathlib.Path(trace).read_bytes())
            damaged[len(damaged) // 2] ^= 1
            pathlib.Path(trace).write_bytes(damaged)
            replayed = train_env.run(train_env.FPRCTL, "replay", "--device", "local", trace)
            self.assertNotEqual(replayed.returncode, 0)
            pathlib.Path(trace).write_bytes(damaged[:len(damaged) // 2])
            replayed = train_env.run(train_env.FPRCTL, "replay", "--device", "local", trace)
            self.assertNotEqual(replayed.returncode, 0)

    def test_a_product_that_adds_up_over_a_batch_is_recorded_entry_by_entry(self):
        if not train_env.FPRCTL.exists():
            self.skipTest("fprctl is not built")
        from fprtrain import ops
        board = Board("local")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "trace")
            trace = fpr.TraceWriter(path)
            board.observers.append(lambda product, _: board.record(product, trace, product.name))
            a, b = torch.randn(5, 17).requires_grad_(), torch.randn(4, 17, 9)
            ops.matmul(board, "mm", a, b).sum().backward()
            trace.finish()
            replayed = train_env.run(train_env.FPRCTL, "replay", "--device", "local", path)
            self.assertEqual(replayed.returncode, 0, replayed.stdout + replayed.stderr)


class Rules(unittest.TestCase):
    """The parts that need no board."""

    def test_pruning_schedule(self):
        shares = [prune.share_due(0.8, done / 100) for done in range(101)]
        self.assertEqual(shares, sorted(shares))
        self.assertEqual(shares[20], 0)
        self.assertAlmostEqual(shares[40], 0.8 * (1 - 0.5 ** 3))
        self.assertAlmostEqual(shares[60], 0.8)

    def test_the_smallest_weights_go_and_stay_away(self):
        layers = [torch.nn.Linear(4, 4), torch.nn.Linear(10, 10)]
        pruner = prune.Pruner(layers, 0.5, 10)
        before = layers[1].weight.detach().clone()
        for step in range(1, 11):
            pruner.step(step)
        after = layers[1].weight.detach()
        self.assertEqual(int((after == 0).sum()), 50)
        self.assertLessEqual(float(before[after == 0].abs().max()),
                             float(after[after != 0].abs().min()))
        with torch.no_grad():
            layers[1].weight.fill_(1.0)
        pruner.step(10)
        self.assertTrue(torch.equal(layers[1].weight == 0, after == 0))
        self.assertEqual(int((layers[0].weight == 0).sum()), 0)

    def test_activation_clipping(self):
        quantizer = quant.Activations(4)
        x = torch.linspace(-1, 6, 701).requires_grad_()
        y, step = quantizer(x)
        self.assertEqual(len(y.unique()), 16)
        self.assertAlmostEqual(step, quant.ALPHA_START / 15, places=6)
        inside = (x > 0) & (x < quant.ALPHA_START)
        self.assertLessEqual(float((y - x)[inside].abs().max()), step / 2 + 1e-6)
        y.sum().backward()
        self.assertTrue(torch.equal(x.grad, inside.float()))
        self.assertEqual(float(quantizer.alpha.grad), float((x >= quant.ALPHA_START).sum()))

    def test_weight_step_is_near_the_known_optimum(self):
        """15 levels of a Gaussian: Max (1960) gives 0.3352 sigma for 16 and 0.3534 for 15."""
        torch.manual_seed(4)
        step = quant.best_step(torch.randn(16384), 7)
        self.assertAlmostEqual(step, 0.3534, delta=0.03)

    def test_learning_rate_of_runs_of_any_length(self):
        for steps in range(1, 30):
            weight = torch.nn.Parameter(torch.ones(1))
            schedule = train.one_cycle(torch.optim.Adam([weight], 0.5), 0.5, steps)
            rates = []
            for _ in range(steps):
                rates += schedule.get_last_lr()
                schedule.optimizer.step()
                schedule.step()
            self.assertLessEqual(max(rates), 0.5)
            self.assertGreater(min(rates), 0)
            if steps > 9:
                self.assertGreater(max(rates), 0.45)

    def test_bisection(self):
        for answer in range(16):
            self.assertEqual(width.smallest_t(lambda t, a=answer: 0.0 if t >= a else 1.0, 0.5),
                             answer)

    def test_swapping_keeps_the_parameters(self):
        for name in choices.MODELS:
            model = models.build(name, 20, 64)
            before = {id(parameter) for parameter in model.parameters()}
            swap(model, Switch(Native()))
            self.assertEqual({id(parameter) for parameter in model.parameters()}, before)
            self.assertEqual(len({layer.name for layer in product_layers(model)}),
                             len(product_layers(model)))


if __name__ == "__main__":
    unittest.main()
