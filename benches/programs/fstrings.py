# Formatting: f-strings, format specifications, %.
def main():
    size = 0
    for i in range(120_000):
        name = f'item-{i}'
        size += len(f'{name:>12}|{i:08d}|{i / 7:.3f}|{i:x}|{i!r:<8}')
        size += len(f'{name}={i}, {name!r}')
        if i % 4 == 0:
            size += len('%s: %05d %.2f' % (name, i, i * 0.5)) + len('{:,} {}'.format(i, name))
    print(size)


main()
