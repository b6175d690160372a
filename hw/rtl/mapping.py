# SPDX-License-Identifier: MIT
"""Mapping of a hierarchy by Yosys, part by part.

Yosys' passes take long on a large netlist and find little across the modules of one, so a
hierarchy is elaborated as a whole, once, and its modules are mapped by themselves: what it
takes is what they take, times their number.
"""
import collections
import hashlib
import json
import os
import re
import subprocess
import tempfile

# Multiplexers behind LUTs are left out: abc then takes a third more LUTs to make use of them.
XCUP = 'synth_xilinx -run prepare:check -family xcup -noiopad -flatten -nowidelut'
XCUP_CELLS = 'read_verilog -lib -specify +/xilinx/cells_sim.v'

# Two-input gates and flip-flops; memories stay whole.
CMOS = ('synth -flatten -nordff -run coarse:fine; opt -fast -full; techmap; '
        'dfflegalize -cell $_DFF_P_ x; opt_expr; opt_clean; abc -g cmos2; opt_clean')

# What `begin` of synth_xilinx and synth_ecp5 would read of cells is more than is needed.
FLOWS = {
    'lut6': f'{XCUP_CELLS}; {XCUP} -nodsp; stat',
    'dsp': f'{XCUP_CELLS}; {XCUP}; stat',
    'ecp5': 'read_verilog -lib -specify +/ecp5/cells_sim.v +/ecp5/cells_bb.v; '
            'synth_ecp5 -run coarse:check; stat',
    'cmos': f'{CMOS}; memory_unpack; stat -tech cmos',
}

# A memory cell in LUTs.
MEMORY_LUTS = {'RAM32M16': 8, 'RAM32M': 4, 'RAM64M8': 8, 'RAM64M': 4, 'RAM32X1D': 2, 'RAM64X1D': 2,
               'RAM128X1D': 4, 'RAM64X1S': 1, 'RAM32X1S': 1, 'SRL16E': 1, 'SRLC32E': 1,
               'TRELLIS_DPR16X4': 6}
FLIP_FLOP_TRANSISTORS = 16 # as `stat` has it
BIT_TRANSISTORS = 6 # of static memory, ports and decoders not counted

COUNTS = ('luts', 'memory_luts', 'flops', 'dsps', 'blocks', 'transistors', 'bits')


def yosys(*commands, cwd=None):
    """Run Yosys; return its log."""
    run = subprocess.run(['yosys', '-p', '; '.join(commands)], capture_output=True, text=True,
                         check=False, cwd=cwd)
    if run.returncode:
        raise RuntimeError(f'yosys failed:\n{run.stdout[-600:]}{run.stderr}')
    return run.stdout


def version():
    """What Yosys calls itself."""
    return subprocess.run(['yosys', '-V'], capture_output=True, text=True, check=True).stdout.strip()


def base(name):
    """fpr_max of `$paramod\\fpr_max\\N=s32'...`."""
    return re.search(r'\\(\w+)', name).group(1)


def read_modules(rtlil):
    """Texts of a design's modules by name, and which one is the top."""
    modules, top = {}, None
    for found in re.finditer(r'^((?:attribute [^\n]*\n)*)module (\S+)\n.*?^end$', rtlil, re.M | re.S):
        modules[found.group(2)] = found.group(0)
        if re.search(r'^attribute \\top 1$', found.group(1), re.M):
            top = found.group(2)
    return modules, top


def anonymous(text):
    """A module's text without where it comes from. Mapping depends on names, by a percent or two:
    what it finds must not depend on comments, or on what else was elaborated before."""
    text = re.sub(r'^ *attribute \\(src|top) .*\n', '', text, flags=re.M)
    text = re.sub(r'\.sv:[0-9.-]+', '.sv', text)
    made = sorted(set(re.findall(r'\$(1\d{6})(?!\d)', text)))
    numbers = {number: f'${1000000 + i}' for i, number in enumerate(made)}
    return re.sub(r'\$(1\d{6})(?!\d)', lambda m: numbers[m.group(1)], text)


class Hierarchy:
    """An elaborated design."""

    def __init__(self, top, directory, parameters=None, include='.'):
        chparams = ''.join(f' -chparam {k} {v}' for k, v in (parameters or {}).items())
        with tempfile.TemporaryDirectory() as tmp:
            # Yosys makes names out of paths and numbers; with as many digits these are in order.
            with open(f'{tmp}/start.il', 'w', encoding='ascii') as file:
                file.write('autoidx 1000000\n')
            yosys(f'read_ilang {tmp}/start.il', f'read_verilog -defer -sv -I{include} fpr_*.sv',
                  f'hierarchy -top {top}{chparams}', f'write_ilang {tmp}/design.il', cwd=directory)
            with open(f'{tmp}/design.il', encoding='ascii') as file:
                modules, self.top = read_modules(file.read())
        self.modules = {name: anonymous(text) for name, text in modules.items()}
        self.children = {
            name: collections.Counter(t for t in re.findall(r'^ +cell (\S+) \S+$', text, re.M)
                                      if t in self.modules)
            for name, text in self.modules.items()}

    def below(self, name):
        """All modules that one is made of, itself included, in order."""
        seen = {}

        def visit(module):
            if module not in seen:
                seen[module] = True
                for child in self.children[module]:
                    visit(child)
        visit(name)
        return list(seen)

    def parts(self, name, is_open, without=()):
        """How many of each module one falls into, when those that are open fall into what
        they hold and a rest, and others stay in one piece."""
        found = collections.Counter()

        def visit(module, number):
            found[module] += number
            if is_open(module):
                for child, n in self.children[module].items():
                    if base(child) not in without:
                        visit(child, number * n)
        visit(name, 1)
        return found

    def cut(self, name, is_open):
        """A part's text: fpr_part and what it holds; if it is open, only the ports of that."""
        inside = list(self.children[name]) if is_open else self.below(name)[1:]
        texts = [self.modules[name], *(ports(self.modules[m]) if is_open else self.modules[m]
                                       for m in inside)]
        names = {name: r'\fpr_part', **{m: f'\\fpr_inner_{i}' for i, m in enumerate(inside)}}
        return re.sub(r'^( +cell |module )(\S+)',
                      lambda m: m.group(1) + names.get(m.group(2), m.group(2)),
                      'autoidx 2000000\n' + '\n'.join(texts) + '\n', flags=re.M)


def ports(text):
    """A module without what is inside."""
    name = re.search(r'^module \S+$', text, re.M).group(0)
    wires = re.findall(r'^  wire .*\b(?:input|output|inout) .*$', text, re.M)
    return '\n'.join([r'attribute \blackbox 1', name, *wires, 'end'])


def run_part(text, without, *commands):
    """Have Yosys do something to a part that goes without some ports; return its log."""
    with tempfile.NamedTemporaryFile('w', encoding='ascii', suffix='.il') as file:
        file.write(text)
        file.flush()
        return yosys(f'read_ilang {file.name}',
                     *(f'delete -port fpr_part/{port}' for port in without),
                     'proc', 'flatten', 'delete =A:blackbox %n fpr_inner_* %i', *commands)


def map_part(text, without, flow):
    """Run one flow on a part that goes without some ports; return its counts."""
    log = run_part(text, without, FLOWS[flow])
    return count(re.split(r'^=== fpr_part ===$', log, flags=re.M)[-1])


def netlist(text, without):
    """A part as gates, flip-flops and memories: Yosys' JSON of the module."""
    with tempfile.NamedTemporaryFile('r', encoding='ascii', suffix='.json') as file:
        run_part(text, without, CMOS, f'write_json {file.name}')
        return json.load(file)['modules']['fpr_part']


def count(stat):
    """What a `stat` says."""
    cells = {name: int(n) for name, n in re.findall(r'^ +(\S+) +(\d+)$', stat, re.M)}
    memory_luts = sum(MEMORY_LUTS.get(name, 0) * n for name, n in cells.items())
    luts = sum(n for name, n in cells.items() if re.fullmatch(r'LUT\d', name))
    flops = sum(n for name, n in cells.items() if re.fullmatch(r'FD..|TRELLIS_FF|\$_DFF_P_', name))
    transistors = re.search(r'transistors: +(\d+)', stat)
    bits = re.search(r'Number of memory bits: +(\d+)', stat)
    return {'luts': luts + 2 * cells.get('CCU2C', 0) + memory_luts, 'memory_luts': memory_luts,
            'flops': flops,
            'dsps': sum(cells.get(name, 0) for name in ('DSP48E2', 'MULT18X18D')),
            'blocks': sum(n for name, n in cells.items() if re.match(r'RAMB|DP16KD', name)),
            'transistors': int(transistors.group(1)) - FLIP_FLOP_TRANSISTORS * flops
                           if transistors else 0,
            'bits': int(bits.group(1))}


class Cache:
    """Counts kept under all that decides on them."""

    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory, exist_ok=True)

    def path(self, key):
        """Where the counts of a key are."""
        return f'{self.directory}/{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}'

    def find(self, key, compute):
        """The counts of a key, computed if they are not there."""
        try:
            with open(self.path(key), encoding='ascii') as file:
                return json.load(file)
        except FileNotFoundError:
            counts = compute()
        with open(f'{self.path(key)}.new', 'w', encoding='ascii') as file:
            json.dump(counts, file)
        os.rename(f'{self.path(key)}.new', self.path(key))
        return counts
