#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What an HLS tool said of the units is of today's sources, or marked as of others; shown on a copy
in which one thing after the other changes. The tool here is a stand-in.
"""
import datetime
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, f'{ROOT}/tests/common')
sys.dont_write_bytecode = True
from expecting import FAILED, expect # pylint: disable=wrong-import-position

TODAY = datetime.date.today().isoformat()


class Copy:
    """A copy of the hardware's sources with results of its own."""

    def __init__(self, root):
        self.root = root
        shutil.copytree(f'{ROOT}/hw', f'{root}/hw', ignore=shutil.ignore_patterns('__pycache__'))
        os.mkdir(f'{root}/bin')
        sys.path.insert(0, f'{root}/hw/hls')
        sys.dont_write_bytecode = True
        import results # pylint: disable=import-error,import-outside-toplevel
        self.results = results

    def check(self, what, *found):
        """`check` says these and nothing else; only their starts count."""
        said = list(self.results.problems(self.results.read()))
        expect(len(said) == len(found) and all(line.startswith(text) for line, text in zip(said, found)),
               f'{what}: {said}, not {found}')

    def has(self, row):
        """A line of the README."""
        with open(f'{self.root}/hw/hls/README.md', encoding='utf-8') as file:
            expect(f'{row}\n' in file, f'no line {row}')

    def edit(self, name, old, new):
        """Change a file of hw."""
        with open(f'{self.root}/hw/{name}', encoding='utf-8') as file:
            text = file.read()
        assert old in text, f'no {old} in {name}'
        with open(f'{self.root}/hw/{name}', 'w', encoding='utf-8') as file:
            file.write(text.replace(old, new, 1))

    def run(self, cycles):
        """Run and record transpose, as many calls as there are cycles. Was it good?"""
        with open(f'{self.root}/bin/bambu', 'w', encoding='ascii') as file:
            file.write('#!/bin/sh\necho "Version: Stand-in 1"\n')
            file.writelines(f'echo "Run {i} execution time {c} cycles;"\n' for i, c in enumerate(cycles))
        os.chmod(file.name, 0o755)
        environment = {**os.environ, 'PATH': f'{self.root}/bin:{os.environ["PATH"]}', 'FPR_HLS_C': 'gcc',
                       'FPR_HLS_OUT': f'{self.root}/out'}
        done = subprocess.run([f'{self.root}/hw/hls/run', '--record', 'transpose'], env=environment,
                              stdout=subprocess.DEVNULL, check=False)
        return done.returncode == 0


def test_record(copy):
    """A good run; its sources are those that the compiler reads."""
    expect(copy.run(range(7, 39)), 'a good run is bad')
    copy.has('Bambu, Stand-in 1; xcu55c-2Lfsvh2892-VVD, 4.0 ns:')
    copy.has(f'| `transpose` | good: bits equal in 32 calls | 7 / 22.5 / 38 | {TODAY} |  |')
    with open(f'{copy.root}/hw/hls/results.json', encoding='ascii') as file:
        sources = json.load(file)['units']['transpose']['sources']
    for name in ('hls/units/transpose_tb.c', 'hls/units/tb.h', 'array/transpose.h', 'include/fpr_geometry.h'):
        with open(f'{ROOT}/hw/{name}', 'rb') as file:
            expect(sources.get(f'hw/{name}') == hashlib.sha256(file.read()).hexdigest(), f'{name}: another sum')
    expect(not [name for name in sources if 'p3' in name], f'sources of others: {sources}')
    copy.check('a good run')


def test_changes(copy):
    """What changes is found, and is let be once it is marked."""
    copy.edit('array/transpose.h', '1: rows become', '1: all rows become')
    copy.check('a header', 'transpose: changed since its run: hw/array/transpose.h;', 'the table')
    copy.results.main()
    copy.has(f'| `transpose` | good: bits equal in 32 calls | 7 / 22.5 / 38 | {TODAY} | stale |')
    copy.check('a header, marked')
    copy.edit('array/transpose.h', '1: all rows become', '1: rows become')
    copy.check('a mark without a reason', 'the table')
    copy.results.main()
    copy.edit('hls/units/list', '\ntranspose', '\ntranspose hw/p3/add.c')
    copy.check('a source more', 'transpose: changed since its run: hw/p3/add.c;', 'the table')
    copy.edit('hls/units/list', 'transpose hw/p3/add.c', 'transpose')
    copy.edit('hls/README.md', '| 7 / 22.5 / 38 |', '| 7 / 12.5 / 38 |')
    copy.check('a row by hand', 'the table')


def test_bad(copy):
    """A bad run is kept as it is."""
    ran = f'{copy.root}/out/bambu-transpose'
    with open(f'{ran}/log', 'w', encoding='ascii') as file:
        file.write('Run 1 execution time 7 cycles;\nRun 2 execution time 7 cycles;\n')
    run = ('record', 'transpose', ran, 'part', '4', 'not | good', 'hw/array/transpose.h',
           'hw/hls/units/transpose_top.c', 'hw/hls/units/transpose_tb.c')
    copy.results.main(*run)
    copy.has(f'| `transpose` | not \\| good | 7 | {TODAY} |  |')
    copy.check('a bad run')
    with open(f'{ran}/transpose.h', 'a', encoding='ascii') as file:
        file.write('/* as it was while the tool ran */')
    copy.results.main(*run)
    copy.has(f'| `transpose` | not \\| good | 7 | {TODAY} | stale |')


def test_units(copy):
    """Units and sources that come and go."""
    copy.edit('hls/units/list', '\ntranspose', '\nanother\ntranspose')
    copy.check('a new unit', 'another: no entry')
    copy.results.main('forget', 'another')
    copy.has('| `another` | not run |  |  |  |')
    copy.check('a unit that has not run')
    copy.edit('hls/units/list', '\nanother', '')
    copy.check('a unit no more', 'another: the unit is gone')
    copy.results.main('forget', 'another')
    os.remove(f'{copy.root}/hw/array/transpose.h')
    copy.results.main()
    copy.check('a source no more', 'transpose: hw/array/transpose.h is gone')


def main():
    if not shutil.which('gcc'):
        print('gcc is not installed (tools/setup does it)')
        return 77
    with tempfile.TemporaryDirectory() as root:
        copy = Copy(root)
        copy.check('as it is')
        # What was found above need not be found again, or it would hide what is to be found below.
        copy.results.main()
        for test in (test_record, test_changes, test_bad, test_units):
            test(copy)
    return bool(FAILED)


if __name__ == '__main__':
    sys.exit(main())
