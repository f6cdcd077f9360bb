# Sorting: integers, floats, strings, tuples, with keys and comparison methods.
class Version:
    def __init__(self, major, minor):
        self.major = major
        self.minor = minor

    def __lt__(self, other):
        return (self.major, self.minor) < (other.major, other.minor)


def main():
    numbers = [(i * 7919) % 100_003 for i in range(100_000)]
    print(sorted(numbers)[::20_000])
    print(sorted(n / 7 for n in numbers)[50_000])
    words = [f'{n:x}' for n in numbers]
    print(sorted(words)[::20_000])
    pairs = [(n % 100, n) for n in numbers]
    print(sorted(pairs)[::20_000])
    print(sorted(numbers, key=lambda n: (n % 10, -n))[::20_000])
    versions = sorted(Version(n % 10, n) for n in numbers[:20_000])
    print(versions[10_000].minor, max(numbers, key=str), min(words))


main()
