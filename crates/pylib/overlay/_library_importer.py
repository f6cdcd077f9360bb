"""The path entry finder of the embedded library.

The library's modules are inside the binary. They appear below the folder sys._stdlib_dir, which need not exist. This
finder claims that folder and the packages in it, and behaves as FileFinder and SourceFileLoader do for files: specs,
__file__, get_source, pkgutil and linecache work.

It is installed as a path hook; what it asks of the runtime are the functions _imp._library_*.
"""

import _frozen_importlib_external as _external
import _imp
import sys

_ROOT = sys._stdlib_dir
_PREFIX = _ROOT + '/'


def _below(path):
    """The path below the library's root, or None for a path outside it."""
    return path[len(_PREFIX):] if path.startswith(_PREFIX) else None


class LibraryLoader(_external.SourceFileLoader):
    """Loads one embedded module."""

    def get_code(self, fullname):
        filename = self.get_filename(fullname)
        code = _imp._library_code(fullname, filename)
        if code is None:
            raise ImportError(f'no embedded code of {fullname}', name=fullname, path=filename)
        return code

    def get_data(self, path):
        return _read(path)

    def path_stats(self, path):
        return {'mtime': 0, 'size': len(_read(path))}

    def get_resource_reader(self, fullname):
        return None


class LibraryFinder:
    """Finds the modules of one package (or the top level) of the library."""

    def __init__(self, path):
        below = '' if path == _ROOT else _below(path)
        if below is None:
            raise ImportError('not in the embedded library', path=path)
        self.package = below.replace('/', '.')
        if self.package:
            found = _imp._library_find(self.package)
            if found is None or not found[0]:
                raise ImportError('not a package of the embedded library', path=path)
        self.path = path

    def find_spec(self, fullname, target=None):
        tail = fullname.rpartition('.')[2]
        name = f'{self.package}.{tail}' if self.package else tail
        found = _imp._library_find(name)
        if found is None:
            return None
        is_package, path = found
        filename = _PREFIX + path
        search = [filename.rpartition('/')[0]] if is_package else None
        loader = LibraryLoader(fullname, filename)
        return _external.spec_from_file_location(fullname, filename, loader=loader, submodule_search_locations=search)

    def iter_modules(self, prefix=''):
        for name in _imp._library_children(self.package):
            yield prefix + name.rpartition('.')[2], _imp._library_find(name)[0]

    def get_data(self, path):
        return _read(path)

    def invalidate_caches(self):
        pass

    def __repr__(self):
        return f'LibraryFinder({self.path!r})'


def _read(path):
    below = _below(path)
    data = None if below is None else _imp._library_file(below)
    if data is None:
        raise FileNotFoundError(2, 'No such file or directory', path)
    return data
