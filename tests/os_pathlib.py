# os, os.path, pathlib, shutil, glob, tempfile.
import os, stat, tempfile, shutil, glob, sys
from pathlib import Path, PurePosixPath, PureWindowsPath
top = Path(tempfile.mkdtemp())
try:
    (top / 'a' / 'b').mkdir(parents=True); (top / 'a' / 'x.txt').write_text('text'); (top / 'a' / 'b' / 'y.py').write_bytes(b'12')
    assert sorted(p.name for p in top.rglob('*')) == ['a', 'b', 'x.txt', 'y.py'] and [p.name for p in top.glob('*/*.txt')] == ['x.txt'] and (top / 'a/x.txt').read_text() == 'text' and (top / 'a').is_dir() and not (top / 'q').exists() and sorted(os.listdir(top / 'a')) == ['b', 'x.txt']
    assert [(os.path.basename(d), sorted(ds), fs) for d, ds, fs in os.walk(top / 'a')] == [('a', ['b'], ['x.txt']), ('b', [], ['y.py'])] and sorted(glob.glob(f'{top}/**/*.*', recursive=True)) == [f'{top}/a/b/y.py', f'{top}/a/x.txt']
    with os.scandir(top / 'a') as entries: assert {e.name: e.is_file() for e in entries} == {'b': False, 'x.txt': True}
    s = os.stat(top / 'a/x.txt'); assert s.st_size == 4 and stat.S_ISREG(s.st_mode) and s[6] == 4 and abs(s.st_mtime - os.path.getmtime(top / 'a/x.txt')) < 1 and isinstance(s.st_mtime_ns, int) and 'st_size=4' in repr(s)
    os.symlink('x.txt', top / 'a/link'); assert os.readlink(top / 'a/link') == 'x.txt' and (top / 'a/link').is_symlink() and os.path.islink(top / 'a/link') and (top / 'a/link').resolve() == (top / 'a/x.txt').resolve() and os.lstat(top / 'a/link').st_size == 5
    os.chmod(top / 'a/x.txt', 0o600); assert stat.filemode(os.stat(top / 'a/x.txt').st_mode) == '-rw-------' and os.access(top / 'a/x.txt', os.R_OK); os.rename(top / 'a/x.txt', top / 'a/z.txt'); os.utime(top / 'a/z.txt', (5, 7)); assert os.stat(top / 'a/z.txt').st_mtime == 7.0
    shutil.copytree(top / 'a', top / 'copy', symlinks=True); shutil.copy(top / 'a/z.txt', top / 'c.txt'); shutil.move(top / 'c.txt', top / 'd.txt'); assert (top / 'copy/b/y.py').exists() and (top / 'd.txt').exists() and not (top / 'c.txt').exists(); shutil.rmtree(top / 'copy'); assert not (top / 'copy').exists()
    for call, kind in [(lambda: os.mkdir(top / 'a'), FileExistsError), (lambda: os.rmdir(top / 'a'), OSError), (lambda: os.remove(top / 'no'), FileNotFoundError), (lambda: os.listdir(top / 'd.txt'), NotADirectoryError), (lambda: (top / 'no').read_text(), FileNotFoundError), (lambda: os.unlink(top / 'a'), OSError)]:
        try:
            call()
        except kind:
            pass
        else:
            raise AssertionError(kind)
    fd = os.open(top / 'raw', os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644); assert os.write(fd, b'hello') == 5 and os.lseek(fd, 1, os.SEEK_SET) == 1 and os.read(fd, 3) == b'ell' and os.pread(fd, 2, 0) == b'he'; os.ftruncate(fd, 2); assert os.fstat(fd).st_size == 2; os.close(fd)
    here = os.getcwd(); os.chdir(top); assert os.path.samefile('.', top) and os.path.abspath('x') == os.path.join(os.getcwd(), 'x'); os.chdir(here)
finally:
    shutil.rmtree(top)
j = os.path
assert j.join('a', 'b', '/c') == '/c' and j.join('a', '') == 'a/' and j.split('/a/b') == ('/a', 'b') and j.splitext('a.tar.gz') == ('a.tar', '.gz') and j.splitext('.rc') == ('.rc', '') and j.normpath('/a/./b/../c//d') == '/a/c/d' and j.dirname('/a') == '/' and j.basename('/a/') == '' and j.relpath('/a/b', '/a/c') == '../b' and j.commonpath(['/a/b', '/a/c']) == '/a' and j.isabs('/x') and j.expanduser('~') == os.environ.get('HOME', j.expanduser('~')) and j.expandvars('$NOPE_X') == '$NOPE_X' and j.splitroot('/a') == ('', '/', 'a')
p = PurePosixPath('/usr/lib/x.tar.gz')
assert p.name == 'x.tar.gz' and p.stem == 'x.tar' and p.suffix == '.gz' and p.suffixes == ['.tar', '.gz'] and p.parent == PurePosixPath('/usr/lib') and p.parts == ('/', 'usr', 'lib', 'x.tar.gz') and p.with_suffix('.b').name == 'x.tar.b' and p.with_name('q') == PurePosixPath('/usr/lib/q') and p.relative_to('/usr') == PurePosixPath('lib/x.tar.gz') and p.match('*.gz') and str(p / '..' / 'y') == '/usr/lib/x.tar.gz/../y' and p.is_absolute() and list(p.parents)[-1] == PurePosixPath('/') and PurePosixPath('a') < PurePosixPath('b') and hash(p) == hash(PurePosixPath(str(p))) and repr(p) == "PurePosixPath('/usr/lib/x.tar.gz')" and p.as_uri() == 'file:///usr/lib/x.tar.gz' and PureWindowsPath('c:\\a/b').parts == ('c:\\', 'a', 'b') and p.is_relative_to('/usr') and PurePosixPath('a//b/./c') == PurePosixPath('a/b/c') and p.full_match('/usr/**/*.gz')
os.environ['ORIEL_T'] = 'é'; assert os.getenv('ORIEL_T') == 'é' and os.environb[b'ORIEL_T'] == b'\xc3\xa9' and 'ORIEL_T' in os.environ; del os.environ['ORIEL_T']; assert os.getenv('ORIEL_T', 'd') == 'd'
assert os.name == 'posix' and os.sep == '/' and os.getpid() > 0 and os.getppid() > 0 and os.cpu_count() >= 1 and len(os.urandom(8)) == 8 and os.fspath(Path('a')) == 'a' and os.fsencode('é') == b'\xc3\xa9' and os.fsdecode(b'\xff') == '\udcff' and os.strerror(2) == 'No such file or directory' and os.uname().sysname and os.get_terminal_size.__name__ and os.linesep == '\n' and os.devnull == '/dev/null' and os.path.exists('/dev/null') and os.times().user >= 0
with tempfile.NamedTemporaryFile('w+') as f: f.write('x'); f.flush(); assert os.path.getsize(f.name) == 1
assert not os.path.exists(f.name)
with tempfile.SpooledTemporaryFile(max_size=10) as f: f.write(b'x' * 20); f.seek(0); assert f.read(2) == b'xx'
pid = os.fork()
if pid == 0: os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7 and os.system('exit 3') >> 8 == 3 and os.popen('echo hi').read() == 'hi\n'
