# What an uncaught exception prints: carets, chains, notes, suggestions, repeated lines, syntax errors.
import os, subprocess, sys, tempfile
folder = tempfile.mkdtemp()
def run(source):
    path = os.path.join(folder, 'script.py')
    with open(path, 'w') as file:
        file.write(source)
    env = {**os.environ, 'PYTHON_COLORS': '0'}
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, env=env)
    assert done.returncode == 1, done
    return done.stderr.replace(path, 'script.py')
def check(source, expected):
    actual = run(source)
    assert actual == expected, f'\n--- got\n{actual}--- expected\n{expected}'
check('''def f(x):
    return x / 0
f(1)
''', '''Traceback (most recent call last):
  File "script.py", line 3, in <module>
    f(1)
    ~^^^
  File "script.py", line 2, in f
    return x / 0
           ~~^~~
ZeroDivisionError: division by zero
''')
check('''d = {'a': {}}
print(d['a']['b']['c'])
''', '''Traceback (most recent call last):
  File "script.py", line 2, in <module>
    print(d['a']['b']['c'])
          ~~~~~~^^^^^
KeyError: 'b'
''')
check('''try:
    1 / 0
except ZeroDivisionError as e:
    raise ValueError('bad') from e
''', '''Traceback (most recent call last):
  File "script.py", line 2, in <module>
    1 / 0
    ~~^~~
ZeroDivisionError: division by zero

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "script.py", line 4, in <module>
    raise ValueError('bad') from e
ValueError: bad
''')
check('''try:
    {}['k']
except KeyError as e:
    e.add_note('a note')
    undefined
''', '''Traceback (most recent call last):
  File "script.py", line 2, in <module>
    {}['k']
    ~~^^^^^
KeyError: 'k'
a note

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "script.py", line 5, in <module>
    undefined
NameError: name 'undefined' is not defined
''')
check('''class Thing:
    value = 1
t = Thing()
t.valeu
''', '''Traceback (most recent call last):
  File "script.py", line 4, in <module>
    t.valeu
AttributeError: 'Thing' object has no attribute 'valeu'. Did you mean: 'value'?
''')
check('''number = 1
print(nubmer)
''', '''Traceback (most recent call last):
  File "script.py", line 2, in <module>
    print(nubmer)
          ^^^^^^
NameError: name 'nubmer' is not defined. Did you mean: 'number'?
''')
check('''json.dumps(1)
''', '''Traceback (most recent call last):
  File "script.py", line 1, in <module>
    json.dumps(1)
    ^^^^
NameError: name 'json' is not defined. Did you forget to import 'json'?
''')
check('''def f(n):
    f(n + 1)
f(0)
''', '''Traceback (most recent call last):
  File "script.py", line 3, in <module>
    f(0)
    ~^^^
  File "script.py", line 2, in f
    f(n + 1)
    ~^^^^^^^
  File "script.py", line 2, in f
    f(n + 1)
    ~^^^^^^^
  File "script.py", line 2, in f
    f(n + 1)
    ~^^^^^^^
  [Previous line repeated 996 more times]
RecursionError: maximum recursion depth exceeded
''')
check('''x = [
    1,
    2 + 'a',
]
''', '''Traceback (most recent call last):
  File "script.py", line 3, in <module>
    2 + 'a',
    ~~^~~~~
TypeError: unsupported operand type(s) for +: 'int' and 'str'
''')
check('''print('a'
x = 1
''', '''  File "script.py", line 1
    print('a'
         ^
SyntaxError: '(' was never closed
''')
check('''def f():
x = 1
''', '''  File "script.py", line 2
    x = 1
    ^
IndentationError: expected an indented block after function definition on line 1
''')
check('''if x = 1:
    pass
''', '''  File "script.py", line 1
    if x = 1:
       ^^^^^
SyntaxError: invalid syntax. Maybe you meant '==' or ':=' instead of '='?
''')
check('''x = 'abc
''', '''  File "script.py", line 1
    x = 'abc
        ^
SyntaxError: unterminated string literal (detected at line 1)
''')
check('''class A:
    def __init__(self): raise KeyboardInterrupt2
KeyboardInterrupt2 = ValueError('é', 1)
[A() for _ in range(2)]
''', '''Traceback (most recent call last):
  File "script.py", line 4, in <module>
    [A() for _ in range(2)]
     ~^^
  File "script.py", line 2, in __init__
    def __init__(self): raise KeyboardInterrupt2
                        ^^^^^^^^^^^^^^^^^^^^^^^^
ValueError: ('é', 1)
''')
check('''exec("1 +\\n")
''', '''Traceback (most recent call last):
  File "script.py", line 1, in <module>
    exec("1 +\\n")
    ~~~~^^^^^^^^^
  File "<string>", line 1
    1 +
       ^
SyntaxError: invalid syntax
''')
check('''raise ExceptionGroup('both', [ValueError(1), TypeError('t')])
''', '''  + Exception Group Traceback (most recent call last):
  |   File "script.py", line 1, in <module>
  |     raise ExceptionGroup('both', [ValueError(1), TypeError('t')])
  | ExceptionGroup: both (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | ValueError: 1
    +---------------- 2 ----------------
    | TypeError: t
    +------------------------------------
''')
import traceback
try:
    int('x')
except ValueError as error:
    text = traceback.format_exc()
    assert text.endswith("ValueError: invalid literal for int() with base 10: 'x'\n") and 'int(\'x\')\n    ~~~^^^^^' in text, text
    frames = traceback.extract_tb(error.__traceback__)
    assert frames[0].name == '<module>' and frames[0].line == "int('x')" and frames[0].colno == 4 and frames[0].end_colno == 12
import shutil
shutil.rmtree(folder)
