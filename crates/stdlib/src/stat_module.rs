//! `_stat`: constants of file modes, and questions about them.

use oriel_runtime::native::{MethodDef, ModuleSpec};
use oriel_runtime::{PyResult, Value, Vm};

/// `_stat`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_stat",
    doc: "What the bits of a file's mode mean.",
    functions: FUNCTIONS,
    exec: |vm, module| {
        for (name, value) in CONSTANTS {
            vm.module_set(module, name, vm.new_int(*value))?;
        }
        Ok(())
    },
};

macro_rules! questions {
    ($($name:literal $mode:expr, $what:literal;)*) => {
        const FUNCTIONS: &[MethodDef] = &[
            $(MethodDef::one(
                $name,
                |vm, _, mode| Ok(Value::bool(to_mode(vm, mode)? & libc::S_IFMT == $mode)),
                "($self, object, /)",
                concat!("Return whether the mode is that of ", $what, "."),
            ),)*
            MethodDef::one(
                "S_IMODE",
                |vm, _, mode| Ok(vm.new_int((to_mode(vm, mode)? & 0o7777).into())),
                "($self, object, /)",
                "Return the permissions of a mode.",
            ),
            MethodDef::one(
                "S_IFMT",
                |vm, _, mode| Ok(vm.new_int((to_mode(vm, mode)? & libc::S_IFMT).into())),
                "($self, object, /)",
                "Return the kind of file of a mode.",
            ),
            MethodDef::one("filemode", filemode, "($self, object, /)", "Return a mode in the form '-rwxrwxrwx'."),
            MethodDef::one("S_ISDOOR", never, "($self, object, /)", "Return whether the mode is that of a door."),
            MethodDef::one("S_ISPORT", never, "($self, object, /)", "Return whether the mode is that of a port."),
            MethodDef::one("S_ISWHT", never, "($self, object, /)", "Return whether the mode is that of a whiteout."),
        ];
    };
}

questions! {
    "S_ISDIR" libc::S_IFDIR, "a folder";
    "S_ISCHR" libc::S_IFCHR, "a character device";
    "S_ISBLK" libc::S_IFBLK, "a block device";
    "S_ISREG" libc::S_IFREG, "a regular file";
    "S_ISFIFO" libc::S_IFIFO, "a pipe";
    "S_ISLNK" libc::S_IFLNK, "a symbolic link";
    "S_ISSOCK" libc::S_IFSOCK, "a socket";
}

const CONSTANTS: &[(&str, i64)] = &[
    ("S_IFDIR", 0o040000),
    ("S_IFCHR", 0o020000),
    ("S_IFBLK", 0o060000),
    ("S_IFREG", 0o100000),
    ("S_IFIFO", 0o010000),
    ("S_IFLNK", 0o120000),
    ("S_IFSOCK", 0o140000),
    ("S_IFDOOR", 0),
    ("S_IFPORT", 0),
    ("S_IFWHT", 0),
    ("S_ISUID", 0o4000),
    ("S_ISGID", 0o2000),
    ("S_ISVTX", 0o1000),
    ("S_ENFMT", 0o2000),
    ("S_IREAD", 0o400),
    ("S_IWRITE", 0o200),
    ("S_IEXEC", 0o100),
    ("S_IRWXU", 0o700),
    ("S_IRUSR", 0o400),
    ("S_IWUSR", 0o200),
    ("S_IXUSR", 0o100),
    ("S_IRWXG", 0o070),
    ("S_IRGRP", 0o040),
    ("S_IWGRP", 0o020),
    ("S_IXGRP", 0o010),
    ("S_IRWXO", 0o007),
    ("S_IROTH", 0o004),
    ("S_IWOTH", 0o002),
    ("S_IXOTH", 0o001),
    ("UF_SETTABLE", 0x0000_ffff),
    ("UF_NODUMP", 0x1),
    ("UF_IMMUTABLE", 0x2),
    ("UF_APPEND", 0x4),
    ("UF_OPAQUE", 0x8),
    ("UF_NOUNLINK", 0x10),
    ("UF_COMPRESSED", 0x20),
    ("UF_TRACKED", 0x40),
    ("UF_DATAVAULT", 0x80),
    ("UF_HIDDEN", 0x8000),
    ("SF_SETTABLE", 0xffff_0000),
    ("SF_ARCHIVED", 0x0001_0000),
    ("SF_IMMUTABLE", 0x0002_0000),
    ("SF_APPEND", 0x0004_0000),
    ("SF_NOUNLINK", 0x0010_0000),
    ("SF_SNAPSHOT", 0x0020_0000),
    ("SF_FIRMLINK", 0x0080_0000),
    ("SF_DATALESS", 0x4000_0000),
    ("ST_MODE", 0),
    ("ST_INO", 1),
    ("ST_DEV", 2),
    ("ST_NLINK", 3),
    ("ST_UID", 4),
    ("ST_GID", 5),
    ("ST_SIZE", 6),
    ("ST_ATIME", 7),
    ("ST_MTIME", 8),
    ("ST_CTIME", 9),
];

fn to_mode(vm: &Vm, mode: &Value) -> PyResult<u32> {
    if vm.small_or_big(mode).is_none() {
        return Err(vm.type_error(format!("'{}' object cannot be interpreted as an integer", vm.type_name(mode))));
    }
    match vm.small_or_big(mode) {
        Some(Ok(number)) if number < 0 => Err(vm.overflow_error("can't convert negative value to unsigned int")),
        Some(Ok(number)) => u32::try_from(number).map_err(|_| vm.overflow_error("mode out of range")),
        _ => Err(vm.overflow_error("Python int too large to convert to C unsigned long")),
    }
}

fn never(vm: &Vm, _: &Value, mode: &Value) -> PyResult {
    to_mode(vm, mode)?;
    Ok(Value::FALSE)
}

fn filemode(vm: &Vm, _: &Value, mode: &Value) -> PyResult {
    let mode = to_mode(vm, mode)?;
    let kind = match mode & libc::S_IFMT {
        libc::S_IFREG => '-',
        libc::S_IFDIR => 'd',
        libc::S_IFLNK => 'l',
        libc::S_IFBLK => 'b',
        libc::S_IFCHR => 'c',
        libc::S_IFIFO => 'p',
        libc::S_IFSOCK => 's',
        _ => '?',
    };
    let mut text = String::from(kind);
    for (shift, special, marks) in [(6, 0o4000, ['s', 'S']), (3, 0o2000, ['s', 'S']), (0, 0o1000, ['t', 'T'])] {
        text.push(if mode >> shift & 4 != 0 { 'r' } else { '-' });
        text.push(if mode >> shift & 2 != 0 { 'w' } else { '-' });
        let executable = mode >> shift & 1 != 0;
        text.push(match (mode & special != 0, executable) {
            (true, true) => marks[0],
            (true, false) => marks[1],
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    Ok(vm.new_str(&text))
}
