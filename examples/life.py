"""Conway's game of life on an unbounded board: sets and comprehensions."""
from collections import Counter

GLIDER = '.#.\n..#\n###'


def parse(picture):
    return {(x, y) for y, line in enumerate(picture.splitlines()) for x, cell in enumerate(line) if cell == '#'}


def step(alive):
    neighbours = Counter((x + dx, y + dy) for x, y in alive for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy)
    return {cell for cell, count in neighbours.items() if count == 3 or count == 2 and cell in alive}


def show(alive, width, height):
    return '\n'.join(''.join('#' if (x, y) in alive else '.' for x in range(width)) for y in range(height))


board = parse(GLIDER)
for generation in range(5):
    print(f'generation {generation}\n{show(board, 6, 5)}\n')
    board = step(board)
for _ in range(95):
    board = step(board)
assert board == {(x + 25, y + 25) for x, y in parse(GLIDER)}
