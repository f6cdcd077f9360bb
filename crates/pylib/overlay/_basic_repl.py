"""The prompt without a line editor: what `sys._baserepl()` runs.

Statements are read line by line from standard input, prompts go to standard error, and each statement is compiled and
run in the namespace of `__main__`. The prompt with a line editor is `_pyrepl`.
"""

import code
import linecache
import sys


class _Statements(code.InteractiveConsole):
    """Statements of standard input; the traceback of one does not show what runs it."""

    def raw_input(self, prompt=""):
        if sys.stdin.isatty() and sys.stdout.isatty():
            return input(prompt)
        print(prompt, end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.removesuffix("\n")

    def runcode(self, code):
        # Tracebacks show the lines of the statement, and those of functions that earlier statements made.
        linecache._register_code(code, "\n".join(self.buffer) + "\n", self.filename)
        try:
            exec(code, self.locals)
        except SystemExit:
            raise
        except BaseException as error:
            # The frames of the exec itself are not the user's.
            here = error.__traceback__
            error = error.with_traceback(here.tb_next if here is not None else None)
            sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
            sys.last_exc = error
            sys.excepthook(type(error), error, error.__traceback__)


def run():
    """Reads and runs statements until the input ends."""
    if not hasattr(sys, "ps1"):
        sys.ps1 = ">>> "
    if not hasattr(sys, "ps2"):
        sys.ps2 = "... "
    statements = _Statements(sys.modules["__main__"].__dict__, filename="<stdin>", local_exit=True)
    more = False
    while True:
        try:
            try:
                line = statements.raw_input(str(sys.ps2 if more else sys.ps1))
            except EOFError:
                print(file=sys.stderr)
                return
            more = statements.push(line, _symbol="single")
        except KeyboardInterrupt:
            print("\nKeyboardInterrupt", file=sys.stderr)
            statements.resetbuffer()
            more = False
