match command.split():
    case ["go", ("north" | "south") as direction, *_]:
        pass
    case Point(x=0, y=-1.5) | Point(0, y=1 + 2j) if flag:
        pass
    case {"key": value, module.CONST: None, -1: _, **rest}:
        pass
    case a.b.c | "str" 'ing' | b'bytes' | True:
        pass
    case (x,) | [] | () | {} | (y):
        pass
    case first, *others:
        pass
match (x), *y:
    case _: pass
match = case = type = _ = 1
match[x], match(y), match - z
type = type(match)
