"""An inventory of dataclasses: ordering, defaults, validation, replace."""
from dataclasses import asdict, dataclass, field, replace


@dataclass(order=True, frozen=True)
class Part:
    sort_key: tuple = field(init=False, repr=False)
    name: str
    weight: float
    tags: tuple[str, ...] = ()

    def __post_init__(self):
        if self.weight <= 0:
            raise ValueError(f'{self.name}: a weight of {self.weight}')
        object.__setattr__(self, 'sort_key', (self.weight, self.name))


@dataclass
class Shelf:
    label: str
    parts: dict[Part, int] = field(default_factory=dict)

    def put(self, part, count=1):
        self.parts[part] = self.parts.get(part, 0) + count
        return self

    @property
    def weight(self):
        return sum(part.weight * count for part, count in self.parts.items())


bolt = Part('bolt', 0.02, ('steel', 'm6'))
nut = Part('nut', 0.01)
beam = Part('beam', 12.5)
shelf = Shelf('A1').put(bolt, 40).put(nut, 40).put(beam).put(bolt)
for part in sorted(shelf.parts):
    print(f'{part!r} x {shelf.parts[part]}')
print(f'{shelf.label}: {shelf.weight:.2f} kg')
heavier = replace(bolt, weight=0.03)
print(heavier > bolt, asdict(heavier)['tags'])
for wrong in (lambda: Part('ghost', 0), lambda: setattr(bolt, 'name', 'x')):
    try:
        wrong()
    except (ValueError, AttributeError) as error:
        print(f'{type(error).__name__}: {error}')
