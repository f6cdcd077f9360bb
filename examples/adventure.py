"""A text adventure as a state machine, played by a script."""
from enum import Enum, auto


class Place(Enum):
    HALL = auto()
    CELLAR = auto()
    GARDEN = auto()
    TOWER = auto()


PATHS = {
    (Place.HALL, 'down'): Place.CELLAR,
    (Place.HALL, 'out'): Place.GARDEN,
    (Place.CELLAR, 'up'): Place.HALL,
    (Place.GARDEN, 'in'): Place.HALL,
    (Place.HALL, 'up'): Place.TOWER,
}
THINGS = {Place.CELLAR: {'lamp', 'rope'}, Place.GARDEN: {'key'}}


class Game:
    def __init__(self):
        self.place = Place.HALL
        self.bag = set()
        self.things = {place: set(names) for place, names in THINGS.items()}
        self.won = False

    def play(self, line):
        match line.split():
            case ['go', way] if (self.place, way) == (Place.HALL, 'up') and 'key' not in self.bag:
                return 'The tower is locked.'
            case ['go', way]:
                target = PATHS.get((self.place, way))
                if target is None:
                    return f'No way {way} from here.'
                self.place = target
                self.won = target is Place.TOWER
                return f'You are in the {target.name.lower()}.'
            case ['take', thing] if thing in self.things.get(self.place, ()):
                self.things[self.place].remove(thing)
                self.bag.add(thing)
                return f'You have the {thing}.'
            case ['take', thing]:
                return f'There is no {thing}.'
            case ['look']:
                here = sorted(self.things.get(self.place, ()))
                return 'You see ' + (', '.join(here) or 'nothing') + '.'
            case ['bag']:
                return 'You carry ' + (' and '.join(sorted(self.bag)) or 'nothing') + '.'
            case []:
                return 'Say something.'
            case [verb, *_]:
                return f'I do not know how to {verb}.'


game = Game()
for line in ['look', 'go up', 'go down', 'look', 'take lamp', 'take sword', 'go up', 'go out', 'take key', 'dance well',
             '', 'go in', 'bag', 'go north', 'go up']:
    print('>', line)
    print(game.play(line))
assert game.won and game.bag == {'lamp', 'key'}
