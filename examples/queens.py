"""Places eight queens so that none attacks another."""


def solutions(size, row=0, columns=(), rising=frozenset(), falling=frozenset()):
    if row == size:
        yield columns
        return
    for column in range(size):
        if column in columns or row + column in rising or row - column in falling:
            continue
        yield from solutions(size, row + 1, columns + (column,), rising | {row + column}, falling | {row - column})


def board(columns):
    return '\n'.join(' '.join('Q' if column == place else '.' for column in range(len(columns))) for place in columns)


all_solutions = list(solutions(8))
print(board(all_solutions[0]))
print(len(all_solutions), 'solutions')
assert len(all_solutions) == 92
