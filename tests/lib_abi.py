#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The libraries' functions and the structures that callers see are those of lib_abi.golden.

libabigail reads them from the libraries' own debug information. Programs that are
built stay good as long as no line changes; what is new needs new lines:
`tests/lib_abi.py new` prints the file as it would be now.
"""
import fnmatch
import os
import pathlib
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

TESTS = pathlib.Path(__file__).resolve().parent
ROOT = TESTS.parent
LIBRARIES = ("libfpr", "libfprsync", "libfprsync-board")
PUBLIC = ("lib/fpr*.h", "lib/sync/fpr_*.h", "lib/sync/board/fpr_*.h", "hw/include/fpr_gemm.h")


def is_public(element: ElementTree.Element) -> bool:
    """Whether an installed header defines it."""
    return any(fnmatch.fnmatch(element.get("filepath") or "", pattern) for pattern in PUBLIC)


class Types:
    """Names of abidw's types by id, and the structures among them."""

    def __init__(self, root: ElementTree.Element):
        self.by_id = {e.get("id"): e for e in root.iter() if e.get("id") and not e.tag.endswith("symbol")}

    def name(self, key: str) -> str:
        """As C has it."""
        element = self.by_id[key]
        if element.tag == "pointer-type-def":
            inner = self.name(element.get("type-id"))
            return inner + ("*" if inner.endswith("*") else " *")
        if element.tag == "qualified-type-def":
            inner = self.name(element.get("type-id"))
            return f"{inner} const" if inner.endswith("*") else f"const {inner}"
        if element.tag == "array-type-def":
            lengths = "".join(f"[{s.get('length')}]" for s in element.iter("subrange"))
            return self.name(element.get("type-id")) + lengths
        if element.tag == "function-type":
            return f"{self.name(element.find('return').get('type-id'))} ({self.arguments(element)})"
        prefix = {"class-decl": "struct ", "union-decl": "union ", "enum-decl": "enum "}
        return prefix.get(element.tag, "") + (element.get("name") or "")

    def arguments(self, function: ElementTree.Element) -> str:
        """Of a function or a pointer to one."""
        return ", ".join("..." if p.get("is-variadic") else self.name(p.get("type-id"))
                         for p in function.findall("parameter"))

    def structures(self):
        """Layouts of those that a public header defines, in bytes."""
        for element in self.by_id.values():
            if element.tag == "class-decl" and element.get("size-in-bits") and is_public(element):
                yield f"struct {element.get('name')} {int(element.get('size-in-bits')) // 8} bytes"
                for member in element.findall("data-member"):
                    variable = member.find("var-decl")
                    yield (f"struct {element.get('name')} at {int(member.get('layout-offset-in-bits')) // 8}: "
                           f"{self.name(variable.get('type-id'))} {variable.get('name')}")

    def enumerators(self):
        """Values of the public enumerations."""
        for element in self.by_id.values():
            if element.tag == "enum-decl" and is_public(element):
                for value in element.findall("enumerator"):
                    yield f"enum {value.get('name')} = {value.get('value')}"


def interface(library: pathlib.Path) -> list[str]:
    """Everything a program compiled against it relies on, sorted."""
    xml = subprocess.run(["abidw", str(library)], check=True, capture_output=True).stdout
    root = ElementTree.fromstring(xml)
    types = Types(root)
    lines = set(types.structures()) | set(types.enumerators())
    for function in root.iter("function-decl"):
        symbol = function.get("elf-symbol-id")
        if symbol:
            result = types.name(function.find("return").get("type-id"))
            lines.add(f"{result} {symbol}({types.arguments(function)})")
    return sorted(lines)


def main() -> int:
    if not shutil.which("abidw"):
        print("abidw is not installed (tools/setup does it)")
        return 77
    build = pathlib.Path(os.environ.get("FPR_BUILD", ROOT / "build"))
    if not (build / "lib" / "libfprsync.so.1").exists():
        print("libfprsync is not built: MPI is not installed")
        return 77
    lines = [f"{library}: {line}" for library in LIBRARIES
             for line in interface(build / "lib" / f"{library}.so.1")]
    if sys.argv[1:] == ["new"]:
        print("# SPDX-License-Identifier: MIT\n# library: what it offers, see lib_abi.py")
        print("\n".join(lines))
        return 0
    golden = [line for line in (TESTS / "lib_abi.golden").read_text("ascii").splitlines()
              if not line.startswith("#")]
    for line in sorted(set(golden) - set(lines)):
        print(f"gone or changed: {line}")
    for line in sorted(set(lines) - set(golden)):
        print(f"new, and not in lib_abi.golden: {line}")
    return golden != lines


if __name__ == "__main__":
    sys.exit(main())
