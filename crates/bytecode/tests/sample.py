def f(a, b=1, *c, d, **e):
    """Doc."""
    try:
        return [x for x in (a, b, 2.5, 10**30)] + c[1:2]
    except (ValueError, TypeError) as error:
        print(f"{error!r:>10}", -a)
    return a in {1, "é", None} and (b'\x00z', 3j)
