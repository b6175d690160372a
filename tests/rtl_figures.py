#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The figures that synthesis found: they are of today's sources, READMEs quote them, sums add up;
and a source that changes is noticed where it matters, and only there.
"""
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [f'{ROOT}/hw/rtl', f'{ROOT}/tests/common']
sys.dont_write_bytecode = True
import figures # pylint: disable=wrong-import-position
from expecting import FAILED, expect # pylint: disable=wrong-import-position

KINDS = ('chunk', 'set', 'dense', 'dense_chunk', 'value-4')


def check(root):
    """What `check` says in a copy of the tree, one line each."""
    run = subprocess.run([f'{root}/hw/rtl/figures.py', 'check'], capture_output=True, text=True,
                         check=False)
    lines = run.stdout.splitlines()
    expect(run.returncode == bool(lines), f'check: exit code {run.returncode}: {run.stdout}{run.stderr}')
    return lines


def edit(path, old, new):
    """Change a file; return how it was."""
    with open(path, encoding='ascii') as file:
        text = file.read()
    assert old in text, f'no {old} in {path}'
    with open(path, 'w', encoding='ascii') as file:
        file.write(text.replace(old, new, 1))
    return text


def changed(root, name, old, new):
    """What `check` names while a file of hw/rtl is changed."""
    path = f'{root}/hw/rtl/{name}'
    text = edit(path, old, new)
    lines = check(root)
    with open(path, 'w', encoding='ascii') as file:
        file.write(text)
    return {line.split(':')[0] for line in lines}


def test_changes():
    """A copy in which one file after the other is another."""
    with tempfile.TemporaryDirectory() as root:
        shutil.copytree(f'{ROOT}/hw', f'{root}/hw', ignore=shutil.ignore_patterns('__pycache__'))
        before = set(check(root))
        for line in before:
            expect(False, line)
        got = changed(root, 'fpr_special.sv', 'seen |', 'seen &')
        want = {f'tile {kind}' for kind in KINDS}
        want |= {f'{what} {kind}' for what in ('share', 'energy') # by the tiles that hold it
                 for kind in KINDS if kind != 'dense_chunk'}
        expect(before or got == want, f'the side path: {got}')
        got = changed(root, 'fpr_chunk_sum.sv', "26'(differ)", "26'(!differ)")
        expect(before or got == {f'{what} {kind}' for what, kind in figures.read()
                                 if what in ('pe', 'sum', 'tile', 'share', 'clock', 'energy')
                                 and '/' not in kind and kind.startswith(('chunk', 'dense_chunk', 'value-4'))}, f'the sum: {got}')
        got = changed(root, 'fpr_special.sv', '\tlogic [2:0] now;', '\tlogic [2:0]\tnow; // so far')
        expect(got == before, f'a comment: {got}')
        got = changed(root, 'energy', 'INPUT, FLOP, BIT = 2', 'INPUT, FLOP, BIT = 1')
        expect(before or len(got) == 1, f'how changes are weighed: {got}')
        got = changed(root, 'mapping.py', '-noiopad', '')
        expect(before or len(got) == 1, f'the flows: {got}')
        got = changed(root, '../include/fpr_geometry.h', '#define FPR_ROWS 8', '#define FPR_ROWS 4')
        expect(before or 'tile set' in got and 'pe set' not in got, f'the geometry: {got}')


def test_sums(found):
    """Parts times their numbers are the tile's."""
    for (what, kind), tile in found.items():
        if what != 'tile':
            continue
        parts = [v for (w, name), v in found.items() if w == 'part' and name.split('/')[0] == kind]
        for count in ('luts', 'memory_luts', 'flops', 'transistors', 'bits'):
            total = sum(int(v['number']) * int(v[count]) for v in parts)
            expect(total == int(tile[count]), f'tile {kind}: {count} {tile[count]}, parts {total}')


def test_quoted(found):
    """The tables stand in the README."""
    with open(f'{ROOT}/hw/rtl/README.md', encoding='utf-8') as file:
        readme = file.read().splitlines()
    for line in (*figures.table(found), *figures.energies(found)):
        expect(line in readme, f'hw/rtl/README.md has not this line of hw/rtl/figures.py: {line}')


if __name__ == '__main__':
    test_changes()
    test_sums(figures.read())
    test_quoted(figures.read())
    sys.exit(bool(FAILED))
