"""A command-line tool made with argparse: sub-commands, choices, types. Without arguments it shows itself."""
import argparse
import sys

FACTORS = {'m': 1.0, 'km': 1000.0, 'mi': 1609.344, 'ft': 0.3048}


def positive(text):
    value = float(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f'{text} is negative')
    return value


def parser():
    top = argparse.ArgumentParser(prog='units', description='Converts lengths.')
    top.add_argument('-v', '--verbose', action='count', default=0, help='say more')
    commands = top.add_subparsers(dest='command', required=True)
    convert = commands.add_parser('convert', help='convert a length')
    convert.add_argument('value', type=positive)
    convert.add_argument('source', choices=FACTORS)
    convert.add_argument('target', choices=FACTORS)
    convert.add_argument('--digits', type=int, default=2, metavar='N')
    commands.add_parser('list', help='list the units')
    return top


def main(arguments):
    options = parser().parse_args(arguments)
    if options.command == 'list':
        print(*FACTORS)
        return
    result = options.value * FACTORS[options.source] / FACTORS[options.target]
    if options.verbose:
        print(f'{options.value} {options.source} =', end=' ')
    print(f'{result:.{options.digits}f} {options.target}')


if len(sys.argv) > 1:
    main(sys.argv[1:])
else:
    main(['list'])
    main(['convert', '26.2', 'mi', 'km'])
    main(['-vv', 'convert', '1', 'km', 'ft', '--digits', '4'])
    print(parser().format_usage().strip())
    for wrong in (['convert', '-1', 'm', 'km'], ['convert', '1', 'm', 'parsec']):
        try:
            main(wrong)
        except SystemExit as stop:
            print('exit', stop.code)
