# json: round trips, formatting, hooks, errors.
import json, io
cases = [None, True, False, 0, -1, 10**30, 1.5, -0.0, 1e300, '', 'a"b\\c/\n\t\x00', 'é😀', [], [1, [2]], {}, {'a': {'b': [None]}}, {'1': 2}]
for value in cases:
    assert json.loads(json.dumps(value)) == value and json.loads(json.dumps(value, ensure_ascii=False)) == value and json.loads(json.dumps(value, indent=1)) == value
assert json.dumps('é😀\x7f') == '"\\u00e9\\ud83d\\ude00\\u007f"' and json.dumps('é', ensure_ascii=False) == '"é"' and json.dumps({'b': 1, 'a': [1, 2.0, None]}, sort_keys=True) == '{"a": [1, 2.0, null], "b": 1}'
assert json.dumps([1, {'a': 2}], indent=2) == '[\n  1,\n  {\n    "a": 2\n  }\n]' and json.dumps([1, 2], separators=(',', ':')) == '[1,2]' and json.dumps({1: 2, None: 3, True: 4, 1.5: 5}) == '{"1": 4, "null": 3, "1.5": 5}' and json.dumps([], indent=2) == '[]' and json.dumps((1,)) == '[1]' and json.dumps(float('inf')) == 'Infinity' and json.dumps([1], indent='\t') == '[\n\t1\n]'
assert json.loads(' [1 , 2.5e3,"\\u00e9\\ud83d\\ude00\\/" ,true, null] ') == [1, 2500.0, 'é😀/', True, None] and json.loads(b'{"a":1}') == {'a': 1} and json.loads('{"a":1,"a":2}') == {'a': 2} and json.loads('NaN') != json.loads('NaN') and json.loads('-Infinity') == float('-inf') and json.loads('1E2') == 100.0 and isinstance(json.loads('1'), int)
assert json.loads('{"a": 1}', object_hook=lambda d: sorted(d.items())) == [('a', 1)] and json.loads('{"a": 1}', object_pairs_hook=list) == [('a', 1)] and json.loads('1.5', parse_float=str) == '1.5' and json.loads('15', parse_int=lambda s: int(s) * 2) == 30
class Enc(json.JSONEncoder):
    def default(self, o): return sorted(o) if isinstance(o, set) else super().default(o)
assert json.dumps({'s': {2, 1}}, cls=Enc) == '{"s": [1, 2]}' and json.dumps(1j, default=lambda o: [o.real, o.imag]) == '[0.0, 1.0]' and ''.join(json.JSONEncoder().iterencode([1, {'a': None}])) == '[1, {"a": null}]'
out = io.StringIO(); json.dump({'x': [1]}, out); out.seek(0); assert json.load(out) == {'x': [1]} and json.JSONDecoder().raw_decode('[1] rest') == ([1], 3)
for text, message in [('', 'Expecting value: line 1 column 1 (char 0)'), ('[1,', 'Expecting value: line 1 column 4 (char 3)'), ('{"a" 1}', "Expecting ':' delimiter: line 1 column 6 (char 5)"), ('[1 2]', "Expecting ',' delimiter: line 1 column 4 (char 3)"), ('{a: 1}', 'Expecting property name enclosed in double quotes: line 1 column 2 (char 1)'), ('"a', 'Unterminated string starting at: line 1 column 1 (char 0)'), ('"\\x"', 'Invalid \\escape: line 1 column 2 (char 1)'), ('1 2', 'Extra data: line 1 column 3 (char 2)'), ('[1,\n]', 'Illegal trailing comma before end of array: line 1 column 3 (char 2)'), ('"\n"', 'Invalid control character at: line 1 column 2 (char 1)'), ('{"a":1,}', 'Illegal trailing comma before end of object: line 1 column 7 (char 6)'), ('"\\u12"', 'Invalid \\uXXXX escape: line 1 column 3 (char 2)'), ('nul', 'Expecting value: line 1 column 1 (char 0)')]:
    try:
        json.loads(text)
    except json.JSONDecodeError as e:
        assert str(e) == message, (text, str(e))
    else:
        raise AssertionError(text)
for bad, message in [({1, 2}, 'Object of type set is not JSON serializable'), ({(1,): 2}, 'keys must be str, int, float, bool or None, not tuple')]:
    try:
        json.dumps(bad)
    except TypeError as e:
        assert str(e) == message
loop = []; loop.append(loop)
try:
    json.dumps(loop)
except ValueError as e:
    assert str(e) == 'Circular reference detected'
try:
    json.dumps(float('nan'), allow_nan=False)
except ValueError as e:
    assert str(e) == 'Out of range float values are not JSON compliant: nan'
try:
    json.dumps({'k': [1, object()]})
except TypeError as e:
    assert e.__notes__ == ["when serializing list item 1", "when serializing dict item 'k'"]
big = {'items': [{'id': i, 'name': f'n{i}', 'v': [i / 7, None, True]} for i in range(2000)]}; assert json.loads(json.dumps(big)) == big
