# The last line has no end, names are normalized, and the indentation is strange.
if ﬁ:
	x = \
  1 ; y = (
 2  # comment
)   

    # blank
	zé = "é" 'ü'
print(ﬁ)
