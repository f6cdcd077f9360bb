x = "\d \400"
y = f"{x} \q"
z = 1if x else 2
