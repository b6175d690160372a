#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Says of JSON documents whether what a test expects holds: what json() of command.sh asks.

A start of Python costs as much as many questions, so one of these answers all of a test's. A question is
three texts, a zero byte behind each: the document's path, definitions, an expression over r, the document.
The answer ends with one, too: what is wrong, nothing when all is well.
"""
import contextlib
import io
import json
import sys

import schema


def problem(path, definitions, expression):
    try:
        document = json.load(open(path))
        scope = {"r": document, "json": json}
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(definitions, scope)
            found = schema.problems(document) if "schema" in document else []
            holds = eval(expression, scope)
        return "\n".join(found) or ("" if holds else f"it is false\n{printed.getvalue()}")
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def main():
    texts = sys.stdin.buffer
    question = []
    rest = b""
    while True:
        read = texts.read1(65536)
        if not read:
            return
        *whole, rest = (rest + read).split(b"\0")
        question += [text.decode() for text in whole]
        if len(question) == 3:
            sys.stdout.write(problem(*question) + "\0")
            sys.stdout.flush()
            question = []


main()
