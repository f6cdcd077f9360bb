# Text beyond ASCII: widths, normalization, case, identifiers, codecs, surrogates, unicodedata.
import unicodedata, codecs
for text in ('ascii', 'café', 'Ж中', '😀a', 'a\U0010ffff', '\ud800x', ''):
    assert text[::-1][::-1] == text and ''.join(list(text)) == text and text + 'é' == (text + 'é')[:] and len(text + '😀') == len(text) + 1 and text in 'x' + text + 'y' and ('x' + text).find(text) in (0, 1) and text.replace('a', '中').replace('中', 'a') in (text, text.replace('中', 'a')) and hash(text) == hash(text[:1] + text[1:]) and (text + '|').split('|') == [text, ''] and eval(repr(text)) == text and eval(ascii(text)) == text
assert sorted(['é', 'z', 'a', '中', '😀', 'É']) == ['a', 'z', 'É', 'é', '中', '😀'] and 'straße'.upper() == 'STRASSE' and 'ﬀ'.upper() == 'FF' and 'ŉ'.title() == 'ʼN' and 'Σας'.lower() == 'σας' and 'ΑΣΑ'.lower() == 'ασα' and 'İstanbul'.lower().encode() == b'i\xcc\x87stanbul' and 'ǰ'.capitalize() == 'J̌'
assert unicodedata.name('é') == 'LATIN SMALL LETTER E WITH ACUTE' and unicodedata.lookup('SNOWMAN') == '☃' and '\N{SNOWMAN}' == '☃' and unicodedata.category('A') == 'Lu' and unicodedata.normalize('NFD', 'é') == 'e\u0301' and unicodedata.normalize('NFC', 'e\u0301') == 'é' and unicodedata.normalize('NFKC', 'ﬁ①') == 'fi1' and unicodedata.numeric('½') == 0.5 and unicodedata.decimal('٣') == 3 and unicodedata.bidirectional('א') == 'R' and unicodedata.combining('\u0301') == 230 and unicodedata.east_asian_width('中') == 'W' and unicodedata.mirrored('(') == 1 and unicodedata.decomposition('é') == '0065 0301' and unicodedata.is_normalized('NFC', 'é') and unicodedata.name('\n', None) is None and unicodedata.unidata_version == '16.0.0' and unicodedata.normalize('NFC', '\u1100\u1161') == '가' and unicodedata.name('가') == 'HANGUL SYLLABLE GA' and unicodedata.name('㐀') == 'CJK UNIFIED IDEOGRAPH-3400'
for codec, data in [('utf-8', b'\xc3\xa9'), ('latin-1', b'\xe9'), ('cp1252', b'\xe9'), ('utf-16-le', b'\xe9\x00'), ('utf-16-be', b'\x00\xe9'), ('utf-32-le', b'\xe9\0\0\0'), ('cp437', b'\x82'), ('mac-roman', b'\x8e'), ('iso8859-15', b'\xe9'), ('utf-7', b'+AOk-'), ('unicode_escape', b'\\xe9'), ('raw_unicode_escape', b'\xe9'), ('punycode', b'9ca'), ('utf-8-sig', b'\xef\xbb\xbf\xc3\xa9')]:
    assert 'é'.encode(codec) == data and data.decode(codec) == 'é', codec
assert 'bücher.example'.encode('idna') == b'xn--bcher-kva.example' and codecs.encode('abc', 'rot13') == 'nop' and codecs.encode(b'a', 'hex') == b'61' and codecs.decode(b'YQ==', 'base64') == b'a' and codecs.lookup('UTF8').name == 'utf-8' and codecs.lookup('latin_1').name == 'iso8859-1'
for data, codec, message in [(b'\xff', 'utf-8', "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"), (b'\xc3', 'utf-8', "'utf-8' codec can't decode byte 0xc3 in position 0: unexpected end of data"), (b'\xc3(', 'utf-8', "'utf-8' codec can't decode byte 0xc3 in position 0: invalid continuation byte"), (b'\xed\xa0\x80', 'utf-8', "'utf-8' codec can't decode byte 0xed in position 0: invalid continuation byte"), (b'a\x80', 'ascii', "'ascii' codec can't decode byte 0x80 in position 1: ordinal not in range(128)"), (b'\x00', 'utf-16-le', "'utf-16-le' codec can't decode byte 0x00 in position 0: truncated data"), (b'\x81', 'cp1252', "'charmap' codec can't decode byte 0x81 in position 0: character maps to <undefined>")]:
    try:
        data.decode(codec)
    except UnicodeDecodeError as e:
        assert str(e) == message, e
    else:
        raise AssertionError(data)
try:
    '\ud800'.encode()
except UnicodeEncodeError as e:
    assert str(e) == "'utf-8' codec can't encode character '\\ud800' in position 0: surrogates not allowed"
assert '\ud800'.encode('utf-8', 'surrogatepass') == b'\xed\xa0\x80' and b'\xed\xa0\x80'.decode('utf-8', 'surrogatepass') == '\ud800' and b'a\xf0\x9f\x98z'.decode('utf-8', 'replace') == 'a\ufffdz' and '\ud83d\ude00'.encode('utf-16-le', 'surrogatepass').decode('utf-16-le') == '😀' and len('\ud83d' + '\ude00') == 2
codecs.register_error('test.stars', lambda e: ('*' * (e.end - e.start), e.end)); assert 'aéb中'.encode('ascii', 'test.stars') == b'a*b*' and b'a\xffb'.decode('utf-8', 'test.stars') == 'a*b'
d = codecs.getincrementaldecoder('utf-8')(); assert d.decode(b'\xc3') == '' and d.decode(b'\xa9x') == 'éx' and d.getstate() == (b'', 0)
assert ''.join(chr(c) for c in range(0x300)).isprintable() is False and sum(chr(c).isalpha() for c in range(0x3000)) > 5000 and [c for c in map(chr, range(128)) if c.isidentifier()][:3] == ['A', 'B', 'C'] and 'x²'.isidentifier() is False and '٤٢'.isdigit() and int('٤٢') == 42 and float('१.५') == 1.5
