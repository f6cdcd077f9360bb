"""A calculator: a tokenizer, a recursive-descent parser, a tree of dataclasses, pattern matching to evaluate it."""
import operator
import re
from dataclasses import dataclass

TOKEN = re.compile(r'\s*(?:(\d+(?:\.\d*)?)|([a-z]+)|(.))')


@dataclass
class Number:
    value: float


@dataclass
class Name:
    name: str


@dataclass
class Binary:
    sign: str
    left: object
    right: object


@dataclass
class Negative:
    inner: object


class Parser:
    LEVELS = [('+', '-'), ('*', '/')]

    def __init__(self, text):
        self.tokens = [match.groups() for match in TOKEN.finditer(text.strip())]
        self.at = 0

    def peek(self):
        return self.tokens[self.at][2] if self.at < len(self.tokens) else None

    def parse(self):
        tree = self.level(0)
        if self.at < len(self.tokens):
            raise SyntaxError(f'unexpected {self.peek()!r}')
        return tree

    def level(self, depth):
        if depth == len(self.LEVELS):
            return self.unary()
        left = self.level(depth + 1)
        while (sign := self.peek()) in self.LEVELS[depth]:
            self.at += 1
            left = Binary(sign, left, self.level(depth + 1))
        return left

    def unary(self):
        if self.peek() == '-':
            self.at += 1
            return Negative(self.unary())
        base = self.atom()
        if self.peek() == '^':
            self.at += 1
            return Binary('^', base, self.unary())
        return base

    def atom(self):
        if self.at == len(self.tokens):
            raise SyntaxError('unexpected end')
        number, name, sign = self.tokens[self.at]
        self.at += 1
        if number:
            return Number(float(number))
        if name:
            return Name(name)
        if sign == '(':
            tree = self.level(0)
            if self.peek() != ')':
                raise SyntaxError('missing )')
            self.at += 1
            return tree
        raise SyntaxError(f'unexpected {sign!r}')


SIGNS = {'+': operator.add, '-': operator.sub, '*': operator.mul, '/': operator.truediv, '^': operator.pow}


def evaluate(tree, names):
    match tree:
        case Number(value):
            return value
        case Name(name):
            return names[name]
        case Negative(inner):
            return -evaluate(inner, names)
        case Binary('*', Number(0.0), _):
            return 0.0
        case Binary(sign, left, right):
            return SIGNS[sign](evaluate(left, names), evaluate(right, names))


for line in ['1 + 2 * 3', '(1 + 2) * -3', '2 ^ 3 ^ 2', '-x ^ 2', '0 * unknown', '1 / 0', '1 +', '2 $ 3', 'y']:
    try:
        print(f'{line} = {evaluate(Parser(line).parse(), {"x": 4.0}):g}')
    except (SyntaxError, ArithmeticError, KeyError) as error:
        print(f'{line}: {type(error).__name__}: {error}')
