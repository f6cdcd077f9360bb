//! The prompt on an input that is no terminal: what it prints, and where, is CPython 3.14's.

use std::process::Command;
use std::time::Duration;

use super::support::{oriel, run};

const STATEMENTS: &[u8] = b"1+1
def f(x):
    return x*2

f(4)
1/0
for i in range(2): i

(1 +
 2)
x = = 1
class A:
  def g(self):
    raise ValueError('no')

A().g()
_
import sys; sys.exit(3)
";

const ANSWERS: &str = "2
8
0
1
3
3
";

const ERRORS: &str = r#">>> >>> ... ... >>> >>> Traceback (most recent call last):
  File "<stdin>", line 1, in <module>
    1/0
    ~^~
ZeroDivisionError: division by zero
>>> ... >>> ... >>>   File "<stdin>", line 1
    x = = 1
        ^
SyntaxError: invalid syntax
>>> ... ... ... >>> Traceback (most recent call last):
  File "<stdin>", line 1, in <module>
    A().g()
    ~~~~~^^
  File "<stdin>", line 3, in g
    raise ValueError('no')
ValueError: no
>>> >>> "#;

#[test]
fn statements_of_a_pipe() {
    let mut command = Command::new(oriel());
    command.args(["-i", "-q"]).env("PYTHON_COLORS", "0").env_remove("PYTHONSTARTUP");
    let outcome = run(&mut command, STATEMENTS, Duration::from_secs(60));
    assert_eq!(outcome.stdout, ANSWERS);
    assert_eq!(outcome.stderr, ERRORS);
    assert_eq!(outcome.code, Some(3));
}

#[test]
fn start_up_file() {
    let folder = std::env::temp_dir().join(format!("oriel-prompt-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    let file = folder.join("startup.py");
    std::fs::write(&file, "import sys\nsys.ps1 = '? '\nanswer = 42\n").expect("a file");
    let mut command = Command::new(oriel());
    command.args(["-i", "-q"]).env("PYTHON_COLORS", "0").env("PYTHONSTARTUP", &file);
    let outcome = run(&mut command, b"answer\n", Duration::from_secs(60));
    assert_eq!(outcome.stdout, "42\n");
    assert_eq!(outcome.stderr, "? ? \n");
    assert_eq!(outcome.code, Some(0));
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
}
