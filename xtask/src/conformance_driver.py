# Runs one module of CPython's test suite as python -m unittest does, without the resources that reach outside.
import sys
from test import support

support.use_resources = dict.fromkeys(
    ['console', 'cpu', 'curses', 'decimal', 'subprocess', 'tzdata', 'walltime', 'wantobjects', 'xpickle'])

import unittest

unittest.main(module=None, argv=['python -m unittest', 'test.' + sys.argv[1]])
