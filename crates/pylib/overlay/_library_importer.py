"""The path entry finder of the embedded library.

The library's modules are inside the binary. They appear below one folder of sys.path that need not exist, and the
native module _library knows them by their path below it. This finder claims that folder and the packages in it, and
behaves as FileFinder and SourceFileLoader do for files: specs, __file__, get_source, pkgutil and linecache work.

_library has: find(name) -> None or (path, is_package); code(name, filename) -> code object whose co_filename is
filename; source(path) -> bytes or None; size(path) -> int or None; children(package) -> [(name, is_package)]; and
root, the folder that the library seems to be in.
"""

import _library
import _frozen_importlib_external as _external

_ROOT = _library.root
_PREFIX = _ROOT + '/'


def _below(path):
    """The path below the library's root, or None for a path outside it."""
    return path[len(_PREFIX):] if path.startswith(_PREFIX) else None


class LibraryLoader(_external.SourceFileLoader):
    """Loads one embedded module."""

    def get_code(self, fullname):
        filename = self.get_filename(fullname)
        code = _library.code(fullname, filename)
        if code is None:
            code = self.source_to_code(self.get_data(filename), filename)
        return code

    def get_data(self, path):
        return _read(path)

    def path_stats(self, path):
        size = _library.size(_below(path) or '')
        if size is None:
            raise FileNotFoundError(2, 'No such file or directory', path)
        return {'mtime': 0, 'size': size}

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
            found = _library.find(self.package)
            if found is None or not found[1]:
                raise ImportError('not a package of the embedded library', path=path)
        self.path = path

    def find_spec(self, fullname, target=None):
        tail = fullname.rpartition('.')[2]
        name = f'{self.package}.{tail}' if self.package else tail
        found = _library.find(name)
        if found is None:
            return None
        path, is_package = found
        filename = _PREFIX + path
        search = [filename.rpartition('/')[0]] if is_package else None
        loader = LibraryLoader(fullname, filename)
        return _external.spec_from_file_location(fullname, filename, loader=loader, submodule_search_locations=search)

    def iter_modules(self, prefix=''):
        for name, is_package in _library.children(self.package):
            yield prefix + name, is_package

    def get_data(self, path):
        return _read(path)

    def invalidate_caches(self):
        pass

    def __repr__(self):
        return f'LibraryFinder({self.path!r})'


def _read(path):
    below = _below(path)
    data = None if below is None else _library.source(below)
    if data is None:
        raise FileNotFoundError(2, 'No such file or directory', path)
    return data
