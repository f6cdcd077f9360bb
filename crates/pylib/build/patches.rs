//! What is changed in the library's files before they are compiled, each with its reason.
//!
//! The library comes from a crate that serves another interpreter, and a few of its files were altered for that; here
//! they are brought back to what CPython 3.14 does. A patch whose old text is not found stops the build, so that an
//! update of the crate cannot silently drop one.

use super::select::{Module, Source};

/// One replacement in one file.
struct Patch {
    path: &'static str,
    why: &'static str,
    old: &'static str,
    new: &'static str,
}

const PATCHES: &[Patch] = &[
    Patch {
        path: "_py_abc.py",
        why: "an instance may hide its class",
        old: "        subclass = instance.__class__\n",
        new: "        subclass = getattr(instance, '__class__', type(instance))\n",
    },
    Patch {
        path: "annotationlib.py",
        why: "methods of builtin objects say nothing of their module",
        old: "        if value.__module__ == \"builtins\":
            return value.__qualname__
        return f\"{value.__module__}.{value.__qualname__}\"
",
        new: "        module = value.__module__
        owner = getattr(value, '__self__', None)
        if module is None and owner is not None:
            module = (owner if isinstance(owner, type) else type(owner)).__module__
        if module in (None, \"builtins\"):
            return value.__qualname__
        return f\"{module}.{value.__qualname__}\"
",
    },
    Patch {
        path: "bdb.py",
        why: "3.14 deletes all breakpoints of a line",
        old: "            for bp in blist:\n                bp.deleteMe()\n        del self.breaks[filename]\n",
        new: "            for bp in blist[:]:\n                bp.deleteMe()\n        del self.breaks[filename]\n",
    },
    Patch {
        path: "trace.py",
        why: "sources inside the binary cannot be opened; they are UTF-8",
        old: "            with open(filename, 'rb') as fp:
                encoding, _ = tokenize.detect_encoding(fp.readline)
",
        new: "            try:
                with open(filename, 'rb') as fp:
                    encoding, _ = tokenize.detect_encoding(fp.readline)
            except FileNotFoundError:
                encoding = 'utf-8'
",
    },
    Patch {
        path: "pickle.py",
        why: "PickleBuffer is native, the rest of pickling is not",
        old: "    from _pickle import PickleBuffer\n",
        new: "    from _pickle_buffer import PickleBuffer\n",
    },
    Patch {
        path: "io.py",
        why: "FileIO is always there",
        old: "                 open, open_code, BytesIO, StringIO, BufferedReader,\n",
        new: "                 open, open_code, FileIO, BytesIO, StringIO, BufferedReader,\n",
    },
    Patch {
        path: "io.py",
        why: "FileIO is always there",
        old: "# XXX: RUSTPYTHON; FileIO needs host_env, optional without it
try:
    from _io import FileIO
except ImportError:
    FileIO = None

",
        new: "",
    },
    Patch {
        path: "io.py",
        why: "FileIO is always there",
        old: "if FileIO is not None:  # XXX: RUSTPYTHON; see the try/except above
    RawIOBase.register(FileIO)
",
        new: "RawIOBase.register(FileIO)\n",
    },
    Patch {
        path: "_compat_pickle.py",
        why: "no exception of another interpreter",
        old: "# NOTE: RUSTPYTHON exceptions
try:
    JitError
except NameError:
    pass
else:
    PYTHON2_EXCEPTIONS += (\"JitError\",)

",
        new: "",
    },
    Patch {
        path: "unittest/__init__.py",
        why: "no decorators of another interpreter's test suite",
        old: "


# XXX: RUSTPYTHON
# This is very useful to reduce platform difference boilerplates in tests.
def expectedFailureIf(condition, reason):
    assert reason.startswith(\"TODO: RUSTPYTHON\")
    if condition:
        return expectedFailure
    else:
        return lambda x: x

# XXX: RUSTPYTHON
# Even more useful because most of them are windows only.
def expectedFailureIfWindows(reason):
    import sys
    return expectedFailureIf(sys.platform == 'win32', reason)

# XXX: RUSTPYTHON
# For a rare case when the parent class test fails but the child pass.
def expectedSuccess(test_item):
    test_item.__unittest_expecting_failure__ = False
    return test_item
",
        new: "",
    },
    Patch {
        path: "platform.py",
        why: "programs take us for what we behave like",
        old: "
        # XXX: RUSTPYTHON support
        if \"RustPython\" in sys_version:
            name = \"RustPython\"
        else:
            name = 'CPython'
",
        new: "        name = 'CPython'\n",
    },
    Patch {
        path: "sysconfig/__init__.py",
        why: "folders are named as CPython names them",
        old: "    return 'RustPython'  # XXX: RUSTPYTHON; For site-packages\n",
        new: "    return 'Python'\n",
    },
    Patch {
        path: "site.py",
        why: "folders are named as CPython names them",
        old: "    return 'RustPython' # XXX: RUSTPYTHON; for site-packages\n",
        new: "    return 'Python'\n",
    },
    Patch {
        path: "site.py",
        why: "folders are named as CPython names them",
        old: "    # XXX: RUSTPYTHON
    return f'{userbase}/lib/rustpython{version[0]}",
        new: "    return f'{userbase}/lib/python{version[0]}",
    },
    Patch {
        path: "json/decoder.py",
        why: "no constructor for another interpreter's parser",
        old: "    # RUSTPYTHON SPECIFIC
    @classmethod
    def _from_serde(cls, msg, doc, line, col):
        pos = 0
        # 0-indexed
        line -= 1
        col -= 1
        while line > 0:
            i = doc.index('\\n', pos)
            line -= 1
            pos = i
        pos += col
        return cls(msg, doc, pos)

",
        new: "",
    },
    Patch {
        path: "_sitebuiltins.py",
        why: "licence, credits and copyright are shown by the prompt's pager",
        old: "        self.__lines = None\n",
        new: "        self.__lines = []\n",
    },
    Patch {
        path: "_sitebuiltins.py",
        why: "licence, credits and copyright are shown by the prompt's pager",
        old: "        prompt = 'Hit Return for more, or q (and Return) to quit: '
        lineno = 0
        while 1:
            try:
                for i in range(lineno, lineno + self.MAXLINES):
                    print(self.__lines[i])
            except IndexError:
                break
            else:
                lineno += self.MAXLINES
                key = None
                while key is None:
                    key = input(prompt)
                    if key not in ('', 'q'):
                        key = None
                if key == 'q':
                    break
",
        new: "        try:
            from _pyrepl.pager import get_pager
            show = get_pager()
        except ImportError:
            def show(text, title=''):
                print(text)
        show('\\n'.join(self.__lines), title=self.__name)
",
    },
    Patch {
        path: "_opcode_metadata.py",
        why: "not another interpreter's file: the numbers are CPython's, and a test holds them to oriel-bytecode's",
        old: "# This file is generated by tools/opcode_metadata/generate_py_opcode_metadata.py
# for RustPython bytecode format (CPython 3.14 compatible opcode numbers).
# Do not edit!
",
        new: "# The instruction set of CPython 3.14.\n",
    },
    Patch {
        path: "linecache.py",
        why: "library files are on no disk: who asks by path alone is served by the importer of that path",
        old: "        # Try looking through the module search path, which is only useful
        # when handling a relative filename.
        if os.path.isabs(filename):
            return []
",
        new: "        if os.path.isabs(filename):
            text = _embedded_source(filename)
            if text is None:
                return []
            lines = [line + '\\n' for line in text.splitlines()]
            cache[filename] = (len(text), None, lines, fullname)
            return lines
",
    },
    Patch {
        path: "linecache.py",
        why: "library files are on no disk: who asks by path alone is served by the importer of that path",
        old: "def lazycache(filename, module_globals):",
        new: "def _embedded_source(filename):
    # Path entry finders are cached by folder; the one of the file's own folder knows the file if it is embedded.
    import sys
    folder, slash, _ = filename.rpartition('/')
    while slash:
        finder = (sys.path_importer_cache or {}).get(folder)
        read = getattr(finder, 'get_data', None)
        if read is not None:
            try:
                return read(filename).decode('utf-8')
            except (ImportError, OSError, UnicodeDecodeError):
                return None
        folder, slash, _ = folder.rpartition('/')
    return None


def lazycache(filename, module_globals):",
    },
];

/// Applies all patches, and adds the modules that depend on the machine we build for.
pub fn apply(sources: &mut Vec<Source>) {
    for patch in PATCHES {
        let Patch { path, why, old, new } = patch;
        let source = sources.iter_mut().find(|source| source.path == *path);
        let source = source.unwrap_or_else(|| panic!("patch of {path} ({why}): no such file"));
        let text = std::str::from_utf8(&source.bytes).expect("patched files are UTF-8");
        assert_eq!(text.matches(old).count(), 1, "patch of {path} ({why}): the old text must be there once");
        source.bytes = text.replacen(old, new, 1).into_bytes();
    }
    let architecture = std::env::var("CARGO_CFG_TARGET_ARCH").expect("cargo sets it");
    let system = std::env::var("CARGO_CFG_TARGET_OS").expect("cargo sets it");
    let shared = sources.iter().position(|source| source.path == "_sysconfigdata.py").expect("in the overlay");
    let data = sources.swap_remove(shared);
    let (name, multiarch) = match system.as_str() {
        "macos" => ("_sysconfigdata__darwin_darwin".into(), "darwin".into()),
        _ => (format!("_sysconfigdata__linux_{architecture}-linux-gnu"), format!("{architecture}-linux-gnu")),
    };
    let text = String::from_utf8(data.bytes).expect("our own file").replace("@MULTIARCH@", &multiarch);
    let module = Module { name: name.clone(), is_package: false };
    sources.push(Source { path: format!("{name}.py"), bytes: text.into_bytes(), module: Some(module) });
}
