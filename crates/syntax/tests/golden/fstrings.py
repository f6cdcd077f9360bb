f"plain", f"{a}", f"{a!r:>{width}.{p}}", rf"\d{a}\n", F'{{}}{a}}}'
f"{a = }", f"{ a=!s}", f"{a=:>10}", f"{x # comment
=}"
f"{'nested ' f"{'deep'}"}" 'joined' f"{a:%Y-%m-%d}{b:{{c}}}"
f'''{
    a
}''' u"x"
t"{a}{b!r:{c}} text {d=}" t'{ e }'
f"{lambda_ if (lambda x: 1) else {1: 2}['x']:{'a' 'b'}}"
