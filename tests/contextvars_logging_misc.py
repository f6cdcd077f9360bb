# contextvars, logging, warnings, argparse, textwrap, string, csv, configparser, types, contextlib leftovers.
import contextvars, logging, warnings, argparse, textwrap, string, csv, io, configparser, types, pprint, reprlib
import shlex, fnmatch, uuid, html, urllib.parse, tomllib, difflib, hashlib, zlib, base64, binascii, gzip, hmac
v = contextvars.ContextVar('v', default='d'); assert v.get() == 'd'; token = v.set(1); assert v.get() == 1 and token.old_value is contextvars.Token.MISSING; v.reset(token); assert v.get() == 'd'
ctx = contextvars.copy_context(); ctx.run(v.set, 'inside'); assert v.get() == 'd' and ctx[v] == 'inside' and v in ctx and len(ctx) >= 1
with v.set('with'): assert v.get() == 'with'
assert v.get() == 'd'
out = io.StringIO(); log = logging.getLogger('test.sub'); handler = logging.StreamHandler(out); handler.setFormatter(logging.Formatter('%(levelname)s:%(name)s:%(funcName)s:%(message)s')); log.addHandler(handler); log.setLevel(logging.INFO); log.propagate = False
def speak(): log.debug('no'); log.info('a %d', 1); log.warning('b %(x)s', {'x': 2})
speak()
try: 1 / 0
except ZeroDivisionError: log.exception('failed')
lines = out.getvalue().splitlines(); assert lines[:3] == ['INFO:test.sub:speak:a 1', 'WARNING:test.sub:speak:b 2', 'ERROR:test.sub:<module>:failed'] and lines[-1] == 'ZeroDivisionError: division by zero', lines
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter('always'); warnings.warn('first'); warnings.warn('second', DeprecationWarning, stacklevel=1)
    assert [(str(w.message), w.category.__name__) for w in seen] == [('first', 'UserWarning'), ('second', 'DeprecationWarning')] and seen[0].filename == __file__ and seen[0].lineno > 10
with warnings.catch_warnings():
    warnings.simplefilter('error')
    try: warnings.warn('raised', RuntimeWarning)
    except RuntimeWarning as e: assert str(e) == 'raised'
assert warnings.formatwarning('m', UserWarning, 'f.py', 3, 'code') == 'f.py:3: UserWarning: m\n  code\n'
p = argparse.ArgumentParser(prog='p', exit_on_error=False); p.add_argument('x', type=int); p.add_argument('-f', '--flag', action='store_true'); p.add_argument('--many', nargs='*', default=[]); p.add_argument('--c', choices=['a', 'b']); n = p.parse_args(['5', '-f', '--many', 'u', 'w', '--c=a']); assert (n.x, n.flag, n.many, n.c) == (5, True, ['u', 'w'], 'a') and vars(p.parse_args(['1']))['flag'] is False and p.parse_known_args(['1', '--other'])[1] == ['--other']
try: p.parse_args(['x'])
except argparse.ArgumentError as e: assert str(e) == "argument x: invalid int value: 'x'"
assert p.format_usage() == 'usage: p [-h] [-f] [--many [MANY ...]] [--c {a,b}] x\n'
assert textwrap.wrap('the quick brown fox', 10) == ['the quick', 'brown fox'] and textwrap.dedent('  a\n    b\n') == 'a\n  b\n' and textwrap.indent('a\nb', '> ') == '> a\n> b' and textwrap.shorten('hello big world', 11) == 'hello [...]' and string.Template('$a ${b}c $$').substitute(a=1, b=2) == '1 2c $' and string.capwords('a bc') == 'A Bc' and string.ascii_letters[:3] == 'abc' and list(string.Formatter().parse('a{b!r:c}'))[0] == ('a', 'b', 'c', 'r')
rows = list(csv.reader(io.StringIO('a,"b ""q"", c",d\n1,,"x\ny"\n'))); assert rows == [['a', 'b "q", c', 'd'], ['1', '', 'x\ny']]; o = io.StringIO(); w = csv.writer(o); w.writerow(['a', 'b,c', None, 1.5, 'q"']); assert o.getvalue() == 'a,"b,c",,1.5,"q"""\r\n' and list(csv.DictReader(io.StringIO('h1,h2\n1,2'))) == [{'h1': '1', 'h2': '2'}]
c = configparser.ConfigParser(); c.read_string('[s]\na = 1\nb: %(a)s2\n[t]\nx=yes'); assert c['s']['b'] == '12' and c.getint('s', 'a') == 1 and c['t'].getboolean('x') and c.sections() == ['s', 't']
ns = types.SimpleNamespace(a=1); ns.b = 2; assert repr(ns) == 'namespace(a=1, b=2)' and ns == types.SimpleNamespace(a=1, b=2) and types.MappingProxyType({1: 2})[1] == 2 and isinstance(len, types.BuiltinFunctionType) and types.new_class('X', (int,)).__mro__[1] is int
try: types.MappingProxyType({})['a'] = 1
except TypeError as e: assert str(e) == "'mappingproxy' object does not support item assignment"
assert pprint.pformat({'b': [1] * 30, 'a': 'x' * 60}, width=40).startswith("{'a': 'xxx") and pprint.pformat([1, 2]) == '[1, 2]' and reprlib.repr(list(range(100))) == '[0, 1, 2, 3, 4, 5, ...]' and shlex.split("a 'b c' d\\ e") == ['a', 'b c', 'd e'] and shlex.quote("it's") == "'it'\"'\"'s'" and fnmatch.fnmatch('a.py', '*.p?') and fnmatch.filter(['a', 'b'], '[!a]') == ['b']
assert str(uuid.UUID(int=5)) == '00000000-0000-0000-0000-000000000005' and uuid.uuid4().version == 4 and uuid.uuid5(uuid.NAMESPACE_DNS, 'x').hex == uuid.uuid5(uuid.NAMESPACE_DNS, 'x').hex and html.escape('<a & "b">') == '&lt;a &amp; &quot;b&quot;&gt;' and html.unescape('&eacute;&#39;') == "é'" and urllib.parse.urlsplit('http://u@h:80/p?q=1#f').port == 80 and urllib.parse.quote('a b/é') == 'a%20b/%C3%A9' and urllib.parse.parse_qs('a=1&a=2') == {'a': ['1', '2']} and urllib.parse.urljoin('http://h/a/b', '../c') == 'http://h/c' and urllib.parse.urlencode({'k': 'v w'}) == 'k=v+w'
assert tomllib.loads('a = 1\n[t]\nb = [1.5, "x", true]\nd = 2024-01-01') ['t']['b'] == [1.5, 'x', True] and list(difflib.unified_diff(['a\n'], ['b\n']))[-2:] == ['-a\n', '+b\n'] and difflib.get_close_matches('appel', ['ape', 'apple']) == ['apple', 'ape']
assert hashlib.sha256(b'abc').hexdigest() == 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' and hashlib.md5(b'').hexdigest() == 'd41d8cd98f00b204e9800998ecf8427e' and hashlib.sha1(b'abc').hexdigest()[:8] == 'a9993e36' and hashlib.sha3_256(b'').hexdigest()[:8] == 'a7ffc6f8' and hashlib.blake2b(b'', digest_size=4).hexdigest() == '1271cf25' and hashlib.new('sha512', b'').hexdigest()[:8] == 'cf83e135' and hmac.new(b'k', b'm', 'sha256').digest_size == 32
h = hashlib.sha256(); h.update(b'a'); g = h.copy(); h.update(b'bc'); assert h.hexdigest()[:8] == 'ba7816bf' and g.hexdigest() == hashlib.sha256(b'a').hexdigest() and h.name == 'sha256' and h.block_size == 64
data = b'hello ' * 1000; assert zlib.decompress(zlib.compress(data)) == data and len(zlib.compress(data)) < 100 and zlib.crc32(b'abc') == 891568578 and zlib.adler32(b'abc') == 38600999 and gzip.decompress(gzip.compress(data)) == data; d = zlib.decompressobj(); z = zlib.compress(data); assert d.decompress(z[:10]) + d.decompress(z[10:]) + d.flush() == data
try: zlib.decompress(b'garbage')
except zlib.error as e: assert str(e) == 'Error -3 while decompressing data: incorrect header check'
assert base64.b64encode(b'a\xff') == b'Yf8=' and base64.urlsafe_b64decode('-_8=') == b'\xfb\xff' and base64.b32encode(b'a') == b'ME======' and base64.b85decode(base64.b85encode(b'xyz')) == b'xyz' and binascii.hexlify(b'\x01') == b'01' and binascii.crc32(b'abc') == 891568578 and binascii.unhexlify('ff') == b'\xff'
