"""A profiler with the interface of the library's cProfile, on sys.setprofile.

Times are wall-clock; what the profiler itself needs is in the times of the functions it watches.
"""

import sys
import time

__all__ = ['run', 'runctx', 'Profile']


class Profile:
    """Collects how often and how long functions run, between enable() and disable()."""

    def __init__(self, timer=None, timeunit=0.0, subcalls=True, builtins=True):
        self._timer = timer or time.perf_counter
        self._unit = timeunit if timer and timeunit else 1.0
        self._builtins = builtins
        self.clear()

    def clear(self):
        """Forgets everything collected."""
        # label -> [calls, primitive calls, own time, cumulative time, {caller: the same four}]
        self._entries = {}
        # One for each running function: label, start, time of its callees, entry in its caller.
        self._running = []
        self._depth = {}

    def enable(self, subcalls=True, builtins=True):
        self._builtins = builtins
        sys.setprofile(self._event)

    def disable(self):
        sys.setprofile(None)
        while self._running:
            self._leave()

    def _event(self, frame, event, argument):
        if event == 'call':
            code = frame.f_code
            self._enter((code.co_filename, code.co_firstlineno, code.co_name))
        elif event == 'return':
            self._leave()
        elif self._builtins:
            if event == 'c_call':
                if argument.__name__ == 'setprofile':
                    return
                self._enter(_builtin_label(argument))
            else:
                self._leave()

    def _enter(self, label):
        self._depth[label] = self._depth.get(label, 0) + 1
        self._running.append([label, self._timer(), 0.0])

    def _leave(self):
        if not self._running:
            # A function that was running before enable() has returned.
            return
        label, start, inner = self._running.pop()
        elapsed = (self._timer() - start) * self._unit
        self._depth[label] = depth = self._depth[label] - 1
        entry = self._entries.setdefault(label, [0, 0, 0.0, 0.0, {}])
        targets = [entry]
        if self._running:
            self._running[-1][2] += elapsed
            targets.append(entry[4].setdefault(self._running[-1][0], [0, 0, 0.0, 0.0]))
        for target in targets:
            target[0] += 1
            target[2] += elapsed - inner
            if depth == 0:
                target[1] += 1
                target[3] += elapsed

    def create_stats(self):
        self.disable()
        self.snapshot_stats()

    def snapshot_stats(self):
        """Fills stats in the form that pstats reads: primitive calls before calls."""
        self.stats = {
            label: (primitive, calls, own, cumulative,
                    {caller: (p, n, o, c) for caller, (n, p, o, c) in callers.items()})
            for label, (calls, primitive, own, cumulative, callers) in self._entries.items()
        }

    def print_stats(self, sort=-1):
        import pstats
        if not isinstance(sort, tuple):
            sort = (sort,)
        pstats.Stats(self).strip_dirs().sort_stats(*sort).print_stats()

    def dump_stats(self, file):
        import marshal
        self.create_stats()
        with open(file, 'wb') as out:
            marshal.dump(self.stats, out)

    def run(self, cmd):
        import __main__
        return self.runctx(cmd, __main__.__dict__, __main__.__dict__)

    def runctx(self, cmd, globals, locals):
        self.enable()
        try:
            exec(cmd, globals, locals)
        finally:
            self.disable()
        return self

    def runcall(self, func, /, *args, **kw):
        self.enable()
        try:
            return func(*args, **kw)
        finally:
            self.disable()

    def __enter__(self):
        self.enable()
        return self

    def __exit__(self, *exc_info):
        self.disable()


def _builtin_label(function):
    owner = getattr(function, '__self__', None)
    name = function.__name__
    if owner is None or isinstance(owner, type(sys)):
        module = getattr(function, '__module__', None)
        return ('~', 0, f'<built-in method {module}.{name}>' if module else f'<built-in method {name}>')
    kind = type(owner).__name__
    return ('~', 0, f"<method {name!r} of {kind!r} objects>")


def run(statement, filename=None, sort=-1):
    import __main__
    runctx(statement, __main__.__dict__, __main__.__dict__, filename, sort)


def runctx(statement, globals, locals, filename=None, sort=-1):
    profile = Profile()
    try:
        profile.runctx(statement, globals, locals)
    except SystemExit:
        pass
    finally:
        if filename is not None:
            profile.dump_stats(filename)
        else:
            profile.print_stats(sort)


def main():
    import argparse
    import runpy
    import io
    import os

    parser = argparse.ArgumentParser(prog='cProfile')
    parser.add_argument('-o', dest='outfile', help='save the results to a file')
    parser.add_argument('-s', dest='sort', default=2, help='the order of the output, as pstats names it')
    parser.add_argument('-m', dest='module', action='store_true', help='profile a library module')
    parser.add_argument('program')
    parser.add_argument('arguments', nargs=argparse.REMAINDER)
    options = parser.parse_args()
    sys.argv[:] = [options.program, *options.arguments]
    if options.module:
        code = 'run_module(name, run_name="__main__", alter_sys=True)'
        names = {'run_module': runpy.run_module, 'name': options.program}
    else:
        sys.path.insert(0, os.path.dirname(options.program))
        with io.open_code(options.program) as file:
            code = compile(file.read(), options.program, 'exec')
        module = type(sys)('__main__')
        sys.modules['__main__'] = module
        names = module.__dict__
        names.update(__file__=options.program, __spec__=None, __cached__=None)
    runctx(code, names, None, options.outfile, options.sort)


if __name__ == '__main__':
    main()
