"""Writes cases for crates/kernel/tests/text.rs with CPython's answers: text_cases.py SEED COUNT > text_cases.txt"""

import codecs
import os
import random
import struct
import subprocess
import sys
import unicodedata

seed, count = int(sys.argv[1]), int(sys.argv[2])
rng = random.Random(seed)

CHARS = ["aAbB zZ019_-+", " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x00\x7f\"'\\", "\x80\x85\xa0\xaa\xb5\xdf\xff\xe9\xc9\xd7",
         "\u0130\u0131\u01c4\u01c5\u01c6\u03a3\u03c3\u03c2\u0301\u0345\u0660\u2028\u2029\u2160\u00ad\u1e9e\ufb03\u20ac\ufffe",
         "\ud800\udbff\udc00\udc80\udcff\udfff", "\U00010400\U00010428\U0001f600\U000e0100\U0010ffff\U0001d7d8\U0001e921"]
LEVELS = [CHARS[:1], CHARS[:2], CHARS[:3], CHARS[:4], CHARS[:5], CHARS, [CHARS[3]], [CHARS[3], CHARS[5]]]


def text(longest=12):
    if rng.random() < 0.05:
        return "".join(chr(rng.randrange(0x110000)) for _ in range(rng.randrange(longest)))
    if rng.random() < 0.08:
        # Few different units: overlapping matches, and misaligned ones in wide storage.
        pool = rng.choice(["ab", "a\u0161", "\u0101\u0201", "\u6161\u0161", "\U00010101\u0101", "\u0a0b\u0b0a\u0a0a"])
        return "".join(rng.choice(pool) for _ in range(rng.randrange(longest * 8)))
    pools = rng.choice(LEVELS)
    return "".join(rng.choice(rng.choice(pools)) for _ in range(rng.randrange(longest)))


def near(s):
    """A needle that may well be found."""
    if s and rng.random() < 0.6:
        i = rng.randrange(len(s))
        return s[i:i + rng.choice([1, 1, 2, 3, 10])]
    return text(4) if isinstance(s, str) else data(4)


def data(longest=12):
    if rng.random() < 0.5:
        return text(longest).encode("utf-8", "surrogatepass")[:longest * 2]
    pool = rng.choice([b"ab Z09\t\n\r", bytes(range(256)), b"\xed\xa0\x80\xf0\x9f\xc2\xe0\xf4\x90a", b"\\xuUN01a'\"{}\n-+"])
    return bytes(rng.choice(pool) for _ in range(rng.randrange(longest)))


def show(v):
    if isinstance(v, bool):
        return f"i{int(v)}"
    if isinstance(v, str):
        return "s" + ",".join(f"{ord(c):x}" for c in v)
    if isinstance(v, (bytes, bytearray)):
        return "b" + v.hex()
    if isinstance(v, int):
        return f"i{v}"
    if isinstance(v, (list, tuple)):
        return "[" + " ".join(show(i) for i in v)
    raise TypeError(v)


def case(op, *args):
    *args, result = args
    print("\t".join([op, *map(show, args), result if isinstance(result, str) and result[:1] == "!" else show(result)]))


def fault(e):
    return f"!{e.encoding} {e.start} {e.end} {e.reason}"


def custom(e):
    shown = f"<{e.start}-{e.end}>"
    return (shown + "\u20ac" if isinstance(e, UnicodeDecodeError) else shown, e.end)


codecs.register_error("custom", custom)
WIDE = [w + o for w in ("utf-16", "utf-32") for o in ("", "-le", "-be")]
CODECS = ["utf-8", "ascii", "latin-1", "utf-7", "unicode_escape", "raw_unicode_escape", "cp1252", *WIDE]
MODES = ["strict", "ignore", "replace", "backslashreplace", "surrogateescape", "surrogatepass", "custom"]
TABLE = "".join({0x80: "\u20ac", 0x81: "\ufffe"}.get(i, chr(i)) for i in range(256))
ENCODING_TABLE = codecs.charmap_build(TABLE)


def encode(codec, s, mode):
    if codec == "cp1252":
        return codecs.charmap_encode(s, mode, ENCODING_TABLE)[0]
    return codecs.getencoder(codec)(s, mode)[0]


def decode(codec, s, mode, last):
    if codec == "cp1252":
        return codecs.charmap_decode(s, mode, TABLE)
    if codec in ("ascii", "latin-1"):
        return codecs.getdecoder(codec)(s, mode)
    function = getattr(codecs, codec.replace("-", "_") + "_decode")
    return function(s, mode, last)


def flags(*values):
    return sum(bool(v) << i for i, v in enumerate(values))


def common(s, make):
    """Methods that text and bytes share."""
    n = make(s)
    blank = " " if isinstance(s, str) else b" "
    edge = lambda: rng.randrange(-6, 16)
    limit = rng.choice([-1, -1, 0, 1, 2, 5])
    start, end = edge(), edge()
    if rng.random() < 0.5:
        start, end = 0, 1000
    pick = rng.randrange(17)
    if pick < 3:
        op = ["find", "rfind", "count"][pick]
        case(op, s, n, start, end, getattr(s, op)(n, start, end))
    elif pick < 5 and n:
        op = ["split", "rsplit"][pick - 3]
        case(op, s, n, limit, getattr(s, op)(n, limit))
    elif pick < 7:
        op = ["split", "rsplit"][pick - 5]
        case(op + "space", s, limit, getattr(s, op)(None, limit))
    elif pick == 7:
        keep = rng.random() < 0.5
        case("splitlines", s, keep, s.splitlines(keep))
    elif pick == 8:
        side = rng.randrange(3)
        chars = n + make(s)
        if rng.random() < 0.3:
            chars = chars * 6 + make(s)
        case("strip", s, chars, side, [s.strip, s.lstrip, s.rstrip][side](chars))
        case("stripspace", s, side, [s.strip, s.lstrip, s.rstrip][side]())
    elif pick == 9:
        to = make(b"" if isinstance(s, bytes) else "")
        case("replace", s, n, to, limit, s.replace(n, to, limit))
    elif pick == 10:
        times = rng.randrange(5)
        case("repeat", s, times, s * times)
    elif pick == 11:
        width, fill = rng.randrange(20), (make(s)[:1] or blank)
        case("center", s, width, fill, s.center(width, fill))
        case("zfill", s, width, s.zfill(width))
    elif pick == 12:
        case("expandtabs", s, limit, s.expandtabs(limit))
    else:
        for op in ("upper", "lower", "title", "capitalize", "swapcase"):
            case(op, s, getattr(s, op)())


def text_case():
    s = text()
    n = near(s)
    pick = rng.randrange(15)
    start, end = rng.choice([(0, 1000), (rng.randrange(-6, 16), rng.randrange(-6, 16))])
    if pick < 4:
        common(s, near)
    elif pick == 4:
        case("startswith", s, n, start, end, s.startswith(n, start, end))
        case("endswith", s, n, start, end, s.endswith(n, start, end))
        case("contains", s, n, n in s)
        case("compare", s, n, (s > n) - (s < n))
        case("equals", s, n, s == n)
    elif pick == 5 and n:
        for op in ("partition", "rpartition"):
            a, sep, b = getattr(s, op)(n)
            case(op, s, n, [a, b] if sep else [])
    elif pick == 6:
        items = [text(5) for _ in range(rng.randrange(4))]
        case("join", s, *items, s.join(items))
    elif pick == 7:
        width, fill = rng.randrange(20), (n[:1] or " ")
        case("ljust", s, width, fill, s.ljust(width, fill))
        case("rjust", s, width, fill, s.rjust(width, fill))
    elif pick == 8:
        case("casefold", s, s.casefold())
        case("repr", s, repr(s))
        case("ascii", s, ascii(s))
    elif pick == 9:
        s = rng.choice([s, s[:1], s[:2], "".join(c for c in s if c.isalpha()), "".join(c for c in s if c.isalnum())])
        case("is", s, flags(s.isalpha(), s.isdigit(), s.isdecimal(), s.isnumeric(), s.isalnum(), s.isspace(),
                            s.isprintable(), s.isidentifier(), s.istitle(), s.isupper(), s.islower(), s.isascii()))
    elif pick == 10:
        form = rng.choice(["NFC", "NFD", "NFKC", "NFKD"])
        s += "".join(chr(rng.choice([rng.randrange(0x300, 0x370), rng.randrange(0x1100, 0x1200), rng.randrange(0xac00, 0xad00),
                                     rng.randrange(0x900, 0xd00), 0x41, 0x1e69])) for _ in range(rng.randrange(8)))
        case("normalize", s, form, unicodedata.normalize(form, s))
    elif pick > 10:
        codec, mode = rng.choice(CODECS), rng.choice(MODES + ["xmlcharrefreplace", "namereplace"])
        try:
            case("encode", s, codec, mode, encode(codec, s, mode))
        except UnicodeEncodeError as e:
            case("encode", s, codec, mode, fault(e))


def bytes_case():
    s = data()
    pick = rng.randrange(16)
    if pick < 5:
        common(s, near)
    elif pick == 5:
        case("repr", s, repr(s))
        group = rng.choice([1, 2, 3, -1, -2, -3, 40])
        case("hex", s, group, s.hex("-", group))
        case("is", s, flags(s.isalpha(), s.isdigit(), s.isalnum(), s.isspace(), s.istitle(), s.isupper(), s.islower()))
    elif pick == 6:
        table, delete = bytes(rng.sample(range(256), 256)), near(s)
        case("translate", s, table, delete, s.translate(table, delete))
    elif pick == 7:
        mode = rng.choice(["strict", "ignore", "replace", "custom"])
        try:
            result = codecs.escape_decode(s, mode)[0]
        except ValueError as e:
            result = "!unknown" if "unknown" in str(e) else f"!{e}"
        case("escape_decode", s, mode, result)
        case("escape_encode", s, codecs.escape_encode(s)[0])
    else:
        codec, mode, last = rng.choice(CODECS), rng.choice(MODES), rng.random() < 0.6
        if rng.random() < 0.5:
            try:
                s = encode(codec, text(), "surrogatepass")
                if rng.random() < 0.7 and s:
                    i = rng.randrange(len(s))
                    s = s[:i] + data(3) + s[i + rng.randrange(2):]
            except UnicodeEncodeError:
                pass
        try:
            result = decode(codec, s, mode, last)
        except UnicodeDecodeError as e:
            result = fault(e)
        case("decode", s, codec, mode, last, result)


def number_case():
    n = rng.choice([rng.getrandbits(63), -rng.getrandbits(63), rng.randrange(-3, 3), 2**61 - 1, -2**61, -2**63])
    case("hashint", n, hash(n))
    f = rng.choice([rng.random(), rng.uniform(-1e300, 1e300), float(n), -1.0, 0.5, 5e-324, 1e-310, float("inf")])
    case("hashfloat", struct.unpack("<q", struct.pack("<d", f))[0], hash(f))
    items = [rng.getrandbits(rng.randrange(1, 63)) for _ in range(rng.randrange(6))]
    case("hashtuple", *items, hash(tuple(items)))
    case("hashset", *set(items), hash(frozenset(items)))
    digits = [rng.getrandbits(64) for _ in range(rng.randrange(4))]
    signed = [struct.unpack("<q", struct.pack("<Q", d))[0] for d in digits]
    value = sum(d << (64 * i) for i, d in enumerate(digits))
    case("hashdigits", 1, *signed, hash(-value))


def names():
    wanted = ["LATIN SMALL LETTER A", "hangul syllable gag", "KEYCAP DIGIT ONE", "cjk unified ideograph-4e00", "LINE FEED",
              "TANGUT IDEOGRAPH-17000", "CJK UNIFIED IDEOGRAPH-04E00", "nothing of the kind", "BELL", "ALERT", "VS256",
              "HANGUL SYLLABLE ", "EGYPTIAN HIEROGLYPH-13460", "CJK UNIFIED IDEOGRAPH-110000"]
    for name in wanted:
        try:
            case("lookup", name, unicodedata.lookup(name))
        except KeyError:
            case("lookup", name, [])
    for _ in range(60):
        c = chr(rng.randrange(0x1f000))
        case("name", c, unicodedata.name(c, ""))


def hashes():
    """Hashes of text depend on the seed of the process."""
    for seed in (0, 1, 42, 4294967295):
        texts = [text(20) for _ in range(12)]
        code = "import sys; print([hash(s) for s in eval(sys.stdin.read())])"
        out = subprocess.run([sys.executable, "-c", code], input=ascii(texts), capture_output=True, text=True,
                             env={**os.environ, "PYTHONHASHSEED": str(seed)}, check=True)
        for s, h in zip(texts, eval(out.stdout)):
            case("hash", s, seed, h)


names()
hashes()
for _ in range(count):
    rng.choices([text_case, bytes_case, number_case], [10, 8, 1])[0]()
