#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Make a Python function a worker of volley's: see volley-worker(7).

    volley --worker [-a EVENTS] volley-worker.py MODULE:FUNCTION

The module is looked for in the current directory first.  An event that is a
mapping becomes the function's keyword arguments; any other is its one argument, a
string, or what the JSON says when the event is a JSON number, list, true, false or
null and --json is given.

What the function returns is the reply: None an empty line, a string without a
newline that line, anything else one line of JSON.  What it prints goes to stderr.
With --reply json (given to volley and to this program) an exception fails the
event: status 1, its traceback in stderr.  Without, there is no way to say that an
event failed, so the exception ends the worker, and the event is lost.
"""

import argparse
import importlib
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


def call_with_json(function, line):
    """With what the JSON says; a mapping becomes keyword arguments."""
    value = json.loads(line)
    return function(**value) if isinstance(value, dict) else function(value)


def call(function, line, as_json):
    if as_json:
        return call_with_json(function, line)
    if line[:1] != "{":
        return function(line)
    try:
        value = json.loads(line)
    except ValueError:
        return function(line)
    return function(**value)


def as_text(result):
    if isinstance(result, str) and "\n" not in result:
        return result
    return "" if result is None else json.dumps(result, ensure_ascii=False)


def answer_with_status(function, line, as_json):
    try:
        reply = {"status": 0, "stdout": as_text(call(function, line, as_json)) + "\n"}
    except Exception:  # whatever the function raises is the event's failure
        reply = {"status": 1, "stderr": traceback.format_exc()}
    return json.dumps(reply)


def serve(function, events, replies, options):
    """Each reply is written at once: were it to wait here for others, an event that is
    done would share the fate of the one that comes next."""
    as_json, with_status = options.json, options.reply == "json"
    write, flush = replies.write, replies.flush
    for line in events:
        line = line.rstrip("\n")
        if with_status:
            reply = answer_with_status(function, line, as_json)
        else:
            reply = as_text(call(function, line, as_json))
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
    options = parser.parse_args()
    # Replies are written here; what the function prints must not be one.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogateescape")
    os.dup2(2, 1)
    function = find_function(options.function)
    events = os.fdopen(0, "r", encoding="utf-8", errors="surrogateescape", newline="\n")
    serve(function, events, replies, options)


if __name__ == "__main__":
    main()
