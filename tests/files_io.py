# Files: modes, text layers, newlines, seeking, buffering, errors, in-memory files.
import io, os, tempfile
folder = tempfile.TemporaryDirectory(); path = os.path.join(folder.name, 'f.txt')
with open(path, 'w', encoding='utf-8') as f: assert f.write('héllo\nworld\n') == 12 and f.mode == 'w' and f.encoding == 'utf-8' and f.writable() and not f.readable()
assert f.closed and os.path.getsize(path) == 13
with open(path, encoding='utf-8') as f: assert f.read(2) == 'hé' and f.readline() == 'llo\n' and f.read() == 'world\n' and f.read() == '' and f.seek(0) == 0 and list(f) == ['héllo\n', 'world\n']
with open(path, 'rb') as f: assert f.read(3) == b'h\xc3\xa9' and f.tell() == 3 and f.seek(-2, os.SEEK_END) == 11 and f.readline() == b'd\n' and f.seek(0) == 0 and f.readlines() == [b'h\xc3\xa9llo\n', b'world\n'] and f.raw.fileno() == f.fileno()
with open(path, 'a+') as f: f.write('more'); f.seek(0); assert f.read().endswith('world\nmore')
with open(path, 'r+b') as f: f.write(b'HE'); f.seek(0); assert f.read(2) == b'HE'; f.truncate(4); assert f.seek(0, 2) == 4
with open(path, 'x' if not os.path.exists(path) else 'w', newline='') as f: f.write('a\r\nb\rc\n')
assert open(path, 'rb').read() == b'a\r\nb\rc\n' and open(path).read() == 'a\nb\nc\n' and open(path, newline='').read() == 'a\r\nb\rc\n' and open(path, newline='').readlines() == ['a\r\n', 'b\r', 'c\n'] and open(path, newline='\n').readlines() == ['a\r\n', 'b\rc\n']
with open(path, 'w', newline='\r\n') as f: f.write('x\ny\n')
assert open(path, 'rb').read() == b'x\r\ny\r\n'
for call, kind in [(lambda: open(path, 'x'), FileExistsError), (lambda: open(folder.name), IsADirectoryError), (lambda: open(path + '/no'), NotADirectoryError), (lambda: open('/no/such'), FileNotFoundError), (lambda: open(path, 'q'), ValueError), (lambda: open(path, 'rw'), ValueError), (lambda: open(path, 'rb', encoding='utf-8'), ValueError), (lambda: open(path, 'w').read(), io.UnsupportedOperation), (lambda: f.read(), ValueError), (lambda: open(path, 'rb').write(b''), io.UnsupportedOperation), (lambda: open(path, 'wb').write('s'), TypeError), (lambda: open(path, 'w').write(b's'), TypeError), (lambda: open(path, encoding='no-such'), LookupError), (lambda: open('a\0b'), ValueError)]:
    try:
        call()
    except kind:
        pass
    else:
        raise AssertionError(kind)
with open(path, 'wb') as f: f.write(b'ok\xff')
try:
    open(path, encoding='utf-8').read()
except UnicodeDecodeError as e:
    assert e.start == 2
assert open(path, encoding='utf-8', errors='replace').read() == 'ok\ufffd' and open(path, encoding='latin-1').read() == 'okÿ' and open(path, errors='surrogateescape', encoding='ascii').read() == 'ok\udcff'
with open(path, 'w+', encoding='utf-16') as f: f.write('añb'); f.seek(0); assert f.read() == 'añb'
with open(path, 'w') as f: print('a', 1, file=f); f.writelines(['x', 'y\n'])
with open(path) as f: assert f.readline(1) == 'a' and f.readlines(1) == [' 1\n'] and next(f) == 'xy\n'
with open(path, encoding='utf-8') as f:
    f.readline(); cookie = f.tell(); rest = f.read(); f.seek(cookie); assert f.read() == rest == 'xy\n'
s = io.StringIO('one\ntwo'); assert s.readline() == 'one\n' and s.read() == 'two' and s.seek(0) == 0; s.write('ONE'); assert s.getvalue() == 'ONE\ntwo' and s.truncate(4) == 4 and s.getvalue() == 'ONE\n'
b = io.BytesIO(b'abc'); assert b.read(1) == b'a' and b.getvalue() == b'abc' and b.seek(0, 2) == 3; b.write(b'de'); assert b.getbuffer()[3:5] == b'de'; buf = bytearray(3); b.seek(0); assert b.readinto(buf) == 3 and buf == b'abc' and b.read1() == b'de'
r, w = os.pipe()
with open(w, 'wb', buffering=0) as out, open(r, 'rb') as inp: out.write(b'through'); out.close(); assert inp.read() == b'through'
big = os.urandom(300000)
with open(path, 'wb') as f:
    for i in range(0, len(big), 7777): f.write(big[i:i + 7777])
with open(path, 'rb') as f: assert f.read() == big and f.seek(100000) == 100000 and f.read(10) == big[100000:100010] and f.peek(1)[:1] == big[100010:100011]
t = io.TextIOWrapper(io.BytesIO(), encoding='utf-8', write_through=True); t.write('é'); assert t.buffer.getvalue() == b'\xc3\xa9' and t.detach().getvalue() == b'\xc3\xa9'
class Raw(io.RawIOBase):
    data = b'line1\nline2\n'
    def readable(self): return True
    def readinto(self, b): n = min(len(b), 4, len(self.data)); b[:n] = self.data[:n]; self.data = self.data[n:]; return n
assert [l for l in io.BufferedReader(Raw())] == [b'line1\n', b'line2\n'] and io.TextIOWrapper(io.BufferedReader(Raw())).read() == 'line1\nline2\n'
f = open(path, 'rb', buffering=0); assert type(f) is io.FileIO and repr(f).startswith(f"<_io.FileIO name={path!r} mode='rb' closefd=True>"); f.close(); f.close()
assert repr(open(path)).startswith('<_io.TextIOWrapper name=') and isinstance(io.StringIO(), io.TextIOBase) and io.open is open and io.DEFAULT_BUFFER_SIZE >= 8192
import sys; assert sys.stdout.fileno() == 1 and sys.stdin.readable() and sys.stderr.errors == 'backslashreplace' and sys.__stdout__ is not None
with open(os.dup(1), 'w', closefd=True) as dup: pass
f = open(path, 'w'); fd = f.fileno(); del f
try:
    os.fstat(fd)
except OSError: pass
else: raise AssertionError('a dropped file is closed at once')
folder.cleanup()
