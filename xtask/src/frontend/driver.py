"""Shows what an interpreter makes of sources, in a form that can be compared. Both interpreters run this.

    driver.py digest KINDS LIST     for each file named in LIST, lines of path, kind, part and digest, between tabs
    driver.py show KIND FILE        the text that is digested
    driver.py mutate SEED COUNT LIST OUT   writes broken copies of pieces of the files named in LIST to OUT
    driver.py verdict FILE          what compile() says of each source in FILE
    driver.py record OUT MODULE...  runs test modules, and writes to OUT each source that they have compiled
    driver.py errors FILE           what compile() says of each source in such a file, in every mode, and how it is printed
"""

import sys
import warnings


def text_of(name, value):
    """A value as text that tells apart what `==` does not."""
    if isinstance(value, tuple):
        return "(" + ", ".join([text_of(name, item) for item in value]) + ",)"
    if isinstance(value, frozenset):
        return "frozenset(" + ", ".join(sorted([text_of(name, item) for item in value])) + ")"
    if isinstance(value, slice):
        return "slice" + text_of(name, (value.start, value.stop, value.step))
    if isinstance(value, type(text_of.__code__)):
        return "<code " + value.co_qualname + ">"
    return repr(value)


def error_text(error):
    parts = [type(error).__name__, str(getattr(error, "msg", error))]
    for name in ("lineno", "offset", "end_lineno", "end_offset", "text"):
        parts.append(repr(getattr(error, name, None)))
    return "error " + " ".join(parts)


def tokens(path, data):
    import io
    import tokenize
    lines = []
    for token in tokenize.tokenize(io.BytesIO(data).readline):
        lines.append("%d %r %r %r %r" % tuple(token))
    return [("", "\n".join(lines))]


def tree(path, data):
    import ast
    node = compile(data, path, "exec", ast.PyCF_ONLY_AST | 0x1000)
    return [("", ast.dump(node, include_attributes=True, indent=None))]


def symbols(path, data):
    import _symtable
    top = _symtable.symtable(data, path, "exec")
    lines = []
    todo = [(top, 0)]
    while todo:
        block, depth = todo.pop()
        lines.append("%s%s %d line %d nested %d" % ("  " * depth, block.name, block.type, block.lineno, block.nested))
        # CPython appends the free variables in the order of a set.
        known = [(name, flags) for name, flags in block.symbols.items() if flags & 0xfff]
        for name, flags in known + sorted((name, flags) for name, flags in block.symbols.items() if not flags & 0xfff):
            lines.append("%s  %s %#x" % ("  " * depth, name, flags))
        lines.append("%s  varnames %r" % ("  " * depth, block.varnames))
        todo.extend([(child, depth + 1) for child in reversed(block.children)])
    return [("", "\n".join(lines))]


FIELDS = [
    "co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_nlocals", "co_stacksize", "co_flags", "co_code",
    "co_consts", "co_names", "co_varnames", "co_cellvars", "co_freevars", "co_filename", "co_name", "co_qualname",
    "co_firstlineno", "co_linetable", "co_exceptiontable",
]


def codes(path, data):
    parts = []
    todo = [compile(data, path, "exec", dont_inherit=True)]
    code_type = type(todo[0])
    while todo:
        code = todo.pop()
        text = "\n".join([name + " " + text_of(name, getattr(code, name)) for name in FIELDS])
        parts.append(("%d:%s" % (code.co_firstlineno, code.co_qualname), text))
        todo.extend([item for item in reversed(code.co_consts) if isinstance(item, code_type)])
    return parts


def pyc(path, data):
    import os
    import py_compile
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        target = os.path.join(folder, "written.pyc")
        # By default, what is written depends on an environment variable.
        py_compile.compile(path, target, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
        with open(target, "rb") as file:
            written = file.read()
    return [("", "\n".join([written[at:at + 32].hex(" ") for at in range(0, len(written), 32)]))]


def disassembly(path, data):
    import dis
    import io
    parts = []
    for options in ({}, {"show_caches": True, "show_offsets": True, "show_positions": True}):
        out = io.StringIO()
        dis.dis(compile(data, path, "exec", dont_inherit=True), file=out, **options)
        # Addresses differ.
        import re
        text = re.sub("at 0x[0-9a-f]+", "at 0x", out.getvalue())
        # So does the order of a set.
        sort = lambda match: "frozenset({" + ", ".join(sorted(match[1].split(", "))) + "})"
        parts.append((",".join(options), re.sub(r"frozenset\(\{(.*?)\}\)", sort, text)))
    return parts


def found_warnings(path, data):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        compile(data, path, "exec", dont_inherit=True)
    return [("", "\n".join(["%s %s %s" % (w.category.__name__, w.lineno, w.message) for w in found]))]


KINDS = {
    "tokens": tokens, "tree": tree, "symbols": symbols, "code": codes, "pyc": pyc, "dis": disassembly,
    "warnings": found_warnings,
}


def parts_of(kind, path, data):
    try:
        return KINDS[kind](path, data)
    except Exception as error:
        return [("", error_text(error))]


def digest(kinds, listing):
    import hashlib
    kinds = kinds.split(",")
    for path in open(listing, encoding="utf-8").read().split("\n"):
        if not path:
            continue
        with open(path, "rb") as file:
            data = file.read()
        for kind in kinds:
            for part, text in parts_of(kind, path, data):
                digest = hashlib.sha1(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
                if text.startswith("error ") and kind != "warnings":
                    digest = "error" + digest
                part = part.encode("ascii", "backslashreplace").decode("ascii")
                print(path, kind, part, digest, sep="\t", flush=True)


def show(kind, path):
    with open(path, "rb") as file:
        data = file.read()
    out = []
    for part, text in parts_of(kind, path, data):
        if kind == "tree":
            text = text.replace("), ", "),\n")
        out.append("== " + part + "\n" + text + "\n")
    sys.stdout.buffer.write("".join(out).encode("utf-8", "backslashreplace"))


def broken(random, data, words):
    """A copy of a source, broken in one to three places."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        kind = random.randrange(8)
        places = [match.span() for match in words.finditer(data)]
        if not places:
            return data
        start, end = random.choice(places)
        if kind == 0:
            data = data[:start] + data[end:]
        elif kind == 1:
            data = data[:end] + b" " + data[start:end] + data[end:]
        elif kind == 2:
            at = places.index((start, end))
            if at + 1 < len(places):
                begin, stop = places[at + 1]
                data = data[:start] + data[begin:stop] + data[end:begin] + data[start:end] + data[stop:]
        elif kind == 3:
            brackets = [at for at, byte in enumerate(data) if byte in b"()[]{}:,'\""]
            if brackets:
                at = random.choice(brackets)
                data = data[:at] + data[at + 1:]
        elif kind == 4:
            at = random.randrange(len(data))
            data = data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1:]
        elif kind == 5:
            data = data[:random.randrange(len(data)) + 1]
        elif kind == 6:
            other, stop = random.choice(places)
            data = data[:start] + data[other:stop] + data[end:]
        else:
            at = random.randrange(len(data))
            scrap = random.choice((b"(", b")", b"]", b"{", b"'", b'"', b"\\", b"\n", b" ", b":", b"=", b"*", b"f'", b"\t",
                                   b" if ", b" else ", b" in ", b"not ", b"yield ", b"await ", b"async ", b"lambda ",
                                   b"\xc3\xa9", b"$", b"!", b"0", b".", b",", b";", b"@", b":=", b"->", b"import "))
            data = data[:at] + scrap + data[at:]
    return data


def mutate(seed, count, listing, out):
    import random
    import re
    random = random.Random(int(seed))
    words = re.compile(rb"[A-Za-z_][A-Za-z_0-9]*|[0-9][0-9a-fA-FxXoO_.]*|[^\sA-Za-z_0-9]{1,2}|\n[ \t]*")
    paths = [path for path in open(listing, encoding="utf-8").read().split("\n") if path]
    sources = []
    while len(sources) < int(count):
        with open(random.choice(paths), "rb") as file:
            lines = file.read().splitlines(True)
        if not lines:
            continue
        # A piece that starts where a statement does, so that what is wrong is what was broken.
        starts = [at for at, line in enumerate(lines) if line[:1].isalpha() or line[:1] == b"@"] or [0]
        start = random.choice(starts)
        later = [at for at in starts if at > start + 5] + [len(lines)]
        piece = b"".join(lines[start:min(later[0], start + 120)])
        if len(piece) > 20:
            sources.append(broken(random, piece, words).replace(b"\0", b""))
    with open(out, "w") as file:
        for source in sources:
            print(source.hex(), file=file)


def verdict(file):
    warnings.simplefilter("ignore")
    for number, line in enumerate(open(file)):
        try:
            compile(bytes.fromhex(line.strip()), "<mutated>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError) as error:
            text = error_text(error)
        else:
            text = "accepted"
        text = text.encode("ascii", "backslashreplace").decode("ascii").replace("\n", "\\n")
        print(number, text, sep="\t", flush=True)


def record(out, *modules):
    """Whatever is given to compile(), exec() or eval(), or written into a script, while the modules' tests run."""
    import builtins
    import importlib
    import os
    import unittest
    found = {}
    name = None

    def add(source):
        if isinstance(source, (str, bytes)) and len(source) < 20000:
            found.setdefault(source, name)

    def recording(function, takes_namespaces):
        def call(source, *arguments, **keywords):
            add(source)
            if takes_namespaces and not arguments and not keywords:
                caller = sys._getframe(1)
                arguments = caller.f_globals, caller.f_locals
            return function(source, *arguments, **keywords)
        return call

    from test.support import script_helper
    make_script = script_helper.make_script

    def making(folder, base, source, *arguments, **keywords):
        add(source)
        return make_script(folder, base, source, *arguments, **keywords)

    script_helper.make_script = making
    suites = []
    for name in modules:
        suites.append((name, unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module("test." + name))))
    builtins.compile = recording(compile, False)
    builtins.exec = recording(exec, True)
    builtins.eval = recording(eval, True)
    for name, suite in suites:
        with open(os.devnull, "w") as stream:
            unittest.TextTestRunner(stream=stream, verbosity=0).run(suite)
    with open(out, "w", encoding="ascii") as file:
        for source, name in found.items():
            print(name, ascii(source), sep="\t", file=file)


def errors(file):
    import ast
    import traceback
    warnings.simplefilter("always")
    for number, line in enumerate(open(file, encoding="ascii")):
        source = ast.literal_eval(line.split("\t", 1)[1])
        for mode in ("exec", "eval", "single"):
            with warnings.catch_warnings(record=True) as found:
                warnings.simplefilter("always")
                try:
                    compile(source, "<recorded>", mode, dont_inherit=True)
                except Exception as error:
                    lines = traceback.format_exception_only(error)
                    text = error_text(error) + " " + repr(getattr(error, "filename", None)) + "\n" + "".join(lines)
                else:
                    text = "accepted"
            for warning in found:
                text += "\n%s %s %s" % (warning.category.__name__, warning.lineno, warning.message)
            print(number, mode, ascii(text), sep="\t", flush=True)


if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    warnings.simplefilter("ignore")
    {"digest": digest, "show": show, "mutate": mutate, "verdict": verdict, "record": record, "errors": errors}[sys.argv[1]](*sys.argv[2:])
