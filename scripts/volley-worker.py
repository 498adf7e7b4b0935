#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Make a Python function a worker of volley's: see volley-worker(7).

    volley --worker [-a EVENTS] volley-worker.py MODULE:FUNCTION

The module is looked for in the current directory first.  An event is the function's
one argument: a string, or with --json what its JSON says.  An event that is a mapping
becomes keyword arguments, unless the function has but one parameter, which is not
one of the mapping's keys: then it is that argument, a dict.

What the function returns is the reply: None an empty line, a string without a
newline that line, anything else one line of JSON.  What it prints goes to stderr.
With --reply json (given to volley and to this program) an exception fails the
event: status 1, its traceback in stderr.  Without, there is no way to say that an
event failed, so the exception ends the worker, and the event is lost.
"""

import argparse
import importlib
import inspect
import json
import os
import sys
import traceback


def find_function(name):
    module, colon, path = name.partition(":")
    if not colon or not module or not path:
        sys.exit(f"volley-worker.py: '{name}': write MODULE:FUNCTION")
    sys.path.insert(0, os.getcwd())
    try:
        found = importlib.import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        sys.exit(f"volley-worker.py: {error}")
    return found


def only_parameter(function):
    """The name of the function's only positional parameter; None: it has more, or
    takes any keyword."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # some that are written in C do not say
        return None
    kinds = inspect.Parameter
    names = [p.name for p in parameters if p.kind != kinds.KEYWORD_ONLY]
    if len(names) != 1 or any(
        p.kind in (kinds.VAR_POSITIONAL, kinds.VAR_KEYWORD) for p in parameters
    ):
        return None
    return names[0]


class Caller:
    """Calls the function with what a line says."""

    def __init__(self, function, as_json):
        self.function, self.as_json = function, as_json
        self.only = only_parameter(function)

    def with_value(self, value):
        if not isinstance(value, dict) or (self.only and self.only not in value):
            return self.function(value)
        return self.function(**value)

    def __call__(self, line):
        if self.as_json:
            return self.with_value(json.loads(line))
        if line[:1] != "{":
            return self.function(line)
        try:
            value = json.loads(line)
        except ValueError:
            return self.function(line)
        return self.with_value(value)


def as_text(result):
    if isinstance(result, str) and "\n" not in result:
        return result
    return "" if result is None else json.dumps(result, ensure_ascii=False)


def answer_with_status(call, line):
    try:
        reply = {"status": 0, "stdout": as_text(call(line)) + "\n"}
    except Exception:  # whatever the function raises is the event's failure
        reply = {"status": 1, "stderr": traceback.format_exc()}
    return json.dumps(reply)


def serve(call, with_status, events, replies):
    """Each reply is written at once: were it to wait here for others, an event that is
    done would share the fate of the one that comes next."""
    write, flush = replies.write, replies.flush
    for line in events:
        line = line.rstrip("\n")
        reply = answer_with_status(call, line) if with_status else as_text(call(line))
        write(reply + "\n")
        flush()


def main():
    parser = argparse.ArgumentParser(
        prog="volley-worker.py",
        description="Answer each line of stdin by what a Python function returns.",
    )
    parser.add_argument("function", metavar="MODULE:FUNCTION")
    parser.add_argument("--json", action="store_true", help="each event is JSON")
    parser.add_argument(
        "--reply", choices=["line", "json"], default="line", help="as volley's option"
    )
    options, rest = parser.parse_known_args()
    if rest:
        parser.error(f"{rest[0]} is none of mine; volley's options stand before my name")
    # Replies are written here; what the function prints must not be one.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogateescape")
    os.dup2(2, 1)
    function = find_function(options.function)
    events = os.fdopen(0, "r", encoding="utf-8", errors="surrogateescape", newline="\n")
    serve(Caller(function, options.json), options.reply == "json", events, replies)


if __name__ == "__main__":
    main()
