# Comprehensions of every kind.
def main():
    total = 0
    for n in range(300):
        squares = [x * x for x in range(2000) if x % 2]
        table = {x: x + n for x in range(1000)}
        residues = {x % 17 for x in squares}
        nested = [(a, b) for a in range(30) for b in range(30) if a < b]
        total += sum(squares) + len(table) + len(residues) + len(nested)
        total += sum(len(row) for row in [[c for c in str(r)] for r in range(300)])
        total += max(v for k, v in table.items() if k & 1)
    print(total)


main()
