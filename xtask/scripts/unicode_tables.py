"""Writes crates/kernel/src/unicode/{tables.rs,names.bin} from the Unicode data of the Python that runs it.

Run it with the CPython whose Unicode version Oriel follows (3.14: Unicode 16.0):

    python3.14 xtask/scripts/unicode_tables.py crates/kernel/src/unicode NameAliases.txt NamedSequences.txt

The two text files are Unicode's; entries that the running Python does not know are left out.
"""

import _sre
import re
import struct
import sys
import unicodedata as ucd
from unicodedata import ucd_3_2_0 as old

ALL = range(0x110000)
SIGMA = "\u03a3"
FINAL = "\u03c2"

CATEGORIES = ["Cn", "Lu", "Ll", "Lt", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs",
              "Co", "Lm", "Lo", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So"]
BIDI = ["", "L", "LRE", "LRO", "R", "AL", "RLE", "RLO", "PDF", "EN", "ES", "ET", "AN", "CS", "NSM", "BN", "B", "S",
        "WS", "ON", "LRI", "RLI", "FSI", "PDI"]
WIDTHS = ["N", "H", "W", "Na", "A", "F"]
(ALPHA, DECIMAL, DIGIT, NUMERIC, LOWER, UPPER, TITLE, XID_START, XID_CONTINUE, PRINTABLE, SPACE, CASED, IGNORABLE,
 SRE_CASED) = (1 << i for i in range(14))


class Writer:
    """Collects the lines of tables.rs."""

    def __init__(self):
        self.out = []

    def line(self, text=""):
        self.out.append(text)

    def array(self, name, kind, values, doc):
        values = [str(v) for v in values]
        self.line(f"/// {doc}")
        self.line(f"pub(super) static {name}: [{kind}; {len(values)}] = [")
        row = ""
        for v in values:
            if len(row) + len(v) + 2 > 118:
                self.line(" " + row)
                row = ""
            row += f" {v},"
        self.line(" " + row)
        self.line("];")


def trie(values, shift=7):
    """A two-level trie over all code points: block numbers, then record numbers."""
    size = 1 << shift
    blocks, first, second = {}, [], []
    for start in range(0, len(values), size):
        block = tuple(values[start:start + size])
        if block not in blocks:
            blocks[block] = len(blocks)
            second.extend(block)
        first.append(blocks[block])
    return first, second


def case_mapping(cp, text, special):
    if len(text) == 1:
        return ord(text) - cp
    key = tuple(map(ord, text))
    if key not in special:
        special[key] = sum(map(len, special))
    return 0x40000000 | len(key) << 16 | special[key]


def text_records(w):
    records, numbers, special = {}, [], {}
    for cp in ALL:
        c = chr(cp)
        flags = 0
        flags |= ALPHA * c.isalpha() | DECIMAL * c.isdecimal() | DIGIT * c.isdigit() | NUMERIC * c.isnumeric()
        flags |= LOWER * c.islower() | UPPER * c.isupper() | TITLE * (ucd.category(c) == "Lt")
        flags |= XID_START * (c.isidentifier() and c != "_") | XID_CONTINUE * ("a" + c).isidentifier()
        flags |= PRINTABLE * c.isprintable() | SPACE * c.isspace()
        cased_after = FINAL in (c + SIGMA).lower()
        transparent = FINAL in ("A" + c + SIGMA).lower()
        flags |= CASED * (c + "a").title().endswith("a") | IGNORABLE * (transparent and not cased_after)
        flags |= SRE_CASED * _sre.unicode_iscased(cp)
        lower = c.lower() if cp != 0x3A3 else "\u03c3"
        record = (flags, case_mapping(cp, c.upper(), special), case_mapping(cp, lower, special),
                  case_mapping(cp, c.title(), special), case_mapping(cp, c.casefold(), special),
                  _sre.unicode_tolower(cp) - cp, ucd.decimal(c, 255), ucd.digit(c, 255))
        numbers.append(records.setdefault(record, len(records)))
    first, second = trie(numbers)
    w.array("TEXT_BLOCKS", "u16", first, "Block number of each 128 code points, for the text records.")
    w.array("TEXT_NUMBERS", "u16", second, "Record numbers, block after block.")
    w.line("/// The distinct text records.")
    w.line(f"pub(super) static TEXT_RECORDS: [TextRecord; {len(records)}] = [")
    for r in records:
        w.line("    TextRecord { flags: %d, upper: %d, lower: %d, title: %d, fold: %d, simple_lower: %d, decimal: %d, digit: %d }," % r)
    w.line("];")
    w.array("SPECIAL_CASES", "u32", [cp for key in special for cp in key], "Code points of case mappings longer than one.")


def parse_decomposition(text):
    parts = text.split()
    tag = parts.pop(0) if parts and parts[0].startswith("<") else ""
    return tag, [int(p, 16) for p in parts]


def database_records(w):
    decompositions, tags = {}, [""]
    for cp in ALL:
        text = ucd.decomposition(chr(cp))
        if text:
            tag, parts = parse_decomposition(text)
            if tag not in tags:
                tags.append(tag)
            decompositions[cp] = (tags.index(tag), parts)
    pairs = []
    seconds = set(range(0x1161, 0x1176)) | set(range(0x11A8, 0x11C3))
    for cp, (tag, parts) in decompositions.items():
        if tag == 0 and len(parts) == 2 and ucd.normalize("NFC", chr(parts[0]) + chr(parts[1])) == chr(cp):
            pairs.append((parts[0], parts[1], cp))
            seconds.add(parts[1])
    pairs.sort()

    records, numbers = {}, []
    for cp in ALL:
        c = chr(cp)
        quick = 0
        for bit, form in enumerate(["NFD", "NFKD", "NFC", "NFKC"]):
            if ucd.normalize(form, c) != c or (bit >= 2 and cp in seconds):
                quick |= 1 << bit
        record = (CATEGORIES.index(ucd.category(c)), BIDI.index(ucd.bidirectional(c)), ucd.combining(c),
                  WIDTHS.index(ucd.east_asian_width(c)), ucd.mirrored(c), quick)
        numbers.append(records.setdefault(record, len(records)))
    first, second = trie(numbers)
    w.array("DATA_BLOCKS", "u16", first, "Block number of each 128 code points, for the database records.")
    w.array("DATA_NUMBERS", "u16", second, "Record numbers, block after block.")
    w.line("/// The distinct database records.")
    w.line(f"pub(super) static DATA_RECORDS: [DataRecord; {len(records)}] = [")
    for r in records:
        w.line("    DataRecord { category: %d, bidirectional: %d, combining: %d, width: %d, mirrored: %d, quick: %d }," % r)
    w.line("];")
    w.array("CATEGORIES", "&str", [f'"{c}"' for c in CATEGORIES], "Names of the general categories.")
    w.array("BIDIRECTIONAL", "&str", [f'"{c}"' for c in BIDI], "Names of the bidirectional classes.")
    w.array("WIDTHS", "&str", [f'"{c}"' for c in WIDTHS], "Names of the East Asian widths.")
    w.array("DECOMPOSITION_TAGS", "&str", [f'"{t}"' for t in tags], "Tags of compatibility decompositions.")
    keys = sorted(decompositions)
    places, data = [], []
    for cp in keys:
        tag, parts = decompositions[cp]
        assert len(data) < 1 << 16 and len(parts) < 1 << 8
        places.append(tag << 24 | len(parts) << 16 | len(data))
        data.extend(parts)
    w.array("DECOMPOSED", "u32", keys, "Code points that have a decomposition, ascending.")
    w.array("DECOMPOSITION_PLACES", "u32", places, "For each of them: tag << 24 | length << 16 | start.")
    w.array("DECOMPOSITIONS", "u32", data, "The decompositions.")
    w.array("COMPOSITIONS", "(u32, u32, u32)", pairs, "First, second and composed code point, ascending.")
    numeric = [(cp, repr(ucd.numeric(chr(cp)))) for cp in ALL if ucd.numeric(chr(cp), None) is not None]
    w.array("NUMERIC", "(u32, f64)", [f"({cp}, {v})" for cp, v in numeric], "Numeric values.")


def runs(items):
    """Merges (code point, value) pairs of equal value into (first, last, value)."""
    out = []
    for cp, value in items:
        if out and out[-1][1] == cp - 1 and out[-1][2] == value:
            out[-1][1] = cp
        else:
            out.append([cp, cp, value])
    return out


def old_database(w):
    """What Unicode 3.2 said otherwise."""
    changed = []
    for cp in ALL:
        c = chr(cp)
        get = lambda db: (CATEGORIES.index(db.category(c)), BIDI.index(db.bidirectional(c)), db.combining(c),
                          WIDTHS.index(db.east_asian_width(c)), db.mirrored(c))
        if get(old) != get(ucd):
            changed.append((cp, get(old)))
    merged = runs(changed)
    w.line("/// Ranges whose record differed in Unicode 3.2: first, last, record.")
    w.line(f"pub(super) static OLD_RECORDS: [(u32, u32, DataRecord); {len(merged)}] = [")
    for first, last, r in merged:
        w.line(f"    ({first}, {last}, DataRecord {{ category: %d, bidirectional: %d, combining: %d, width: %d, mirrored: %d, quick: 0 }})," % r)
    w.line("];")
    numbers = []
    for cp in ALL:
        c = chr(cp)
        was = (old.decimal(c, -1), old.digit(c, -1), float(old.numeric(c, -1)))
        now = (ucd.decimal(c, -1), ucd.digit(c, -1), float(ucd.numeric(c, -1)))
        # A character that was not assigned had no values; the reader derives that from its category.
        if was != now and not (old.category(c) == "Cn" and was == (-1, -1, -1.0)):
            numbers.append((cp, was))
    w.array("OLD_NUMBERS", "(u32, i8, i8, f64)", [f"({cp}, {a}, {b}, {n!r})" for cp, (a, b, n) in numbers],
            "Decimal, digit and numeric values that Unicode 3.2 had otherwise (negative: none).")
    changed = []
    for cp in ALL:
        c = chr(cp)
        if old.category(c) != "Cn" and old.decomposition(c) != ucd.decomposition(c):
            changed.append((cp, parse_decomposition(old.decomposition(c))))
    assert not changed, changed
    changed = [(cp, old.normalize("NFD", chr(cp))) for cp in ALL
               if old.category(chr(cp)) != "Cn" and old.normalize("NFD", chr(cp)) != ucd.normalize("NFD", chr(cp))]
    assert all(len(text) == 1 for _, text in changed)
    w.array("OLD_DECOMPOSITIONS", "(u32, u32)", [(cp, ord(text)) for cp, text in changed],
            "Canonical decompositions that Unicode 3.2 had otherwise.")


def sequences(w, aliases_path, sequences_path):
    aliases, named = {}, {}
    for line in open(aliases_path, encoding="utf-8"):
        line = line.split("#")[0].strip()
        if line:
            code, name, _ = line.split(";")
            aliases[name] = [int(code, 16)]
    for line in open(sequences_path, encoding="utf-8"):
        line = line.split("#")[0].strip()
        if line:
            # Unicode's file separates with a semicolon; Perl's copy puts the code points first.
            if ";" in line:
                name, codes = line.split(";")
            else:
                match = re.fullmatch(r"((?:[0-9A-F]{4,6} )*[0-9A-F]{4,6})\s+(.*)", line)
                codes, name = match.groups()
            named[name.strip()] = [int(c, 16) for c in codes.split()]

    def known(name, codes):
        try:
            return ucd.lookup(name) == "".join(map(chr, codes))
        except KeyError:
            return False

    aliases = sorted((n, c[0]) for n, c in aliases.items() if known(n, c))
    named = sorted((n, c) for n, c in named.items() if known(n, c))
    w.array("ALIASES", "(&str, u32)", [f'("{n}", {c})' for n, c in aliases], "Aliases of names, ascending.")
    w.array("SEQUENCES", "(&str, &[u32])", [f'("{n}", &{c})' for n, c in named], "Named sequences, ascending.")
    print(len(aliases), "aliases,", len(named), "named sequences")




PREFIXES = ["CJK UNIFIED IDEOGRAPH-", "CJK COMPATIBILITY IDEOGRAPH-", "EGYPTIAN HIEROGLYPH-",
            "KHITAN SMALL SCRIPT CHARACTER-", "NUSHU CHARACTER-", "TANGUT IDEOGRAPH-"]


def names(w):
    derived = []
    covered = set(range(0xAC00, 0xD7A4))
    for number, prefix in enumerate(PREFIXES):
        hits = []
        for cp in ALL:
            try:
                if ucd.lookup(f"{prefix}{cp:04X}") == chr(cp):
                    hits.append(cp)
            except KeyError:
                pass
        for first, last, _ in runs([(cp, 0) for cp in hits]):
            shown = ucd.name(chr(first), None) is not None
            derived.append((first, last, number, str(shown).lower()))
            covered.update(range(first, last + 1))
    derived.sort()
    w.array("DERIVED_PREFIXES", "&str", [f'"{p}"' for p in PREFIXES], "Prefixes of names that end in the code point.")
    w.array("DERIVED_NAMES", "(u32, u32, u8, bool)", [f"({a}, {b}, {n}, {s})" for a, b, n, s in derived],
            "First, last, prefix; and whether the name can be asked for, or only looked up.")
    named = [(cp, ucd.name(chr(cp))) for cp in ALL if cp not in covered and ucd.name(chr(cp), None)]
    counts = {}
    split = lambda name: re.findall(r"[ -]*[^ -]+", name)
    for _, name in named:
        assert "".join(split(name)) == name
        for word in split(name):
            counts[word] = counts.get(word, 0) + 1
    words = sorted(counts, key=lambda word: (-counts[word], word))
    short = 205
    assert (len(words) - short) <= (255 - short) * 256
    number = {word: i for i, word in enumerate(words)}

    def packed(strings):
        """Strings end in a byte with the high bit set; every sixteenth has its offset noted."""
        offsets, data = [], bytearray()
        for i, string in enumerate(strings):
            if i % 16 == 0:
                offsets.append(len(data))
            data += string
        return offsets, bytes(data)

    lexicon = packed([word[:-1].encode() + bytes([ord(word[-1]) | 0x80]) for word in words])

    def encode(name):
        # 0 ends a name; 1..=short is a frequent word; above, two bytes.
        out = bytearray()
        for word in split(name):
            i = number[word]
            if i < short:
                out.append(1 + i)
            else:
                i -= short
                out += bytes([1 + short + (i >> 8), i & 255])
        return bytes(out) + b"\0"

    body = packed([encode(name) for _, name in named])
    spans, index = [], 0
    for first, last, _ in runs([(cp, 0) for cp, _ in named]):
        spans.append((first, last, index))
        index += last - first + 1
    order = sorted(range(len(named)), key=lambda i: named[i][1])
    w.line("/// Words below this number take one byte.")
    w.line(f"pub(super) const SHORT_WORDS: usize = {short};")
    w.array("NAME_SPANS", "(u32, u32, u16)", spans, "Runs of named code points: first, last, number of the first's name.")
    blob = bytearray()
    sections = []
    for data in (struct.pack(f"<{len(lexicon[0])}I", *lexicon[0]), lexicon[1],
                 struct.pack(f"<{len(body[0])}I", *body[0]), body[1], struct.pack(f"<{len(order)}H", *order)):
        sections.append((len(blob), len(blob) + len(data)))
        blob += data
    w.array("NAME_SECTIONS", "(usize, usize)", sections,
            "Places in names.bin: word offsets, words, name offsets, names, name numbers sorted by name.")
    w.line("/// Length of the longest name.")
    w.line(f"pub(super) const LONGEST_NAME: usize = {max(len(n) for _, n in named)};")
    return bytes(blob)


def main():
    folder, aliases_path, sequences_path = sys.argv[1:]
    w = Writer()
    w.line("//! Tables of Unicode %s. Generated by xtask/scripts/unicode_tables.py; do not edit." % ucd.unidata_version)
    w.line()
    w.line("use super::{DataRecord, TextRecord};")
    w.line()
    w.line("/// The version of the Unicode data.")
    w.line(f'pub const VERSION: &str = "{ucd.unidata_version}";')
    text_records(w)
    database_records(w)
    old_database(w)
    sequences(w, aliases_path, sequences_path)
    blob = names(w)
    with open(folder + "/names.bin", "wb") as f:
        f.write(blob)
    with open(folder + "/tables.rs", "w") as f:
        f.write("\n".join(w.out) + "\n")
    print(len(blob), "bytes of names")


main()
