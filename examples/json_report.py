"""Reads orders as JSON, groups them and writes a report as a table and as JSON again."""
import json
from collections import defaultdict

ORDERS = """
[{"customer": "Ada", "items": [{"name": "pen", "price": 1.5, "count": 4}, {"name": "ink", "price": 6.25}]},
 {"customer": "Grace", "items": [{"name": "paper", "price": 3.1, "count": 10}]},
 {"customer": "Ada", "items": [{"name": "paper", "price": 3.1, "count": 2}], "note": "caf\\u00e9 \\ud83d\\ude00"}]
"""


def totals(orders):
    sums = defaultdict(float)
    for order in orders:
        for item in order['items']:
            sums[order['customer']] += item['price'] * item.get('count', 1)
    return dict(sums)


orders = json.loads(ORDERS)
report = totals(orders)
print(f'{"customer":<10}|{"total":>8}')
print('-' * 10 + '+' + '-' * 8)
for customer, total in sorted(report.items(), key=lambda pair: -pair[1]):
    print(f'{customer:<10}|{total:8.2f}')
print(json.dumps({'totals': report, 'notes': [order['note'] for order in orders if 'note' in order]}, indent=2))
assert json.loads(json.dumps(orders)) == orders
