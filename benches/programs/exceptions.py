# Raising, catching, finally, context.
class Problem(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code


def check(i):
    if i % 3 == 0:
        raise Problem(i)
    if i % 5 == 0:
        raise KeyError(i)
    return i


def attempt(i):
    try:
        return check(i)
    except Problem as problem:
        return problem.code % 10
    finally:
        attempt.count += 1


def main():
    attempt.count = 0
    total = 0
    for i in range(200_000):
        try:
            total += attempt(i)
        except LookupError as error:
            total += error.args[0] % 7
        try:
            total += [1, 2][i % 4]
        except IndexError:
            total -= 1
    print(total, attempt.count)


main()
