first = 1
values = [1, 2
for value in values:
    print(value)
