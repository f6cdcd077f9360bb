call(é, "text" other, 3)
