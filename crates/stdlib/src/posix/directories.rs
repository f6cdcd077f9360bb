//! Folders: listing, scanning, the current one.

use super::{OrRaise, flag, stat};
use oriel_runtime::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use oriel_runtime::paths::PathOptions;
use oriel_runtime::platform::directories::Folder;
use oriel_runtime::platform::{files, names};
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Body, Bound, Layout, PyResult, Ref, Value, Visitor, Vm};
use std::cell::{Cell, OnceCell, RefCell};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::noargs(
        "getcwd",
        |vm, _| Ok(vm.fs_decode(&vm.allow_threads(names::getcwd).or_raise(vm)?)),
        "($module, /)",
        "Return the current folder.",
    ),
    MethodDef::noargs(
        "getcwdb",
        |vm, _| Ok(vm.new_bytes(&vm.allow_threads(names::getcwd).or_raise(vm)?)),
        "($module, /)",
        "Return the current folder as bytes.",
    ),
    MethodDef::bound("listdir", listdir, "($module, /, path=None)", "Return the names in a folder."),
    MethodDef::bound("scandir", scandir, "($module, /, path=None)", "Return an iterator of a folder's entries."),
];

#[derive(Default)]
struct Types {
    iterator: OnceCell<TypeRef>,
    entry: OnceCell<TypeRef>,
}

/// Makes the types of `scandir`.
pub fn add_types(vm: &Vm, module: &Value) -> PyResult<()> {
    let types = vm.state::<Types>();
    if types.iterator.get().is_none() {
        let _ = types.iterator.set(vm.new_type(&ITERATOR)?);
        let _ = types.entry.set(vm.new_type(&ENTRY)?);
    }
    for ty in [types.iterator.get(), types.entry.get()].into_iter().flatten() {
        vm.module_set(module, &ty.name_text(), ty.to_value())?;
    }
    Ok(())
}

fn listdir(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let options = PathOptions { nullable: true, descriptor: true };
    let target = vm.path_argument(args[0], "listdir", "path", options)?;
    vm.audit("os.listdir", std::slice::from_ref(&target.object))?;
    let shown = || format!("{:?}", target.as_c());
    let count = |names: &Vec<_>| names.len() as i64;
    let listed = vm.told_once("getdents", target.descriptor, shown, count, || {
        let mut folder = match target.descriptor {
            Some(descriptor) => Folder::of_descriptor(descriptor)?,
            None => Folder::open(target.as_c())?,
        };
        let mut found = Vec::new();
        while let Some(entry) = folder.next()? {
            found.push(entry.name);
        }
        Ok(found)
    });
    match listed {
        Ok(found) => {
            let values = found.iter().map(|name| vm.path_result(name, target.is_bytes)).collect();
            Ok(vm.new_list(values).into_value())
        }
        Err(errno) => Err(vm.path_error(errno, &target)),
    }
}

/// The iterator of `scandir`.
struct Scan {
    folder: RefCell<Option<Folder>>,
    /// The path as it was given; `None` for the current folder.
    path: Value,
    is_bytes: bool,
    /// The descriptor that was given.
    descriptor: Option<i32>,
}

static SCAN_LAYOUT: Layout = Layout::of::<Scan>("ScandirIterator", None);

impl Body for Scan {
    fn layout() -> &'static Layout {
        &SCAN_LAYOUT
    }
}

static ITERATOR: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.iter.set(Some(|_, this| Ok(this.clone())));
        slots.next.set(Some(next_entry));
    },
    methods: &[
        MethodDef::noargs("close", close, "", "Close the folder."),
        MethodDef::noargs("__enter__", |_, this| Ok(this.clone()), "", "Return the iterator."),
        MethodDef::args("__exit__", |vm, this, _| close(vm, this), "", "Close the folder."),
        MethodDef::noargs(
            "__del__",
            |vm, this| {
                let open = scan(vm, this)?.folder.borrow_mut().take().is_some();
                if open {
                    let text = format!("unclosed scandir iterator {}", vm.repr_text(this)?);
                    if let Err(raised) = vm.warn(&vm.types.resource_warning, &text, 1) {
                        vm.write_unraisable(raised, Some(this), "Exception ignored while finalizing scandir iterator");
                    }
                }
                Ok(Value::NONE)
            },
            "",
            "Close the folder, with a warning.",
        ),
    ],
    ..TypeSpec::new("posix.ScandirIterator", Scan::layout)
};

fn scan<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Scan>> {
    this.downcast().ok_or_else(|| vm.type_error("a scandir iterator is needed"))
}

fn close(vm: &Vm, this: &Value) -> PyResult {
    let folder = scan(vm, this)?.folder.borrow_mut().take();
    vm.allow_threads(|| drop(folder));
    Ok(Value::NONE)
}

fn scandir(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let options = PathOptions { nullable: true, descriptor: true };
    let target = vm.path_argument(args[0], "scandir", "path", options)?;
    vm.audit("os.scandir", std::slice::from_ref(&target.object))?;
    let folder = vm.allow_threads(|| match target.descriptor {
        Some(descriptor) => Folder::of_descriptor(descriptor),
        None => Folder::open(target.as_c()),
    });
    let folder = folder.map_err(|errno| vm.path_error(errno, &target))?;
    let types = vm.state::<Types>();
    let Some(ty) = types.iterator.get() else { return Err(vm.runtime_error("the module posix is not there yet")) };
    let scan = Scan {
        folder: RefCell::new(Some(folder)),
        path: target.object.clone(),
        is_bytes: target.is_bytes,
        descriptor: target.descriptor,
    };
    Ok(vm.new_instance(ty, scan)?.into_value())
}

fn next_entry(vm: &Vm, this: &Value) -> PyResult<Option<Value>> {
    let own = scan(vm, this)?;
    // The folder is out of the cell while other threads may run: one of them sees the iterator as ended.
    let Some(mut folder) = own.folder.borrow_mut().take() else { return Ok(None) };
    let entry = vm.allow_threads(|| folder.next());
    let entry = match entry {
        Ok(Some(entry)) => entry,
        Ok(None) => return Ok(None),
        Err(errno) if own.path.is_none() => return Err(vm.os_error(errno)),
        Err(errno) => return Err(vm.os_error_with_path(errno, &own.path)),
    };
    own.folder.replace(Some(folder));
    let name = vm.path_result(&entry.name, own.is_bytes);
    let path = if own.descriptor.is_some() {
        name.clone()
    } else if own.path.is_none() {
        vm.path_result(&[b"./", &*entry.name].concat(), false)
    } else {
        let mut joined = vm.fs_bytes(&own.path)?;
        if !joined.is_empty() && joined.last() != Some(&b'/') {
            joined.push(b'/');
        }
        joined.extend_from_slice(&entry.name);
        vm.path_result(&joined, own.is_bytes)
    };
    let types = vm.state::<Types>();
    let Some(ty) = types.entry.get() else { return Err(vm.runtime_error("the module posix is not there yet")) };
    let body = DirEntry {
        name,
        path,
        kind: entry.kind,
        inode: entry.inode,
        folder: own.descriptor.unwrap_or(libc::AT_FDCWD),
        stat: OnceCell::new(),
        lstat: OnceCell::new(),
        mode: Cell::new(0),
    };
    Ok(Some(vm.new_instance(ty, body)?.into_value()))
}

/// An entry of a folder.
struct DirEntry {
    name: Value,
    path: Value,
    kind: u8,
    inode: u64,
    folder: i32,
    stat: OnceCell<Value>,
    lstat: OnceCell<Value>,
    /// The mode of the last `stat`.
    mode: Cell<u32>,
}

static ENTRY_LAYOUT: Layout = Layout::of::<DirEntry>("DirEntry", None);

impl Body for DirEntry {
    fn layout() -> &'static Layout {
        &ENTRY_LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.name);
        visitor(&self.path);
    }
}

static ENTRY: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.repr.set(Some(|vm, this| {
            let name = vm.repr_text(&entry(vm, this)?.name)?;
            Ok(vm.new_str(&format!("<DirEntry {name}>")))
        }));
    },
    methods: &[
        MethodDef::bound(
            "is_dir",
            |vm, this, args| is_kind(vm, this, flag(vm, args[0], true)?, libc::S_IFDIR, libc::DT_DIR),
            "($self, /, *, follow_symlinks=True)",
            "Return whether the entry is a folder.",
        ),
        MethodDef::bound(
            "is_file",
            |vm, this, args| is_kind(vm, this, flag(vm, args[0], true)?, libc::S_IFREG, libc::DT_REG),
            "($self, /, *, follow_symlinks=True)",
            "Return whether the entry is a file.",
        ),
        MethodDef::noargs(
            "is_symlink",
            |vm, this| is_kind(vm, this, false, libc::S_IFLNK, libc::DT_LNK),
            "($self, /)",
            "Return whether the entry is a symbolic link.",
        ),
        MethodDef::noargs("is_junction", |_, _| Ok(Value::FALSE), "($self, /)", "Return False: there are none here."),
        MethodDef::bound(
            "stat",
            |vm, this, args| entry_stat(vm, entry(vm, this)?, flag(vm, args[0], true)?),
            "($self, /, *, follow_symlinks=True)",
            "Return what is known of the entry.",
        ),
        MethodDef::noargs(
            "inode",
            |vm, this| Ok(vm.new_uint(entry(vm, this)?.inode)),
            "($self, /)",
            "Return the inode.",
        ),
        MethodDef::noargs("__fspath__", |vm, this| Ok(entry(vm, this)?.path.clone()), "($self, /)", "Return the path."),
        MethodDef::one(
            "__class_getitem__",
            |vm, class, item| vm.new_generic_alias(class, item),
            "",
            "A generic alias.",
        )
        .class_method(),
    ],
    getset: &[
        GetSetDef::readonly("name", |vm, this| Ok(entry(vm, this)?.name.clone()), "The name."),
        GetSetDef::readonly("path", |vm, this| Ok(entry(vm, this)?.path.clone()), "The path."),
    ],
    ..TypeSpec::new("posix.DirEntry", DirEntry::layout)
};

fn entry<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<DirEntry>> {
    this.downcast().ok_or_else(|| vm.type_error("a DirEntry is needed"))
}

fn fetch(vm: &Vm, own: &DirEntry, follow: bool) -> PyResult {
    let path = vm.fs_c_string(&own.path)?;
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    match vm.allow_threads(|| files::fstatat(own.folder, &path, flags)) {
        Ok(found) => {
            own.mode.set(found.st_mode);
            stat::stat_result(vm, &found)
        }
        Err(errno) => Err(vm.os_error_with_path(errno, &own.path)),
    }
}

fn entry_stat(vm: &Vm, own: &DirEntry, follow: bool) -> PyResult {
    let is_link = match own.kind {
        libc::DT_LNK => true,
        libc::DT_UNKNOWN => vm.truth(&kind_by_stat(vm, own, false, libc::S_IFLNK)?)?,
        _ => false,
    };
    let cell = if follow && is_link { &own.stat } else { &own.lstat };
    if let Some(known) = cell.get() {
        return Ok(known.clone());
    }
    let result = fetch(vm, own, follow && is_link)?;
    let _ = cell.set(result.clone());
    Ok(result)
}

fn kind_by_stat(vm: &Vm, own: &DirEntry, follow: bool, mode: u32) -> PyResult {
    let cell = if follow { &own.stat } else { &own.lstat };
    let result = match cell.get() {
        Some(known) => known.clone(),
        None => match fetch(vm, own, follow) {
            Ok(result) => {
                let _ = cell.set(result.clone());
                result
            }
            Err(raised) if vm.raised_is(&raised, &vm.types.file_not_found_error) => return Ok(Value::FALSE),
            Err(raised) => return Err(raised),
        },
    };
    let found = vm.get_item(&result, &Value::small(0))?;
    Ok(Value::bool(vm.to_i64(&found)? as u32 & libc::S_IFMT == mode))
}

fn is_kind(vm: &Vm, this: &Value, follow: bool, mode: u32, kind: u8) -> PyResult {
    let own = entry(vm, this)?;
    let needs_stat = own.kind == libc::DT_UNKNOWN || follow && own.kind == libc::DT_LNK;
    if needs_stat {
        return kind_by_stat(vm, own, follow, mode);
    }
    Ok(Value::bool(own.kind == kind))
}
