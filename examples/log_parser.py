"""Takes a log apart with a regular expression and reports by level and by hour."""
import re
from collections import Counter

LOG = """\
2026-03-01 08:15:02,120 INFO  web: GET /index.html 200 in 12ms
2026-03-01 08:15:07,004 WARN  web: GET /old.html 301 in 3ms
2026-03-01 09:01:44,870 ERROR db: connection lost (errno=104)
    Traceback: somewhere
2026-03-01 09:01:45,001 INFO  db: reconnected after 1 tries
2026-03-01 09:30:00,000 INFO  web: POST /order 201 in 87ms
not a log line
"""

LINE = re.compile(
    r"""
    ^(?P<date>\d{4}-\d\d-\d\d)\s
    (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>[\d,]+)\s
    (?P<level>[A-Z]+)\s+
    (?P<source>\w+):\s
    (?P<text>.*)$
    """,
    re.VERBOSE | re.MULTILINE,
)
REQUEST = re.compile(r'(GET|POST) (\S+) (\d{3}) in (\d+)ms')

entries = [match.groupdict() for match in LINE.finditer(LOG)]
print(Counter(entry['level'] for entry in entries).most_common())
print(dict(Counter(entry['hour'] for entry in entries)))
for entry in entries:
    if request := REQUEST.search(entry['text']):
        method, path, status, took = request.groups()
        print(f'{method:5}{path:13}{status} {int(took):4}ms')
print(re.sub(r'errno=(\d+)', lambda match: f'error number {int(match[1]):#x}', entries[2]['text']))
print(re.split(r'[:,\s]+', 'a: b,c   d', maxsplit=2))
