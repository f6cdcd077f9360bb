//! `_struct`: values packed into bytes and back.

use oriel_kernel::structpack::{self, Format, Item, PackError, Packed, Unpacked};
use oriel_runtime::buffer::BufferView;
use oriel_runtime::cells::{OptionCell, ValueCell};
use oriel_runtime::native::GetSetDef;
use oriel_runtime::types::bytes::Bytes;
use oriel_runtime::types::int::{Num, num_of};
use oriel_runtime::types::str::Str;
use oriel_runtime::types::type_object::{Subtype, TypeRef};
use oriel_runtime::{
    Args, Body, Layout, MethodDef, ModuleSpec, PyResult, Raised, Ref, TypeSpec, Value, Visitor, Vm, type_flags,
};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// The module's state.
#[derive(Default)]
struct State {
    error: OptionCell,
    structs: OnceCell<TypeRef>,
    iterators: OnceCell<TypeRef>,
    /// Formats read lately.
    cache: RefCell<HashMap<Vec<u8>, Rc<Format>>>,
    /// The one asked for last, with the `str` or `bytes` that said it.
    last: RefCell<Option<(Value, Rc<Format>)>>,
}

/// Formats kept before all are forgotten.
const CACHE: usize = 100;

/// `Struct`
struct Struct {
    format: RefCell<Option<Rc<Format>>>,
    source: ValueCell,
}

static STRUCT_LAYOUT: Layout = Layout::of::<Struct>("_struct.Struct", None);

impl Body for Struct {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &STRUCT_LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.source.visit(visitor);
    }
}

/// What `iter_unpack` returns.
struct UnpackIterator {
    format: Rc<Format>,
    buffer: OptionCell,
    view: RefCell<Option<BufferView>>,
    at: Cell<usize>,
}

static ITERATOR_LAYOUT: Layout = Layout::of::<UnpackIterator>("_struct.unpack_iterator", None);

impl Body for UnpackIterator {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &ITERATOR_LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.buffer.visit(visitor);
    }
    fn clear(&self) {
        drop(self.view.take());
        self.buffer.set(None);
    }
}

/// `_struct`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_struct",
    doc: "Functions to convert between Python values and C structs.",
    functions: &[
        MethodDef::noargs(
            "_clearcache",
            |vm, _| {
                vm.state::<State>().cache.take();
                drop(vm.state::<State>().last.take());
                Ok(Value::NONE)
            },
            "($module, /)",
            "Forgets the formats read.",
        ),
        MethodDef::one(
            "calcsize",
            |vm, _, format| Ok(vm.new_int(format_of(vm, format)?.size as i64)),
            "($module, format, /)",
            "Bytes that a format takes.",
        ),
        MethodDef::positional(
            "iter_unpack",
            2,
            2,
            |vm, _, args| iter_unpack(vm, format_of(vm, &args[0])?, &args[1]),
            "($module, format, buffer, /)",
            "Unpacks one piece of a buffer after the other.",
        ),
        MethodDef::args(
            "pack",
            |vm, _, args| {
                let values = positional(vm, args, "pack")?;
                let Some((format, values)) = values.split_first() else {
                    return Err(vm.type_error("missing format argument"));
                };
                pack(vm, &*format_of(vm, format)?, values)
            },
            "",
            "Packs values into bytes.",
        ),
        MethodDef::args(
            "pack_into",
            |vm, _, args| {
                let values = positional(vm, args, "pack_into")?;
                let Some((format, values)) = values.split_first() else {
                    return Err(vm.type_error("missing format argument"));
                };
                pack_into(vm, &*format_of(vm, format)?, values)
            },
            "",
            "Packs values into a buffer.",
        ),
        MethodDef::positional(
            "unpack",
            2,
            2,
            |vm, _, args| unpack(vm, &*format_of(vm, &args[0])?, &args[1]),
            "($module, format, buffer, /)",
            "Unpacks a buffer.",
        ),
        MethodDef::bound(
            "unpack_from",
            |vm, _, args| {
                let Some(format) = args[0] else { return Err(vm.type_error("missing format argument")) };
                unpack_from(vm, &*format_of(vm, format)?, args[1], args[2])
            },
            "($module, format, /, buffer, offset=0)",
            "Unpacks a part of a buffer.",
        ),
    ],
    exec: |vm, module| {
        let state = vm.state::<State>();
        // A module that is made again shares its exception with the first one.
        let error = match state.error.get() {
            Some(error) => error,
            None => crate::bodies::exception(vm, "struct", "error", &vm.types.exception)?.into_value(),
        };
        state.error.set(Some(error.clone()));
        vm.module_set(module, "error", error)?;
        let structs = vm.module_type(module, &STRUCT)?;
        let _ = state.structs.set(structs);
        let _ = state.iterators.set(vm.new_type(&ITERATOR)?);
        Ok(())
    },
};

static STRUCT: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::WEAKREF,
    doc: "Struct(fmt) --> compiled struct object",
    slots: |slots| {
        slots.new.set(Some(|vm, class, _| {
            let body = Struct { format: RefCell::new(None), source: ValueCell::new(Value::NONE) };
            Ok(vm.new_instance(class, body)?.into_value())
        }));
        slots.init.set(Some(|vm, this, args| {
            let given = match (args.positional(), args.names) {
                ([format], []) => format,
                ([], [name]) if vm.str_text(name) == "format" => &args.values[0],
                (positional, _) => {
                    return Err(vm.type_error(match positional.len() {
                        0 => "Struct() missing required argument 'format' (pos 1)".into(),
                        given => format!("Struct() takes exactly 1 argument ({given} given)"),
                    }));
                }
            };
            let this = own(vm, this)?;
            let format = format_of(vm, given)?;
            let text = match vm.bytes_of(given) {
                Some(bytes) => vm.new_str(&String::from_utf8_lossy(&bytes)),
                None => vm.new_str(&vm.str_text(given)),
            };
            this.source.set(text);
            *this.format.borrow_mut() = Some(format);
            Ok(())
        }));
        slots.repr.set(Some(|vm, this| {
            if own(vm, this)?.format.borrow().is_none() {
                return Err(vm.runtime_error("Struct object is not initialized"));
            }
            let text = vm.repr_text(&own(vm, this)?.source.get())?;
            let name = vm.str_text(&vm.type_of(this).name.get());
            Ok(vm.new_str(&format!("{name}({text})")))
        }));
    },
    methods: &[
        MethodDef::one(
            "iter_unpack",
            |vm, this, buffer| iter_unpack(vm, own_format(vm, this)?, buffer),
            "($self, buffer, /)",
            "Unpacks one piece of a buffer after the other.",
        ),
        MethodDef::args(
            "pack",
            |vm, this, args| {
                let values = positional(vm, args, "Struct.pack")?;
                pack(vm, &*own_format(vm, this)?, values)
            },
            "",
            "Packs values into bytes.",
        ),
        MethodDef::args(
            "pack_into",
            |vm, this, args| {
                let values = positional(vm, args, "Struct.pack_into")?;
                pack_into(vm, &*own_format(vm, this)?, values)
            },
            "",
            "Packs values into a buffer.",
        ),
        MethodDef::one(
            "unpack",
            |vm, this, buffer| unpack(vm, &*own_format(vm, this)?, buffer),
            "($self, buffer, /)",
            "Unpacks a buffer.",
        ),
        MethodDef::bound(
            "unpack_from",
            |vm, this, args| unpack_from(vm, &*own_format(vm, this)?, args[0], args[1]),
            "($self, /, buffer, offset=0)",
            "Unpacks a part of a buffer.",
        ),
        MethodDef::noargs(
            "__sizeof__",
            |vm, this| {
                let items = own_format(vm, this)?.items.len();
                Ok(vm.new_int(64 + 32 * (items as i64 + 1)))
            },
            "($self, /)",
            "Bytes of memory.",
        ),
    ],
    getset: &[
        GetSetDef::readonly(
            "format",
            |vm, this| {
                own_format(vm, this)?;
                Ok(own(vm, this)?.source.get())
            },
            "The format.",
        ),
        GetSetDef::readonly(
            "size",
            |vm, this| {
                let size = own(vm, this)?.format.borrow().as_ref().map(|format| format.size as i64);
                Ok(vm.new_int(size.unwrap_or(-1)))
            },
            "Bytes that the format takes.",
        ),
    ],
    ..TypeSpec::new("_struct.Struct", Struct::layout)
};

static ITERATOR: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.iter.set(Some(|_, this| Ok(this.clone())));
        slots.next.set(Some(next_piece));
    },
    methods: &[MethodDef::noargs(
        "__length_hint__",
        |vm, this| {
            let iterator = iterator(vm, this)?;
            let len = iterator.view.borrow().as_ref().map_or(0, |view| view.len);
            let left = len.saturating_sub(iterator.at.get()) / iterator.format.size.max(1);
            Ok(vm.new_int(left as i64))
        },
        "($self, /)",
        "Pieces left.",
    )],
    ..TypeSpec::new("_struct.unpack_iterator", UnpackIterator::layout)
};

fn own<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Struct>> {
    this.downcast().ok_or_else(|| vm.type_error("a Struct is needed"))
}

fn iterator<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<UnpackIterator>> {
    this.downcast().ok_or_else(|| vm.type_error("an unpack_iterator is needed"))
}

fn own_format(vm: &Vm, this: &Value) -> PyResult<Rc<Format>> {
    match own(vm, this)?.format.borrow().as_ref() {
        Some(format) => Ok(format.clone()),
        None => Err(vm.runtime_error("Struct object is not initialized")),
    }
}

/// `struct.error`
fn error(vm: &Vm, text: impl AsRef<str>) -> Raised {
    match vm.state::<State>().error.get() {
        Some(class) => match vm.call(&class, &[vm.new_str(text.as_ref())]) {
            Ok(error) => Raised(error),
            Err(raised) => raised,
        },
        None => vm.value_error(text),
    }
}

fn positional<'a>(vm: &Vm, args: Args<'a>, name: &str) -> PyResult<&'a [Value]> {
    args.no_keywords(vm, name)?;
    Ok(args.values)
}

/// The format that a `str` or `bytes` says.
fn format_of(vm: &Vm, given: &Value) -> PyResult<Rc<Format>> {
    let state = vm.state::<State>();
    if let Some((source, format)) = &*state.last.borrow()
        && source.is(given)
    {
        return Ok(format.clone());
    }
    let format = format_said(vm, given)?;
    // Of these the text never changes.
    if given.downcast::<Str>().is_some() || given.downcast::<Bytes>().is_some() {
        let old = state.last.replace(Some((given.clone(), format.clone())));
        drop(old);
    }
    Ok(format)
}

fn format_said(vm: &Vm, given: &Value) -> PyResult<Rc<Format>> {
    if let Some(structure) = given.downcast::<Struct>()
        && let Some(format) = structure.format.borrow().as_ref()
    {
        return Ok(format.clone());
    }
    let text = match (given.downcast::<Str>(), given.downcast::<Bytes>()) {
        (Some(text), _) => match text.as_ascii() {
            Some(text) => text.as_bytes().to_vec(),
            // Raises the UnicodeEncodeError.
            None => {
                let encoded = vm.call_method_str(given, "encode", &[vm.new_str("ascii")])?;
                vm.bytes_of(&encoded).unwrap_or_default()
            }
        },
        (None, Some(bytes)) => bytes.as_slice().to_vec(),
        _ => {
            let name = vm.type_name(given);
            return Err(vm.type_error(format!("Struct() argument 1 must be a str or bytes object, not {name}")));
        }
    };
    let state = vm.state::<State>();
    if let Some(format) = state.cache.borrow().get(&text) {
        return Ok(format.clone());
    }
    let format = Rc::new(Format::parse(&text).map_err(|problem| error(vm, problem.0))?);
    let mut cache = state.cache.borrow_mut();
    if cache.len() >= CACHE {
        cache.clear();
    }
    cache.insert(text, format.clone());
    Ok(format)
}

/// Packs values into `out`, which has the format's size and is zero.
fn pack_values(vm: &Vm, format: &Format, values: &[Value], out: &mut [u8]) -> PyResult<()> {
    let mut values = values.iter();
    for item in &format.items {
        for number in 0..item.repeat {
            let Some(value) = values.next() else { return Ok(()) };
            let at = item.offset + number * item.size;
            let Some(slot) = out.get_mut(at..at + item.size) else { return Ok(()) };
            pack_one(vm, format, item, value, slot)?;
        }
    }
    Ok(())
}

fn pack_one(vm: &Vm, format: &Format, item: &Item, value: &Value, slot: &mut [u8]) -> PyResult<()> {
    let done = |packed: Packed<'_>, slot: &mut [u8]| match structpack::pack(item, format.big_endian, packed, slot) {
        Ok(()) => Ok(()),
        Err(PackError::Struct(text)) => Err(error(vm, text)),
        Err(PackError::Overflow(_)) if num_of(value).is_some() => Err(error(vm, "int too large to convert")),
        Err(PackError::Overflow(text)) => Err(vm.overflow_error(text)),
        Err(PackError::Kind) => Err(error(vm, "bad value for struct format")),
    };
    match item.code {
        b'?' => done(Packed::Bool(vm.truth(value)?), slot),
        b'e' | b'f' | b'd' => {
            let number = vm.to_f64(value).map_err(|raised| {
                if vm.type_of(&raised.0).is_subtype(&vm.types.overflow_error) {
                    return error(vm, "int too large to convert");
                }
                error(vm, "required argument is not a float")
            })?;
            done(Packed::Float(number), slot)
        }
        b'F' | b'D' => {
            let number = vm.to_complex(value).map_err(|_| error(vm, "required argument is not a complex"))?;
            done(Packed::Complex(number), slot)
        }
        b'c' => match value.downcast::<Bytes>() {
            Some(bytes) => done(Packed::Bytes(bytes.as_slice()), slot),
            None => Err(error(vm, "char format requires a bytes object of length 1")),
        },
        b's' | b'p' => match value.downcast::<Bytes>() {
            Some(bytes) => done(Packed::Bytes(bytes.as_slice()), slot),
            None => match vm.bytes_of(value) {
                Some(bytes) => done(Packed::Bytes(&bytes), slot),
                None => {
                    let code = char::from(item.code);
                    Err(error(vm, format!("argument for '{code}' must be a bytes object")))
                }
            },
        },
        _ => {
            let index = if num_of(value).is_some() {
                value.clone()
            } else if vm.type_of(value).slots.nb_index.get().is_some() {
                vm.index(value)?
            } else {
                return Err(error(vm, "required argument is not an integer"));
            };
            let number = match num_of(&index) {
                Some(Num::Small(number)) => Some(i128::from(number)),
                Some(Num::Big(number)) => i128::try_from(number).ok(),
                None => None,
            };
            done(Packed::Int(number), slot)
        }
    }
}

fn check_values(vm: &Vm, format: &Format, name: &str, values: &[Value]) -> PyResult<()> {
    if values.len() == format.values {
        return Ok(());
    }
    let (wanted, given) = (format.values, values.len());
    Err(error(vm, format!("{name} expected {wanted} items for packing (got {given})")))
}

fn zeros(vm: &Vm, size: usize) -> PyResult<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size).map_err(|_| vm.memory_error())?;
    bytes.resize(size, 0);
    Ok(bytes)
}

fn pack(vm: &Vm, format: &Format, values: &[Value]) -> PyResult {
    check_values(vm, format, "pack", values)?;
    let mut bytes = zeros(vm, format.size)?;
    pack_values(vm, format, values, &mut bytes)?;
    vm.try_new_bytes(&bytes)
}

fn pack_into(vm: &Vm, format: &Format, args: &[Value]) -> PyResult {
    let (buffer, offset, values) = match args {
        [] => return Err(error(vm, "pack_into expected buffer argument")),
        [_] => return Err(error(vm, "pack_into expected offset argument")),
        [buffer, offset, values @ ..] => (buffer, offset, values),
    };
    check_values(vm, format, "pack_into", values)?;
    let view = vm.writable_argument(buffer, "argument")?;
    let offset = vm.to_isize(offset)?;
    let (size, len) = (format.size as isize, view.len as isize);
    if offset < 0 {
        if offset + size > 0 {
            return Err(error(vm, format!("no space to pack {size} bytes at offset {offset}")));
        }
        if offset + len < 0 {
            return Err(error(vm, format!("offset {offset} out of range for {len}-byte buffer")));
        }
    }
    let start = if offset < 0 { offset + len } else { offset };
    if len - start < size {
        let wanted = size as i128 + start as i128;
        return Err(error(
            vm,
            format!(
                "pack_into requires a buffer of at least {wanted} bytes for packing {size} bytes at offset {start} \
                 (actual buffer size is {len})"
            ),
        ));
    }
    // Converting values may run code: packed aside first, then copied in one go.
    let mut bytes = zeros(vm, format.size)?;
    pack_values(vm, format, values, &mut bytes)?;
    let start = start as usize;
    let copied = view.with_bytes_mut(|memory| {
        if let Some(target) = memory.get_mut(start..start + bytes.len()) {
            target.copy_from_slice(&bytes);
        }
    });
    match copied {
        Some(()) => Ok(Value::NONE),
        None => Err(vm.type_error("pack_into() argument 2 must be read-write bytes-like object")),
    }
}

/// The values in `bytes`, which has the format's size.
fn values_of(vm: &Vm, format: &Format, bytes: &[u8]) -> PyResult {
    let mut values = Vec::new();
    values.try_reserve_exact(format.values).map_err(|_| vm.memory_error())?;
    for item in &format.items {
        for number in 0..item.repeat {
            let at = item.offset + number * item.size;
            let piece = bytes.get(at..at + item.size).unwrap_or(&[]);
            values.push(match structpack::unpack(item, format.big_endian, piece) {
                Unpacked::Int(number) => vm.new_int(number),
                Unpacked::Unsigned(number) => vm.new_uint(number),
                Unpacked::Float(number) => vm.new_float(number),
                Unpacked::Complex(number) => vm.new_complex(number),
                Unpacked::Bool(truth) => Value::bool(truth),
                Unpacked::Bytes(bytes) => vm.try_new_bytes(bytes)?,
            });
        }
    }
    Ok(vm.new_tuple(&values))
}

/// Lends a part of a buffer; what is done with it runs no Python code.
fn with_part<R>(vm: &Vm, buffer: &Value, part: impl FnOnce(&[u8]) -> R) -> PyResult<R> {
    if let Some(bytes) = buffer.downcast::<Bytes>() {
        return Ok(part(bytes.as_slice()));
    }
    Ok(vm.buffer(buffer, false)?.with_bytes(part))
}

fn unpack(vm: &Vm, format: &Format, buffer: &Value) -> PyResult {
    with_part(vm, buffer, |bytes| {
        if bytes.len() != format.size {
            return Err(error(vm, format!("unpack requires a buffer of {} bytes", format.size)));
        }
        values_of(vm, format, bytes)
    })?
}

fn unpack_from(vm: &Vm, format: &Format, buffer: Option<&Value>, offset: Option<&Value>) -> PyResult {
    let Some(buffer) = buffer else {
        return Err(vm.type_error("unpack_from() missing required argument 'buffer' (pos 1)"));
    };
    let offset = offset.map_or(Ok(0), |offset| vm.to_isize(offset))?;
    with_part(vm, buffer, |bytes| {
        let (size, len) = (format.size as isize, bytes.len() as isize);
        if offset < 0 {
            if offset + size > 0 {
                return Err(error(vm, format!("not enough data to unpack {size} bytes at offset {offset}")));
            }
            if offset + len < 0 {
                return Err(error(vm, format!("offset {offset} out of range for {len}-byte buffer")));
            }
        }
        let start = if offset < 0 { offset + len } else { offset };
        if len - start < size {
            let wanted = size as i128 + start as i128;
            return Err(error(
                vm,
                format!(
                    "unpack_from requires a buffer of at least {wanted} bytes for unpacking {size} bytes at offset \
                     {start} (actual buffer size is {len})"
                ),
            ));
        }
        let start = start as usize;
        values_of(vm, format, bytes.get(start..start + format.size).unwrap_or(&[]))
    })?
}

fn iter_unpack(vm: &Vm, format: Rc<Format>, buffer: &Value) -> PyResult {
    if format.size == 0 {
        return Err(error(vm, "cannot iteratively unpack with a struct of length 0"));
    }
    let view = vm.buffer(buffer, false)?;
    if view.len % format.size != 0 {
        let size = format.size;
        return Err(error(vm, format!("iterative unpacking requires a buffer of a multiple of {size} bytes")));
    }
    let Some(class) = vm.state::<State>().iterators.get().cloned() else {
        return Err(vm.system_error("_struct is not initialized"));
    };
    let body = UnpackIterator {
        format,
        buffer: OptionCell::new(Some(buffer.clone())),
        view: RefCell::new(Some(view)),
        at: Cell::new(0),
    };
    Ok(vm.new_instance(&class, body)?.into_value())
}

fn next_piece(vm: &Vm, this: &Value) -> PyResult<Option<Value>> {
    let iterator = iterator(vm, this)?;
    let at = iterator.at.get();
    let size = iterator.format.size;
    let piece = match iterator.view.borrow().as_ref() {
        Some(view) if at + size <= view.len => view.with_bytes(|bytes| bytes.get(at..at + size).map(<[u8]>::to_vec)),
        _ => None,
    };
    let Some(piece) = piece else {
        let view = iterator.view.take();
        drop(view);
        iterator.buffer.set(None);
        return Ok(None);
    };
    iterator.at.set(at + size);
    values_of(vm, &iterator.format, &piece).map(Some)
}
