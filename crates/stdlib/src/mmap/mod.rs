//! `mmap`: memory that is a file. Here are the module, how mappings are made, and their memory as others see it; the
//! methods that read and write are in [`methods`].

mod methods;

use crate::bodies::bind;
use oriel_runtime::args::Signature;
use oriel_runtime::buffer::BufferView;
use oriel_runtime::platform::files;
use oriel_runtime::platform::mappings::Mapping;
use oriel_runtime::platform::processes;
use oriel_runtime::types::slice::Slice;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, GetSetDef, Layout, ModuleSpec, PyResult, Ref, TypeSpec, Value, Vm, type_flags};
use std::cell::{Cell, RefCell};
use std::sync::OnceLock;

/// `mmap`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "mmap",
    doc: "Memory that is a file.",
    functions: &[],
    exec: |vm, module| {
        for (name, value) in CONSTANTS {
            vm.module_set(module, name, vm.new_int((*value).into()))?;
        }
        let page = vm.new_int(processes::sysconf(libc::_SC_PAGESIZE).unwrap_or(4096));
        vm.module_set(module, "PAGESIZE", page.clone())?;
        vm.module_set(module, "ALLOCATIONGRANULARITY", page)?;
        vm.module_set(module, "error", vm.types.os_error.to_value())?;
        vm.module_type(module, &TYPE)?;
        Ok(())
    },
};

const CONSTANTS: &[(&str, i32)] = &[
    ("PROT_EXEC", libc::PROT_EXEC),
    ("PROT_READ", libc::PROT_READ),
    ("PROT_WRITE", libc::PROT_WRITE),
    ("MAP_SHARED", libc::MAP_SHARED),
    ("MAP_PRIVATE", libc::MAP_PRIVATE),
    ("MAP_DENYWRITE", libc::MAP_DENYWRITE),
    ("MAP_EXECUTABLE", libc::MAP_EXECUTABLE),
    ("MAP_ANON", libc::MAP_ANON),
    ("MAP_ANONYMOUS", libc::MAP_ANONYMOUS),
    ("MAP_POPULATE", libc::MAP_POPULATE),
    ("MAP_STACK", libc::MAP_STACK),
    ("MAP_NORESERVE", libc::MAP_NORESERVE),
    #[cfg(target_arch = "x86_64")]
    ("MAP_32BIT", libc::MAP_32BIT),
    ("ACCESS_DEFAULT", 0),
    ("ACCESS_READ", 1),
    ("ACCESS_WRITE", 2),
    ("ACCESS_COPY", 3),
    ("MADV_NORMAL", libc::MADV_NORMAL),
    ("MADV_RANDOM", libc::MADV_RANDOM),
    ("MADV_SEQUENTIAL", libc::MADV_SEQUENTIAL),
    ("MADV_WILLNEED", libc::MADV_WILLNEED),
    ("MADV_DONTNEED", libc::MADV_DONTNEED),
    ("MADV_REMOVE", libc::MADV_REMOVE),
    ("MADV_DONTFORK", libc::MADV_DONTFORK),
    ("MADV_DOFORK", libc::MADV_DOFORK),
    ("MADV_HWPOISON", libc::MADV_HWPOISON),
    ("MADV_MERGEABLE", libc::MADV_MERGEABLE),
    ("MADV_UNMERGEABLE", libc::MADV_UNMERGEABLE),
    ("MADV_HUGEPAGE", libc::MADV_HUGEPAGE),
    ("MADV_NOHUGEPAGE", libc::MADV_NOHUGEPAGE),
    ("MADV_DONTDUMP", libc::MADV_DONTDUMP),
    ("MADV_DODUMP", libc::MADV_DODUMP),
    ("MADV_FREE", libc::MADV_FREE),
];

/// What a mapping may be used for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Default,
    Read,
    Write,
    Copy,
}

impl Access {
    fn name(self) -> &'static str {
        match self {
            Access::Default => "ACCESS_DEFAULT",
            Access::Read => "ACCESS_READ",
            Access::Write => "ACCESS_WRITE",
            Access::Copy => "ACCESS_COPY",
        }
    }
}

/// A descriptor that is closed with its owner; -1 for none.
struct Descriptor(Cell<i32>);

impl Descriptor {
    fn close(&self) {
        let descriptor = self.0.replace(-1);
        if descriptor >= 0 {
            let _ = files::close(descriptor);
        }
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        self.close();
    }
}

/// The body of an `mmap`.
pub struct Mmap {
    mapping: RefCell<Option<Mapping>>,
    position: Cell<usize>,
    exports: Cell<usize>,
    descriptor: Descriptor,
    tracked: bool,
    flags: i32,
    readable: bool,
    access: Access,
    offset: i64,
}

static LAYOUT: Layout = Layout::of::<Mmap>("mmap.mmap", None);

impl Body for Mmap {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

static TYPE: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::WEAKREF,
    doc: "Memory that is a file: mmap(fileno, length, flags=MAP_SHARED, prot=PROT_READ|PROT_WRITE, \
          access=ACCESS_DEFAULT, offset=0, *, trackfd=True)",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.repr.set(Some(repr));
        slots.buffer.set(Some(lend));
        slots.sq_length.set(Some(|vm, this| mmap(vm, this)?.len(vm)));
        slots.mp_length.set(Some(|vm, this| mmap(vm, this)?.len(vm)));
        // Iteration gives pieces of one byte, subscripts give numbers: so it is in CPython.
        slots.sq_item.set(Some(|vm, this, index| {
            let body = mmap(vm, this)?;
            let index = at(vm, body, index)?;
            let byte = body.with(vm, |bytes| bytes.get(index).copied().unwrap_or(0))?;
            Ok(vm.new_bytes(&[byte]))
        }));
        slots.mp_subscript.set(Some(subscript));
        slots.mp_ass_subscript.set(Some(assign));
    },
    methods: methods::METHODS,
    getset: &[GetSetDef::readonly(
        "closed",
        |vm, this| Ok(Value::bool(mmap(vm, this)?.mapping.borrow().is_none())),
        "",
    )],
    ..TypeSpec::new("mmap.mmap", Mmap::layout)
};

fn mmap<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Mmap>> {
    vm.body(this)
}

impl Mmap {
    /// Number of bytes of an open mapping.
    fn len(&self, vm: &Vm) -> PyResult<usize> {
        self.with_mapping(vm, Mapping::len)
    }

    fn with_mapping<R>(&self, vm: &Vm, function: impl FnOnce(&Mapping) -> R) -> PyResult<R> {
        match &*self.mapping.borrow() {
            Some(mapping) => Ok(function(mapping)),
            None => Err(vm.value_error("mmap closed or invalid")),
        }
    }

    /// Lends the bytes.
    fn with<R>(&self, vm: &Vm, function: impl FnOnce(&[u8]) -> R) -> PyResult<R> {
        if !self.readable {
            return Err(vm.type_error("mmap can't read a memory map without protection to read."));
        }
        self.with_mapping(vm, |mapping| mapping.with(function))
    }

    /// Lends the bytes for writing.
    fn with_mut<R>(&self, vm: &Vm, function: impl FnOnce(&mut [u8]) -> R) -> PyResult<R> {
        self.check_writable(vm)?;
        match &mut *self.mapping.borrow_mut() {
            Some(mapping) => Ok(mapping.with_mut(function)),
            None => Err(vm.value_error("mmap closed or invalid")),
        }
    }

    fn check_writable(&self, vm: &Vm) -> PyResult<()> {
        if self.access == Access::Read {
            return Err(vm.type_error("mmap can't modify a readonly memory map."));
        }
        Ok(())
    }
}

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let signature = "(fileno, length, flags=1, prot=3, access=0, offset=0, *, trackfd=True)";
    let [fileno, length, flags, protection, access, offset, tracked] =
        bind::<7>(vm, &SIGNATURE, signature, "mmap", args)?;
    let number = |value: Option<&Value>, default| value.map_or(Ok(default), |value| vm.to_i32(value));
    let descriptor = number(fileno, -1)?;
    let length = length.map_or(Ok(0), |length| vm.to_isize_index(length))?;
    let mut flags = number(flags, libc::MAP_SHARED)?;
    let both = libc::PROT_READ | libc::PROT_WRITE;
    let mut protection = number(protection, both)?;
    let access = number(access, 0)?;
    let offset = offset.map_or(Ok(0), |offset| vm.to_i64(offset))?;
    let tracked = tracked.map_or(Ok(true), |tracked| vm.truth(tracked))?;
    let Ok(mut length) = usize::try_from(length) else {
        return Err(vm.overflow_error("memory mapped length must be positive"));
    };
    if offset < 0 {
        return Err(vm.overflow_error("memory mapped offset must be positive"));
    }
    if access != 0 && (flags != libc::MAP_SHARED || protection != both) {
        return Err(vm.value_error("mmap can't specify both access and flags, prot."));
    }
    let access = match access {
        0 if protection & both == both => Access::Default,
        0 if protection & libc::PROT_WRITE != 0 => Access::Write,
        0 => Access::Read,
        1 => {
            protection = libc::PROT_READ;
            Access::Read
        }
        2 => Access::Write,
        3 => {
            flags = libc::MAP_PRIVATE;
            Access::Copy
        }
        _ => return Err(vm.value_error("mmap invalid access parameter.")),
    };
    let event = [descriptor.into(), length as i64, access as i64, offset].map(|number| vm.new_int(number));
    vm.audit("mmap.__new__", &event)?;
    if descriptor != -1
        && let Ok(stat) = vm.allow_threads(|| files::fstat(descriptor))
        && stat.st_mode & libc::S_IFMT == libc::S_IFREG
    {
        if length == 0 {
            if stat.st_size == 0 {
                return Err(vm.value_error("cannot mmap an empty file"));
            }
            if offset >= stat.st_size {
                return Err(vm.value_error("mmap offset is greater than file size"));
            }
            length = usize::try_from(stat.st_size - offset).map_err(|_| vm.value_error("mmap length is too large"))?;
        } else if offset > stat.st_size || ((stat.st_size - offset) as u64) < length as u64 {
            return Err(vm.value_error("mmap length is greater than file size"));
        }
    }
    let own = Descriptor(Cell::new(-1));
    if descriptor == -1 {
        flags |= libc::MAP_ANONYMOUS;
    } else if tracked {
        let copy = files::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, 0).map_err(|errno| vm.os_error(errno))?;
        own.0.set(copy as i32);
    }
    let mapping = vm
        .allow_threads(|| Mapping::new(length, protection, flags, descriptor, offset))
        .map_err(|errno| vm.os_error(errno))?;
    let body = Mmap {
        mapping: RefCell::new(Some(mapping)),
        position: Cell::new(0),
        exports: Cell::new(0),
        descriptor: own,
        tracked,
        flags,
        readable: protection & both != 0,
        access,
        offset,
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let body = mmap(vm, this)?;
    let name = vm.type_name(this);
    let Ok(len) = body.len(vm) else { return Ok(vm.new_str(&format!("<{name} closed=True>"))) };
    let (access, position, offset) = (body.access.name(), body.position.get(), body.offset);
    Ok(vm.new_str(&format!("<{name} closed=False, access={access}, length={len}, pos={position}, offset={offset}>")))
}

fn lend(vm: &Vm, this: &Value, writable: bool) -> PyResult<BufferView> {
    let body = mmap(vm, this)?;
    let readonly = body.access == Access::Read;
    if writable && readonly {
        return Err(vm.buffer_error("Object is not writable."));
    }
    body.with(vm, |_| ())?;
    let (start, len) = body.with_mapping(vm, |mapping| (mapping.start(), mapping.len()))?;
    body.exports.set(body.exports.get() + 1);
    Ok(BufferView::bytes(this.clone(), start, len, readonly, Some(give_back)))
}

fn give_back(owner: &Value) {
    if let Some(body) = owner.downcast::<Mmap>() {
        body.exports.set(body.exports.get().saturating_sub(1));
    }
}

fn at(vm: &Vm, body: &Mmap, index: isize) -> PyResult<usize> {
    let len = body.len(vm)?;
    match usize::try_from(index) {
        Ok(index) if index < len => Ok(index),
        _ => Err(vm.index_error("mmap index out of range")),
    }
}

fn item(vm: &Vm, this: &Value, index: isize) -> PyResult {
    let body = mmap(vm, this)?;
    let index = at(vm, body, index)?;
    let byte = body.with(vm, |bytes| bytes.get(index).copied().unwrap_or(0))?;
    Ok(Value::small(byte.into()))
}

fn key_index(vm: &Vm, body: &Mmap, key: &Value, message: &str) -> PyResult<usize> {
    if vm.type_of(key).slots.nb_index.get().is_none() {
        return Err(vm.type_error(message));
    }
    let index = vm.to_isize_index(key)?;
    let len = body.len(vm)? as isize;
    at(vm, body, if index < 0 { index + len } else { index })
}

fn subscript(vm: &Vm, this: &Value, key: &Value) -> PyResult {
    let body = mmap(vm, this)?;
    body.len(vm)?;
    if let Some(slice) = key.downcast::<Slice>() {
        let (start, stop, step) = slice.unpack(vm)?;
        let range = oriel_runtime::types::slice::SliceRange::clip(body.len(vm)?, start, stop, step);
        let mut out = Vec::new();
        out.try_reserve_exact(range.count).map_err(|_| vm.memory_error())?;
        body.with(vm, |bytes| {
            if range.step == 1 {
                out.extend_from_slice(&bytes[range.start as usize..][..range.count]);
            } else {
                out.extend(range.positions().map(|at| bytes[at]));
            }
        })?;
        return vm.try_new_bytes(&out);
    }
    let index = key_index(vm, body, key, "mmap indices must be integers")?;
    item(vm, this, index as isize)
}

fn assign(vm: &Vm, this: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let body = mmap(vm, this)?;
    body.len(vm)?;
    body.check_writable(vm)?;
    if let Some(slice) = key.downcast::<Slice>() {
        let (start, stop, step) = slice.unpack(vm)?;
        let Some(value) = value else { return Err(vm.type_error("mmap object doesn't support slice deletion")) };
        // Copied, because it may be this very memory.
        let new = vm.operand(value)?.to_vec();
        let range = oriel_runtime::types::slice::SliceRange::clip(body.len(vm)?, start, stop, step);
        if new.len() != range.count {
            return Err(vm.index_error("mmap slice assignment is wrong size"));
        }
        return body.with_mut(vm, |bytes| {
            for (at, byte) in range.positions().zip(new) {
                bytes[at] = byte;
            }
        });
    }
    let index = key_index(vm, body, key, "mmap indices must be integer")?;
    let Some(value) = value else { return Err(vm.type_error("mmap doesn't support item deletion")) };
    if vm.type_of(value).slots.nb_index.get().is_none() {
        return Err(vm.type_error("mmap item value must be an int"));
    }
    let Ok(byte) = u8::try_from(vm.to_isize_clipped(value)?) else {
        return Err(vm.value_error("mmap item value must be in range(0, 256)"));
    };
    // Asking for the number may have closed or resized the mapping.
    let index = at(vm, body, index as isize)?;
    body.with_mut(vm, |bytes| bytes[index] = byte)
}
