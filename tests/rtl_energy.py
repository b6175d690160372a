#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `make energy` counts: a small netlist whose weights and changes are worked out by hand, at 70
places, more than are simulated in one word.
"""
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, f'{ROOT}/hw/rtl')
sys.dont_write_bytecode = True
import figures # pylint: disable=wrong-import-position

# y = NAND(a, NOT a) is always 1, but falls for a moment when a rises. q is a, a clock later. Word 1 of a
# memory takes a in, as its bit 0; word a is read.
MODULE = {
    'ports': {'clk': {'direction': 'input', 'bits': [2]}, 'a': {'direction': 'input', 'bits': [3]},
              'y': {'direction': 'output', 'bits': [5]}, 'q': {'direction': 'output', 'bits': [6]},
              'm': {'direction': 'output', 'bits': [7, 8]}},
    'cells': {
        'nand': {'type': '$_NAND_', 'connections': {'A': [3], 'B': [4], 'Y': [5]}},
        'inverter': {'type': '$_NOT_', 'connections': {'A': [3], 'Y': [4]}},
        'flop': {'type': '$_DFF_P_', 'connections': {'C': [2], 'D': [3], 'Q': [6]}},
        'memory': {'type': '$mem_v2', 'parameters': {
            'WIDTH': '10', 'SIZE': '10', 'ABITS': '1', 'RD_PORTS': '1', 'WR_PORTS': '1',
            'RD_CLK_ENABLE': '0'}, 'connections': {
                'RD_ADDR': [3], 'RD_DATA': [7, 8], 'WR_ADDR': ['1'], 'WR_EN': ['1', '1'],
                'WR_DATA': [3, '0']}}}}

PLAY = r'''
#include "gates.h"
int main(int argc, char **argv)
{
	FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;
	unsigned int place, port;
	struct gates g;
	uint32_t bits;
	char what;

	if (!file || gates_read(file, &g) != 1)
		return 1;
	while (scanf(" %c", &what) == 1) {
		if (what == 'd' && scanf("%u %u", &place, &bits) == 2)
			gates_drive(&g, &g.in[0], place, &bits);
		else if (what == 'h' && scanf("%u %u %u", &place, &port, &bits) == 3)
			printf("%d\n", gates_has(&g, &g.out[port], place, &bits));
		else if (what == 's')
			gates_settle(&g);
		else if (what == 'c')
			gates_clock(&g);
		else if (what == 'p')
			printf("%llu %llu\n", (unsigned long long)g.settled, (unsigned long long)g.transitions);
	}
	return 0;
}
'''

# Per place, in transistors. a: five inputs; NOT a: of an inverter, one input; y: of a NAND.
A, NOT_A, Y = 5 * 2, 2 + 2, 4
Q, READ, BIT = 16, 6, 6
PLACES = (0, 40, 69)

failed = False


def expect(what, got, want):
    """Say what is not as it should be."""
    global failed # pylint: disable=global-statement
    if got != want:
        print(f'{what}: {got}, not {want}')
        failed = True


def play(tmp, netlist, script):
    """What the simulator says to a script, line by line."""
    with open(f'{tmp}/play.c', 'w', encoding='ascii') as file:
        file.write(PLAY)
    with open(f'{tmp}/netlist', 'w', encoding='ascii') as file:
        file.write(netlist)
    here = f'{ROOT}/hw/rtl/bench/energy'
    subprocess.run(['gcc', '-std=gnu11', '-Wall', '-Wextra', '-Werror', f'-I{here}', f'{tmp}/play.c',
                    f'{here}/gates.c', '-o', f'{tmp}/play'], check=True)
    return subprocess.run([f'{tmp}/play', f'{tmp}/netlist'], input=script, text=True, check=True,
                          stdout=subprocess.PIPE).stdout.splitlines()


def main():
    """Let a rise at three of 70 places, and let it be stored."""
    if not shutil.which('gcc'):
        print('gcc is not installed (tools/setup does it)')
        return 77
    netlist = figures.program('energy').Netlist(MODULE).text('part', False, [f'top.p{i}' for i in range(70)])
    rise = ' '.join(f'd {place} 1' for place in PLACES)
    asked = ' '.join(f'h {place} {port} {bits}' for place in (40, 69, 66)
                     for port, bits in ((0, 1), (1, place in PLACES), (2, place in PLACES)))
    with tempfile.TemporaryDirectory() as tmp:
        said = play(tmp, netlist, f's p {rise} s p c s p {asked} c s p d 0 0 s p'.replace('True', '1')
                    .replace('False', '0'))
    n = len(PLACES)
    settled, changes = n * (A + NOT_A), n * (A + NOT_A + 2 * Y)
    expect('at first', said[0], '0 0')
    expect('a rises', said[1], f'{settled} {changes}')
    stored = n * (BIT + Q + READ)
    expect('a is stored', said[2], f'{settled + stored} {changes + stored}')
    expect('outputs', said[3:12], ['1'] * 9)
    expect('nothing changes', said[12], said[2])
    # What falls reads word 0 again, and does not show at y.
    expect('a falls', said[13], f'{settled + stored + A + NOT_A + READ} '
                                f'{changes + stored + A + NOT_A + READ}')
    return failed


if __name__ == '__main__':
    sys.exit(main())
