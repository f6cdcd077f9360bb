# JSON out and in.
import json


def main():
    records = [
        {
            'id': i,
            'name': f'name {i}',
            'tags': ['a', 'b\n', '\u00e9'],
            'score': i / 3,
            'nested': {'ok': i % 2 == 0, 'none': None, 'deep': [[i], [i + 1]]},
        }
        for i in range(6000)
    ]
    size = 0
    for _ in range(3):
        text = json.dumps(records)
        size += len(text)
        assert json.loads(text) == records
    pretty = json.dumps(records[:500], indent=2, sort_keys=True)
    print(size, len(pretty), json.loads(pretty)[10]['name'])


main()
