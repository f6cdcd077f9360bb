# bytes, bytearray, memoryview.
b = b'hello\x00\xff'
assert b[0] == 104 and b[-1] == 255 and b[1:3] == b'el' and len(b) == 7 and list(b[:2]) == [104, 101] and b[::-1][:2] == b'\xff\x00'
assert repr(b) == "b'hello\\x00\\xff'" and repr(b"it's") == 'b"it\'s"' and bytes([1, 2]) == b'\x01\x02' and bytes(3) == b'\0\0\0' and bytes('é', 'utf-8') == b'\xc3\xa9'
assert b'a,b'.split(b',') == [b'a', b'b'] and b'-'.join([b'a', bytearray(b'b')]) == b'a-b' and b' x '.strip() == b'x' and b'abc'.find(b'c') == 2 and b'abc'.find(99) == 2
assert b'abc'.upper() == b'ABC' and b'ab' * 2 == b'abab' and b'a' + bytearray(b'b') == b'ab' and type(b'a' + bytearray()) is bytes and 97 in b'abc' and b'bc' in b'abc'
assert bytes.fromhex('00 ff 10') == b'\x00\xff\x10' and b'\x00\xff'.hex() == '00ff' and b'\x01\x02\x03'.hex(':') == '01:02:03' and b'abcd'.hex('_', 2) == '6162_6364'
assert b'abc'.decode() == 'abc' and b'\xe9'.decode('latin-1') == 'é' and b'\xff'.decode('utf-8', 'replace') == '\ufffd' and b'\xff'.decode('utf-8', 'ignore') == ''
assert b'a\xff'.decode('ascii', 'surrogateescape') == 'a\udcff' and 'a\udcff'.encode('utf-8', 'surrogateescape') == b'a\xff' and b'%d %s' % (3, b'x') == b'3 x'
assert 'é中'.encode('ascii', 'xmlcharrefreplace') == b'&#233;&#20013;' and 'é'.encode('ascii', 'backslashreplace') == b'\\xe9' and 'é'.encode('ascii', 'namereplace') == b'\\N{LATIN SMALL LETTER E WITH ACUTE}'
assert '😀'.encode('utf-16-le') == b'=\xd8\x00\xde' and 'a'.encode('utf-32-be') == b'\0\0\0a' and 'a'.encode('utf-16')[:2] in (b'\xff\xfe', b'\xfe\xff') and 'a'.encode('utf-8-sig') == b'\xef\xbb\xbfa'
try:
    b'ab\xff'.decode()
except UnicodeDecodeError as error:
    assert (error.encoding, error.start, error.end, error.reason, error.object) == ('utf-8', 2, 3, 'invalid start byte', b'ab\xff')
    assert str(error) == "'utf-8' codec can't decode byte 0xff in position 2: invalid start byte"
try:
    'aé'.encode('ascii')
except UnicodeEncodeError as error:
    assert str(error) == "'ascii' codec can't encode character '\\xe9' in position 1: ordinal not in range(128)"
try:
    'a'.encode('no-such')
except LookupError as error:
    assert str(error) == 'unknown encoding: no-such'
a = bytearray(b'abc')
a[0] = 65
a.append(100)
a += b'ef'
a[1:3] = b'--'
assert a == b'A--def' and isinstance(a, bytearray) and repr(a) == "bytearray(b'A--def')" and a.pop() == 102 and a.pop(0) == 65
a.insert(0, 33); a.extend([1, 2]); a.remove(45); del a[-2:]; a.reverse()
assert a == b'ed-!' and a.copy() is not a and bytearray(b'x').replace(b'x', b'yy') == b'yy'
a[::2] = b'12'
assert a == b'1d2!'
a.clear()
assert not a and bytearray(2) == b'\0\0'
for bad, error in [(lambda: bytes([256]), ValueError), (lambda: b'a' + 'b', TypeError), (lambda: bytes('a'), TypeError), (lambda: bytearray(b'a').__setitem__(0, 300), ValueError), (lambda: bytes(-1), ValueError)]:
    try:
        bad()
    except error:
        pass
    else:
        raise AssertionError
data = bytearray(b'0123456789')
view = memoryview(data)
assert view[1] == 49 and view[2:5].tobytes() == b'234' and len(view) == 10 and view.readonly is False and view.format == 'B'
view[0:2] = b'xy'
assert data == b'xy23456789' and view[::-2].tobytes() == bytes(data[::-2]) and bytes(view[4:6]) == b'45'
try:
    data.append(1)
except BufferError as error:
    assert str(error) == 'Existing exports of data: object cannot be re-sized'
else:
    raise AssertionError
with memoryview(b'abcd') as small:
    assert small.cast('H').tolist() == [25185, 25699] and small.hex() == '61626364' and small.tolist() == [97, 98, 99, 100]
    try:
        small[0] = 1
    except TypeError as error:
        assert str(error) == 'cannot modify read-only memory'
try:
    small[0]
except ValueError as error:
    assert str(error) == 'operation forbidden on released memoryview object'
view.release()
data.append(1)
assert b'abc' < b'abd' and b'a' != 'a' and hash(b'abc') == hash(bytes(bytearray(b'abc'))) and b'abc' == bytearray(b'abc') == memoryview(b'abc')
assert b'aXbX'.translate(None, b'X') == b'ab' and b'abc'.translate(bytes.maketrans(b'a', b'z')) == b'zbc' and b'ab'.zfill(4) == b'00ab' and b'a\tb'.expandtabs(2) == b'a b'
