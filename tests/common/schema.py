#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What fprctl and fprnet print with --json against their schemas.

    schema.py FILE...: each holds one document, or one per line

Knows the words that the schema uses and refuses others. Stricter than the schema is for users: a key
that it does not name is an error, as it would be an undocumented one.
"""
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMAS = {tool: json.load(open(os.path.join(HERE, f"../../tools/{tool}/{tool}.schema.json")))
           for tool in ("fprctl", "fprnet")}
WORDS = {"$comment", "$ref", "additionalProperties", "const", "description", "enum", "items", "minimum",
         "pattern", "properties", "required", "type"}
TYPES = {
    "array": lambda v: isinstance(v, list),
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "object": lambda v: isinstance(v, dict),
    "string": lambda v: isinstance(v, str),
}


def check_object(value, schema, where, defs):
    properties = schema.get("properties", {})
    for key in schema.get("required", []):
        if key not in value:
            yield f"{where}: no {key}"
    for key, inner in value.items():
        if key in properties:
            yield from check(inner, properties[key], f"{where}.{key}", defs)
        elif "additionalProperties" in schema:
            yield from check(inner, schema["additionalProperties"], f"{where}.{key}", defs)
        else:
            yield f"{where}.{key} is not in the schema"


def check(value, schema, where, defs):
    """Yields what is wrong."""
    unknown = set(schema) - WORDS
    if unknown:
        raise ValueError(f"{where}: the checker does not know {unknown}")
    if "$ref" in schema:
        yield from check(value, defs[schema["$ref"].rsplit("/", 1)[1]], where, defs)
        return
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(TYPES[t](value) for t in types):
        yield f"{where} is no {' or '.join(types)}: {value!r}"
        return
    if "const" in schema and value != schema["const"]:
        yield f"{where} is {value!r}, not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where} is {value!r}, none of {schema['enum']}"
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{where} is {value}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{where} is {value!r}"
    if isinstance(value, dict):
        yield from check_object(value, schema, where, defs)
    if isinstance(value, list) and "items" in schema:
        for i, inner in enumerate(value):
            yield from check(inner, schema["items"], f"{where}[{i}]", defs)


def problems(document):
    """What is wrong with a document."""
    name = document.get("schema") if isinstance(document, dict) else None
    defs = SCHEMAS.get(str(name).split(".", maxsplit=1)[0], {}).get("$defs", {})
    if not isinstance(name, str) or name not in defs:
        return [f"no schema of that name: {name!r}"]
    return list(check(document, defs[name], name, defs))


def documents(text):
    try:
        return [json.loads(text)]
    except ValueError:
        return [json.loads(line) for line in text.splitlines()]


if __name__ == "__main__":
    wrong = [f"{path}: {p}" for path in sys.argv[1:] for d in documents(open(path).read())
             for p in problems(d)]
    print("\n".join(wrong))
    sys.exit(bool(wrong))
