"""A small exact matrix class: operators, fractions, a determinant and an inverse."""
from fractions import Fraction


class Matrix:
    def __init__(self, rows):
        self.rows = [[Fraction(value) for value in row] for row in rows]
        if len({len(row) for row in self.rows}) != 1:
            raise ValueError('rows of different lengths')

    @classmethod
    def identity(cls, size):
        return cls([[int(i == j) for j in range(size)] for i in range(size)])

    def __matmul__(self, other):
        columns = list(zip(*other.rows))
        return Matrix([[sum(a * b for a, b in zip(row, column)) for column in columns] for row in self.rows])

    def __eq__(self, other):
        return isinstance(other, Matrix) and self.rows == other.rows

    def __str__(self):
        cells = [[str(value) for value in row] for row in self.rows]
        width = max(len(cell) for row in cells for cell in row)
        return '\n'.join(' '.join(cell.rjust(width) for cell in row) for row in cells)

    def eliminated(self):
        """The determinant and the inverse, by Gauss and Jordan."""
        size = len(self.rows)
        work = [row + unit for row, unit in zip(self.rows, Matrix.identity(size).rows)]
        determinant = Fraction(1)
        for i in range(size):
            pivot = next((r for r in range(i, size) if work[r][i]), None)
            if pivot is None:
                return Fraction(0), None
            if pivot != i:
                work[i], work[pivot] = work[pivot], work[i]
                determinant = -determinant
            determinant *= work[i][i]
            work[i] = [value / work[i][i] for value in work[i]]
            for r in range(size):
                if r != i and work[r][i]:
                    factor = work[r][i]
                    work[r] = [a - factor * b for a, b in zip(work[r], work[i])]
        return determinant, Matrix([row[size:] for row in work])


matrix = Matrix([[2, 1, 3], [0, -1, 4], [1, 2, '1/2']])
determinant, inverse = matrix.eliminated()
print(matrix, '\n\ndeterminant', determinant, '\n')
print(inverse)
assert matrix @ inverse == Matrix.identity(3)
