# Regular expressions over a log.
import re


def main():
    lines = [
        f'2026-03-{i % 28 + 1:02d} 12:{i % 60:02d}:00 [{"ERROR" if i % 7 == 0 else "INFO"}] '
        f'user{i % 100}@example.com GET /path/{i}/x?id={i * 13} took {i % 1000}ms'
        for i in range(12_000)
    ]
    text = '\n'.join(lines)
    pattern = re.compile(r'^(\d{4})-(\d\d)-(\d\d) [\d:]+ \[(\w+)\] (\S+)@(\S+) (GET|POST) (\S+) took (\d+)ms$')
    total = 0
    for line in lines:
        match = pattern.match(line)
        total += int(match[9])
    print(total)
    print(len(re.findall(r'ERROR', text)), len(re.findall(r'\buser(\d+)@', text)))
    print(len(re.sub(r'\d+', lambda m: str(len(m[0])), text)))
    print(len(re.split(r'[\s,/?=]+', text)), sum(1 for _ in re.finditer(r'(?:a|b|p)at?h?/\d*5/', text)))


main()
