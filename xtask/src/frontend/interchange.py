"""Programs that go from one interpreter to the other as .pyc files. CPython runs this.

    interchange.py ORIEL CPYTHON SCRIPT...

Each script is compiled by one interpreter and run by the other from the .pyc file alone; what comes out must be what
comes out when the runner compiled it itself. Then the ways in which cached files are made and found are compared.
"""

import os
import shutil
import subprocess
import sys
import tempfile

ORIEL, CPYTHON = sys.argv[1:3]
failures = 0


def run(python, *arguments, folder, **environment):
    variables = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    variables.update(PYTHONHASHSEED="0", PYTHON_COLORS="0", **environment)
    done = subprocess.run([python, *arguments], cwd=folder, env=variables, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def check(what, expected, actual):
    """Counts what is not the same and shows it: of files their names and sizes, or the first whose bytes differ."""
    global failures
    if expected != actual:
        failures += 1
        for both in zip(expected, actual) if isinstance(expected, tuple) else [(expected, actual)]:
            if isinstance(both[0], dict) and both[0] != both[1]:
                expected, actual = [{name: len(data) for name, data in files.items()} for files in both]
        print(f"{what}: different\n    expected {str(expected)[:600]}\n    got      {str(actual)[:600]}", flush=True)
    return expected == actual


def compiled_by(python, script, folder):
    """A folder with nothing but the script's .pyc file."""
    name = os.path.basename(script)
    os.mkdir(folder)
    shutil.copy2(script, folder)
    status, _, stderr = run(python, "-c", f"import py_compile; py_compile.compile({name!r}, {name + 'c'!r}, doraise=True)",
                            folder=folder)
    if status:
        print(stderr.decode(errors="replace"))
    os.remove(os.path.join(folder, name))
    return name + "c"


def scripts(paths):
    """Each script both ways. Scripts whose output changes from run to run say nothing, and are left out."""
    equal = {ORIEL: 0, CPYTHON: 0}
    bytes_equal = counted = 0
    for path in paths:
        results = {}
        with tempfile.TemporaryDirectory() as top:
            for maker in (ORIEL, CPYTHON):
                # The same folder each time, so that file names are the same.
                folder = os.path.join(top, "program")
                name = compiled_by(maker, path, folder)
                with open(os.path.join(folder, name), "rb") as file:
                    results[maker, "bytes"] = file.read()
                for runner in (ORIEL, CPYTHON):
                    results[maker, runner] = run(runner, name, folder=folder)
                if maker == ORIEL:
                    results["again"] = {runner: run(runner, name, folder=folder) for runner in (ORIEL, CPYTHON)}
                shutil.rmtree(folder)
        counted += 1
        bytes_equal += results[ORIEL, "bytes"] == results[CPYTHON, "bytes"]
        for maker, runner in ((ORIEL, CPYTHON), (CPYTHON, ORIEL)):
            if results["again"][runner] != results[ORIEL, runner]:
                continue
            if check(f"{os.path.basename(path)} made by {os.path.basename(maker)}", results[runner, runner],
                     results[maker, runner]):
                equal[runner] += 1
    print(f"{counted} scripts: {bytes_equal} .pyc files with the same bytes; CPython runs {equal[CPYTHON]} of oriel's "
          f"alike, oriel runs {equal[ORIEL]} of CPython's alike")


def listing(folder):
    found = {}
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            # With a prefix CPython also caches what it imports of its library; ours is in the command.
            if name.endswith(".pyc") and "/lib/python" not in path:
                with open(path, "rb") as file:
                    found[os.path.relpath(path, folder)] = file.read()
    return dict(sorted(found.items()))


MODULES = {
    "main.py": "import package.one, package\nprint(package.one.VALUE, package.one.__cached__)\n",
    "package/__init__.py": "from .two import function\n",
    "package/one.py": "from . import function\nVALUE = function(20)\n",
    "package/two.py": "def function(x, /, *, y=1):\n    return [x + y for _ in range(2)]\n",
}


def program(folder):
    for name, text in MODULES.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.utime(path, (1700000000, 1700000000))


WAYS = {
    "as it is": ([], {}),
    "-B": (["-B"], {}),
    "PYTHONDONTWRITEBYTECODE": ([], {"PYTHONDONTWRITEBYTECODE": "1"}),
    "PYTHONPYCACHEPREFIX": ([], {"PYTHONPYCACHEPREFIX": "elsewhere"}),
    "-X pycache_prefix": (["-X", "pycache_prefix=elsewhere"], {}),
    "-O": (["-O"], {}),
    "-OO": (["-OO"], {}),
    "SOURCE_DATE_EPOCH": ([], {"SOURCE_DATE_EPOCH": "1"}),
}
TOOLS = {
    "compileall": ["-m", "compileall", "-q", "."],
    "compileall -b": ["-m", "compileall", "-q", "-b", "."],
    "compileall -o": ["-m", "compileall", "-q", "-o", "0", "-o", "2", "."],
    "compileall checked-hash": ["-m", "compileall", "-q", "--invalidation-mode", "checked-hash", "."],
    "compileall unchecked-hash": ["-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "."],
    "compileall -d": ["-m", "compileall", "-q", "-d", "/other", "package"],
    "compileall -s -p": ["-m", "compileall", "-q", "-s", "package", "-p", "/prefix", "package"],
    "py_compile": ["-m", "py_compile", "main.py", "package/one.py"],
}


def ways():
    """Which cached files there are after a run, and what is in them."""
    with tempfile.TemporaryDirectory() as top:
        folder = os.path.join(top, "program")
        for what, (options, environment) in WAYS.items():
            both = []
            for python in (CPYTHON, ORIEL):
                os.mkdir(folder)
                program(folder)
                both.append((run(python, *options, "main.py", folder=folder, **environment), listing(folder)))
                shutil.rmtree(folder)
            check(what, *both)
        for what, arguments in TOOLS.items():
            both = []
            for python in (CPYTHON, ORIEL):
                os.mkdir(folder)
                program(folder)
                both.append((run(python, *arguments, folder=folder), listing(folder)))
                shutil.rmtree(folder)
            check(what, *both)
        print(f"{len(WAYS) + len(TOOLS)} ways to make cached files")


def shared():
    """A cache that one interpreter makes serves the other; a hash in it is compared when the option says so."""
    for maker, user in ((CPYTHON, ORIEL), (ORIEL, CPYTHON)):
        who = f"cache of {os.path.basename(maker)}"
        with tempfile.TemporaryDirectory() as folder:
            program(folder)
            first = run(maker, "main.py", folder=folder)
            before = listing(folder)
            check(f"{who}, output", first, run(user, "main.py", folder=folder))
            check(f"{who}, files", before, listing(folder))
            shown = run(user, "-v", "main.py", folder=folder)[2].decode(errors="replace")
            check(f"{who}, used", True, "matches" in shown and "package/two.py" in shown)
        for mode in ("checked-hash", "unchecked-hash"):
            for option in ("default", "always", "never"):
                with tempfile.TemporaryDirectory() as folder:
                    program(folder)
                    run(maker, "-m", "compileall", "-q", "--invalidation-mode", mode, ".", folder=folder)
                    with open(os.path.join(folder, "package/two.py"), "a") as file:
                        file.write("def function(x): return 'changed'\n")
                    results = []
                    for python in (CPYTHON, user):
                        copy = folder + "-copy"
                        shutil.copytree(folder, copy)
                        done = run(python, "--check-hash-based-pycs", option, "main.py", folder=copy)
                        results.append((done, listing(copy)))
                        shutil.rmtree(copy)
                    check(f"{who}, {mode}, --check-hash-based-pycs {option}", *results)
    print("caches of either serve the other")


def hostile():
    """Cached files that are cut off or damaged: an exception, and the same verdict."""
    with tempfile.TemporaryDirectory() as folder:
        program(folder)
        run(CPYTHON, "-m", "compileall", "-q", "-b", ".", folder=folder)
        with open(os.path.join(folder, "main.pyc"), "rb") as file:
            good = file.read()
        same = 0
        cases = [good[:size] for size in range(0, len(good), 7)]
        cases += [b"\0\0\0\0" + good[4:], good[:4] + b"\xff" + good[5:], good[:16] + b"N", good[:16] + b"\xfb"]
        for data in cases:
            with open(os.path.join(folder, "bad.pyc"), "wb") as file:
                file.write(data)
            answers = []
            for python in (CPYTHON, ORIEL):
                status, out, err = run(python, "-c", "import bad", folder=folder)
                last = err.decode(errors="replace").strip().splitlines()[-1:]
                answers.append((status, out, last))
            same += check(f"cut off after {len(data)} bytes", *answers)
        print(f"{same} of {len(cases)} damaged files give the same error")


scripts(sys.argv[3:])
ways()
shared()
hostile()
print("all the same" if not failures else f"{failures} differences")
sys.exit(failures != 0)
