# Floats in lists: five bodies pulling at each other.
def step(bodies, pairs, dt):
    for a, b in pairs:
        dx, dy, dz = a[0] - b[0], a[1] - b[1], a[2] - b[2]
        mag = dt * ((dx * dx + dy * dy + dz * dz) ** -1.5)
        am, bm = a[6] * mag, b[6] * mag
        a[3] -= dx * bm
        a[4] -= dy * bm
        a[5] -= dz * bm
        b[3] += dx * am
        b[4] += dy * am
        b[5] += dz * am
    for body in bodies:
        body[0] += dt * body[3]
        body[1] += dt * body[4]
        body[2] += dt * body[5]


def energy(bodies, pairs):
    total = 0.0
    for x, y, z, vx, vy, vz, m in bodies:
        total += 0.5 * m * (vx * vx + vy * vy + vz * vz)
    for a, b in pairs:
        distance = sum((a[i] - b[i]) ** 2 for i in range(3)) ** 0.5
        total -= a[6] * b[6] / distance
    return total


def main():
    bodies = [[float(i), i * 0.5 - 1.0, (i * i) * 0.25, 0.1 * i, 0.2, -0.1 * i, 1.0 + i * 0.125] for i in range(5)]
    pairs = [(a, b) for i, a in enumerate(bodies) for b in bodies[i + 1:]]
    for _ in range(20_000):
        step(bodies, pairs, 0.001)
    print(f'{energy(bodies, pairs):.9f}')


main()
