#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The last synthesis of each unit, as `results.json` beside this has it, and the table in the README.

    hw/hls/results.py               make the table anew: a unit one of whose sources has changed is `stale`
    hw/hls/results.py check         say what does not hold
    hw/hls/results.py forget UNIT   it counts as not run: a new unit, or one that lost a source
    hw/hls/results.py record UNIT DIRECTORY PART NS REASON SOURCE...
                                    for hw/hls/run: where Bambu ran, with copies of the sources and its log;
                                    REASON: why the gate refused it, or nothing
"""
import datetime
import hashlib
import json
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RESULTS, README, LIST = (f'{ROOT}/hw/hls/{name}' for name in ('results.json', 'README.md', 'units/list'))
BEGIN, END = '<!-- made by `hw/hls/results.py` -->\n', '<!-- end -->\n'
NOT_RUN = {'gate': 'not run', 'sources': {}}


def text_of(path):
    """A whole file."""
    with open(path, encoding='utf-8') as file:
        return file.read()


def write(path, text):
    """A whole file, or none of it."""
    with open(f'{path}.new', 'w', encoding='utf-8') as file:
        file.write(text)
    os.rename(f'{path}.new', path)


def read():
    """The entries, by unit."""
    return json.loads(text_of(RESULTS))['units'] if os.path.exists(RESULTS) else {}


def keep(entries):
    """Entries in the order of the list."""
    order = [*listed(), *entries]
    units = {unit: entries[unit] for unit in sorted(entries, key=order.index)}
    what = {'license': 'SPDX-License-Identifier: MIT', 'made by': 'hw/hls/run --record', 'units': units}
    write(RESULTS, json.dumps(what, indent='\t') + '\n')


def listed():
    """The units there are, and the sources that each is sure to have."""
    lines = (line.split() for line in text_of(LIST).splitlines() if not line.startswith('#'))
    return {unit: [*(f'hw/hls/units/{unit}_{part}.c' for part in ('tb', 'top')), *parts]
            for unit, *parts in lines}


def digest(path):
    """A source's SHA-256; None: there is none."""
    path = os.path.join(ROOT, path)
    if not os.path.exists(path):
        return None
    with open(path, 'rb') as file:
        return hashlib.sha256(file.read()).hexdigest()


def changed(unit, entry):
    """The sources that are not those of the run."""
    sources = entry['sources']
    names = sources and {*sources, *listed().get(unit, ())}
    return sorted(name for name in names if digest(name) != sources.get(name, ''))


def cell(cycles):
    """Cycles of a call; where calls differ, the least, the mean and the most."""
    if not cycles:
        return ''
    same = cycles['min'] == cycles['max']
    return f'{cycles["min"]}' if same else '{min} / {mean} / {max}'.format(**cycles)


def row(unit, entry):
    """A unit's line of the table."""
    said = f'good: bits equal in {entry["calls"]} calls' if entry['gate'] == 'good' else entry['gate']
    cells = [f'`{unit}`', said.replace('|', '\\|'), cell(entry.get('cycles')), entry.get('date', ''),
             'stale' if changed(unit, entry) else '']
    return f'| {" | ".join(cells)} |\n'


def table(entries):
    """What stands between the markers."""
    tools = {'{tool}, {version}; {part}, {period_ns} ns'.format(**e): 0 for e in entries.values() if e['sources']}
    return ''.join([*(f'{tool}:\n' for tool in tools), '\n' if tools else '',
                    '| unit | what the gate said | cycles per call | run | state |\n|---|---|---|---|---|\n',
                    *(row(unit, entry) for unit, entry in entries.items())])


def split_readme():
    """The README up to its table, the table (None: there is no place for one), and what follows."""
    head, begin, rest = text_of(README).partition(BEGIN)
    shown, end, tail = rest.partition(END)
    return head + begin, shown if end else None, end + tail


def problems(entries):
    """What does not hold, line by line."""
    _, shown, _ = split_readme()
    fix = 'run hw/hls/results.py to mark it, hw/hls/run --record {0} to do it again'
    for unit in listed():
        if unit not in entries:
            yield f'{unit}: no entry; hw/hls/run --record {unit}, or hw/hls/results.py forget {unit}'
    for unit, entry in entries.items():
        gone = [name for name in entry['sources'] if digest(name) is None]
        if unit not in listed() or gone:
            yield f'{unit}: {", ".join(gone) or "the unit"} is gone; hw/hls/results.py forget {unit}'
        elif changed(unit, entry) and row(unit, entry) not in (shown or ''):
            yield f'{unit}: changed since its run: {", ".join(changed(unit, entry))}; {fix.format(unit)}'
    if shown != table(entries):
        yield 'the table in hw/hls/README.md is another; hw/hls/results.py makes it'


def show(entries):
    """Put the table into the README."""
    head, shown, tail = split_readme()
    assert shown is not None, 'no place for the table in hw/hls/README.md'
    write(README, head + table(entries) + tail)


def entry_of(directory, part, period, reason, sources):
    """What there is to keep of a run of Bambu. The copies are what it saw, whatever has happened since."""
    directory = os.path.abspath(directory)
    text = text_of(f'{directory}/log') if os.path.exists(f'{directory}/log') else ''
    version = re.search(r'^ *Version: *(.*?) *$', text, re.M)
    cycles = [int(number) for number in re.findall(r'Run \d+ execution time (\d+)', text)]
    return {
        'tool': 'Bambu', 'version': version[1] if version else 'of no version',
        'date': datetime.date.today().isoformat(), 'part': part, 'period_ns': float(period),
        'gate': '; '.join(reason.split('\n')) or 'good', 'calls': len(cycles),
        'cycles': {'min': min(cycles), 'mean': round(sum(cycles) / len(cycles), 1), 'max': max(cycles)}
                  if cycles else None,
        'sources': {name: digest(f'{directory}/{os.path.basename(name)}') for name in sorted(sources)},
    }


def main(command='show', *arguments):
    """See above."""
    entries = read()
    if command == 'check':
        found = list(problems(entries))
        print('\n'.join(found), end='\n' if found else '')
        return bool(found)
    if command == 'record':
        unit, directory, part, period, reason, *sources = arguments
        entries[unit] = entry_of(directory, part, period, reason, sources)
        keep(entries)
    elif command == 'forget':
        entries.pop(arguments[0], None)
        if arguments[0] in listed():
            entries[arguments[0]] = NOT_RUN
        keep(entries)
    show(read())
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
