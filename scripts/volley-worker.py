#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Run a Python function as a worker of volley: see volley-worker(7).

    volley --worker [-a EVENTS] volley-worker.py MODULE:FUNCTION

The current directory is the first one searched for the module.  The function is called
with the event as its only argument: a string, or with --json any JSON value.  If the
event is a mapping whose keys fit the function's parameters, they are passed as keyword
arguments; otherwise the mapping is passed as a dict.

The return value is the output: a string as it is, None as no output, anything else as
JSON.  Text that the function prints goes to stderr.  Its stdin is empty.

An exception fails the event; the traceback is the event's stderr.  This requires
replies in JSON, which are volley's default for this program (VOLLEY_REPLY says which
kind of reply volley expects).  With --reply line, which is faster, an exception ends
the worker, and the events that it has already read are lost.
"""

import argparse
import functools
import importlib
import inspect
import json
import os
import sys
import traceback
from json.encoder import encode_basestring

CANNOT_EXECUTE = 126  # as a shell reports it; another worker would fail as well


# --- the function


def give_up(message):
    print(f"volley-worker.py: {message}", file=sys.stderr)
    sys.exit(CANNOT_EXECUTE)


def import_module(name):
    try:
        return importlib.import_module(name)
    except SyntaxError as error:
        give_up(f"{error.filename}:{error.lineno}: {error.msg}")
    except Exception as error:  # importing runs the module's code, which may raise anything
        frames = [f for f in traceback.extract_tb(error.__traceback__)
                  if f.filename != __file__ and not f.filename.startswith("<frozen")
                  and os.path.dirname(f.filename) != os.path.dirname(importlib.__file__)]
        where = f"{frames[-1].filename}:{frames[-1].lineno}: " if frames else ""
        give_up(f"{where}cannot import '{name}': {type(error).__name__}: {error}")


def find_function(name):
    module, colon, path = name.partition(":")
    if not colon or not module or not path:
        give_up(f"'{name}': write MODULE:FUNCTION")
    sys.path.insert(0, os.getcwd())
    found = import_module(module)
    try:
        for part in path.split("."):
            found = getattr(found, part)
    except AttributeError as error:
        give_up(error)
    if not callable(found):
        give_up(f"{name} is not a function")
    return found


class Caller:
    """Calls the function with the event in a line."""

    def __init__(self, function, as_json):
        self.function, self.as_json = function, as_json
        try:
            self.signature = inspect.signature(function)
        except ValueError:  # some functions written in C have no signature
            self.signature = None

    @functools.lru_cache(maxsize=1024)
    def takes(self, /, *arguments, **keywords):
        try:
            self.signature.bind(*arguments, **keywords)
        except TypeError:
            return False
        return True

    def with_value(self, value):
        if not isinstance(value, dict) or self.signature is None:
            return self.function(value)
        if not self.takes(**dict.fromkeys(value)) and self.takes(None):
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


# --- its result


def plain(value):
    """Return a JSON value for an object that JSON has no type for."""
    if isinstance(value, (set, frozenset)):
        return list(value)
    if hasattr(value, "tolist"):  # numpy's
        return value.tolist()
    if inspect.isgenerator(value) or inspect.isawaitable(value):
        raise TypeError(f"a {type(value).__name__} cannot be a result: return its value")
    return str(value)


def as_text(result):
    if isinstance(result, str):
        return result
    if isinstance(result, bytes):
        return result.decode("utf-8", "surrogateescape")
    return "" if result is None else json.dumps(result, ensure_ascii=False, default=plain)


def as_line(result):
    """Return the result as one line, the only possible reply."""
    text = as_text(result)
    if text[-1:] == "\n":
        text = text[:-1]
    return json.dumps(text, ensure_ascii=False) if "\n" in text else text


def ended(text):
    return text if text[-1:] in ("\n", "") else text + "\n"


# --- replies


def lines(call, line):
    return as_line(call(line)) + "\n"


def nulls(call, line):
    return ended(as_text(call(line))) + "\0"


def without_own_frames(error):
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames))


def objects(call, line):
    try:
        text = ended(as_text(call(line)))
        if not text.isascii():
            text.encode("utf-8")  # fails for text that JSON cannot represent
        if "\0" in text:
            raise ValueError("the result contains a NUL: use --reply line")
        return '{"status":0,"stdout":' + encode_basestring(text) + "}\n"
    except SystemExit as error:  # a number, None or a message
        if isinstance(error.code, int):
            reply = {"status": error.code & 255}
        else:
            reply = {"status": int(error.code is not None),
                     "stderr": f"{error.code}\n" if error.code is not None else ""}
    except Exception as error:  # any exception fails the event
        text = without_own_frames(error).encode("utf-8", "backslashreplace").decode()
        reply = {"status": 1, "stderr": text.replace("\0", "\\0")}
    return json.dumps(reply, ensure_ascii=False) + "\n"


REPLIES = {"line": lines, "null": nulls, "json": objects}


def serve(reply, call, events, replies):
    """Write each reply at once: if the next event ends the worker, a reply that still
    waited in the buffer would be lost."""
    write, flush = replies.write, replies.flush
    for line in events:
        write(reply(call, line.rstrip("\n")))
        flush()


def parse_arguments():
    asked = os.environ.get("VOLLEY_REPLY")
    parser = argparse.ArgumentParser(
        prog="volley-worker.py",
        usage="volley --worker [VOLLEY'S OPTIONS] volley-worker.py MODULE:FUNCTION [--json]",
        description="Call a Python function for each line of stdin, and print its result.",
    )
    parser.add_argument("function", metavar="MODULE:FUNCTION")
    parser.add_argument("--json", action="store_true", help="each event is JSON")
    parser.add_argument(
        "--reply", choices=REPLIES, default=asked or "line",
        help="as volley's option of that name (default: what volley asks for)",
    )
    options, rest = parser.parse_known_args()
    if rest:
        give_up(f"unknown option '{rest[0]}': "
                + ("options of volley come before volley-worker.py" if asked else
                   "is volley's --worker missing?"))
    if asked and options.reply != asked:
        give_up(f"volley expects --reply {asked}: give the option to it")
    return options


def end_with_event(function, error):
    """Exit: a reply of this kind cannot report that the event failed."""
    asked = os.environ.get("VOLLEY_REPLY")
    sys.stderr.write(without_own_frames(error))
    sys.exit(1 if asked is None else
             f"volley-worker.py: {function} raised an exception, which ends the worker; "
             "with --reply json only its event fails")


def main():
    options = parse_arguments()
    # Events and replies use descriptors that the function's children do not inherit.
    # The function's stdin is empty; what it prints goes to stderr, line by line.
    text = {"encoding": "utf-8", "errors": "surrogateescape", "newline": "\n"}
    events = os.fdopen(os.dup(0), "r", **text)
    replies = os.fdopen(os.dup(1), "w", **text)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)
    call = Caller(find_function(options.function), options.json)
    try:
        serve(REPLIES[options.reply], call, events, replies)
    except Exception as error:
        end_with_event(options.function, error)


if __name__ == "__main__":
    main()
