"""Prints what CPython says of each code point, in the format of the kernel's example `unicode_dump`."""

import _sre
import struct
import unicodedata
from unicodedata import ucd_3_2_0


def hexed(text):
    return " ".join(f"{ord(c):x}" for c in text)


def opt(value):
    return "-" if value is None else str(value)


def database(db, c):
    numeric = db.numeric(c, None)
    parts = db.decomposition(c).split()
    parts = [p if p.startswith("<") else f"{int(p, 16):x}" for p in parts]
    out = [db.category(c), db.bidirectional(c), str(db.combining(c)), db.east_asian_width(c), str(db.mirrored(c)),
           opt(db.decimal(c, None)), opt(db.digit(c, None)),
           "-" if numeric is None else struct.pack(">d", numeric).hex(), f"<{' '.join(parts)}>"]
    for form in ["NFC", "NFD", "NFKC", "NFKD"]:
        for text in (c, "a\u0300" + c + "\u0323\u0301" + c, "\u1100" + c + "\u11a8" + c + c):
            out.append(hexed(db.normalize(form, text)))
    return " ".join(out)


for cp in range(0x110000):
    c = chr(cp)
    flags = [c.isalpha(), c.isdecimal(), c.isdigit(), c.isnumeric(), c.isalnum(), c.islower(), c.isupper(),
             unicodedata.category(c) == "Lt", ("a" + c).isidentifier(), c.isprintable(), c.isspace(),
             len(("a" + c + "b").splitlines()) == 2, _sre.unicode_iscased(cp)]
    flags = "".join("1" if f else "0" for f in flags)
    name = unicodedata.name(c, "")
    lower = c.lower() if cp != 0x3A3 else "\u03c3"
    back = f"{cp:x}" if name else ""
    print(f"{cp:x} {flags} {hexed(c.upper())} | {hexed(lower)} | {hexed(c.title())} | {hexed(c.casefold())} | "
          f"{_sre.unicode_tolower(cp):x} | {database(unicodedata, c)} | {database(ucd_3_2_0, c)} | {name} {back}")
