# SPDX-License-Identifier: MIT
"""What a binding says of C structures and constants, against what the compiler says."""
import ctypes
import pathlib
import subprocess
import tempfile


def _program(header: str, structs: dict, constants: dict) -> str:
    """C that prints a line per fact: what it is called, and its value."""
    lines = ['printf("%s %lld\\n", "' + name + f'", (long long)({name}));' for name in constants]
    for name, struct in structs.items():
        lines.append(f'printf("{name} %zu\\n", sizeof(struct {name}));')
        for field, *_ in struct._fields_:
            lines.append(f'printf("{name}.{field} %zu %zu\\n", offsetof(struct {name}, {field}), '
                         f"sizeof(((struct {name} *)0)->{field}));")
    body = "\n\t".join(lines)
    includes = "".join(f"#include <{name}.h>\n" for name in ("stdio", "stddef", header))
    return f"{includes}int main(void)\n{{\n\t{body}\n}}\n"


def facts(header: str, structs: dict, constants: dict, flags: list[str]) -> dict[str, list[int]]:
    """What the C compiler says of the structures and constants in a header."""
    with tempfile.TemporaryDirectory() as folder:
        source, binary = pathlib.Path(folder, "abi.c"), pathlib.Path(folder, "abi")
        source.write_text(_program(header, structs, constants), encoding="ascii")
        subprocess.run(["cc", *flags, str(source), "-o", str(binary)], check=True)
        output = subprocess.run([str(binary)], check=True, capture_output=True, text=True).stdout
    return {name: [int(value) for value in values]
            for name, *values in (line.split() for line in output.splitlines())}


def check_constants(case, found: dict[str, list[int]], constants: dict) -> None:
    """Each has the compiler's value."""
    for name, value in constants.items():
        case.assertEqual(found[name], [value], name)


def check_layouts(case, found: dict[str, list[int]], structs: dict) -> None:
    """Each structure and field has the compiler's size and offset."""
    for name, struct in structs.items():
        case.assertEqual(found[name], [ctypes.sizeof(struct)], name)
        for field, *_ in struct._fields_:
            descriptor = getattr(struct, field)
            case.assertEqual(found[f"{name}.{field}"], [descriptor.offset, descriptor.size],
                             f"{name}.{field}")
