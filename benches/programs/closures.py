# Closures, cells, decorators and functions as values.
def counter(step):
    count = 0

    def more(by=1):
        nonlocal count
        count += step * by
        return count

    return more


def compose(*functions):
    def call(value):
        for function in functions:
            value = function(value)
        return value

    return call


def traced(function):
    calls = []

    def wrapper(*args, **kwargs):
        calls.append(args)
        return function(*args, **kwargs)

    wrapper.calls = calls
    return wrapper


@traced
def weigh(a, b=3, *, c=1):
    return a * b + c


def main():
    tick = counter(3)
    pipeline = compose(lambda x: x + 1, lambda x: x * 2, lambda x: x % 1000)
    total = 0
    for i in range(200_000):
        total += tick() + pipeline(i)
        total += weigh(i, c=2) & 7
    print(total, len(weigh.calls))


main()
