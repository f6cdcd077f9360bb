//! How a type's instances lie in memory: the Rust body, and the tail of inline attribute slots.
//!
//! ```text
//!  | header 16 | body (a Rust struct, maybe with items in place) | tail: values_len × Option<Value> |
//! ```

use crate::header::Header;
use crate::value::Value;
use std::cell::Cell;
use std::ptr::NonNull;

/// Called by the collector for each reference that an object owns.
pub type Visitor<'a> = &'a mut dyn FnMut(&Value);

/// What freeing and collecting need to know of a Rust body; one `static` a body type, its address is its identity.
pub struct Layout {
    /// For diagnostics.
    pub name: &'static str,
    /// Bytes of the body's fixed part.
    pub size: usize,
    /// Whether instances can be part of a cycle.
    pub container: bool,
    /// Whether there is nothing to do for an instance that dies but to take its memory back.
    pub trivial: bool,
    /// The layout that the body begins with, if it extends another.
    pub base: Option<&'static Layout>,
    /// Whether dropping the body does anything.
    pub needs_drop: bool,
    /// Drops the body in place.
    pub drop: unsafe fn(NonNull<Header>),
    /// Calls the visitor for each reference that the body owns.
    pub visit: unsafe fn(NonNull<Header>, Visitor<'_>),
    /// Gives up the references that may be part of a cycle.
    pub clear: unsafe fn(NonNull<Header>),
    /// The offset of the tail where the body's size differs from instance to instance.
    pub end: Option<unsafe fn(NonNull<Header>) -> usize>,
}

impl Layout {
    /// Whether this is `other` or begins with it.
    #[inline(always)]
    pub fn is(&'static self, other: &'static Layout) -> bool {
        let mut layout = self;
        loop {
            if std::ptr::eq(layout, other) {
                return true;
            }
            match layout.base {
                Some(base) => layout = base,
                None => return false,
            }
        }
    }

    /// The layout of a body type of fixed size.
    pub const fn of<T: Body>(name: &'static str, base: Option<&'static Layout>) -> Layout {
        assert!(align_of::<T>() <= 16);
        Layout {
            name,
            size: size_of::<T>(),
            container: T::CONTAINER,
            trivial: !T::CONTAINER && !std::mem::needs_drop::<T>(),
            base,
            needs_drop: std::mem::needs_drop::<T>(),
            drop: drop_body::<T>,
            visit: visit_body::<T>,
            clear: clear_body::<T>,
            end: None,
        }
    }

    /// The layout of a body type whose items follow in place; `end` gives the offset behind the last.
    pub const fn of_variable<T: Body>(name: &'static str, end: unsafe fn(NonNull<Header>) -> usize) -> Layout {
        Layout { end: Some(end), ..Layout::of::<T>(name, None) }
    }
}

/// A Rust struct that is the body of heap objects.
///
/// The body must not be moved out of, and must use interior mutability: it is only ever borrowed shared.
pub trait Body: Sized + 'static {
    /// Whether instances can be part of a cycle (then [`Body::visit`] and [`Body::clear`] do something).
    const CONTAINER: bool = false;
    /// The `static` that describes this type.
    fn layout() -> &'static Layout;
    /// Calls the visitor once for each counted reference that the body owns.
    fn visit(&self, _visitor: Visitor<'_>) {}
    /// Gives up the references that may be part of a cycle; the object stays valid.
    fn clear(&self) {}
}

unsafe fn drop_body<T: Body>(header: NonNull<Header>) {
    // SAFETY: the caller frees an object of this layout, whose body lies right behind its header.
    unsafe { std::ptr::drop_in_place(header.as_ptr().add(1).cast::<T>()) }
}

unsafe fn visit_body<T: Body>(header: NonNull<Header>, visitor: Visitor<'_>) {
    // SAFETY: the object is alive and of this layout.
    unsafe { &*header.as_ptr().add(1).cast::<T>() }.visit(visitor)
}

unsafe fn clear_body<T: Body>(header: NonNull<Header>) {
    // SAFETY: the object is alive and of this layout.
    unsafe { &*header.as_ptr().add(1).cast::<T>() }.clear()
}

/// What every type object's body begins with.
#[repr(C)]
pub struct TypeHead {
    /// The layout of the instances.
    pub layout: Cell<&'static Layout>,
    /// Bytes from an instance's header to its tail; 0 for no tail, `u32::MAX` to ask the layout.
    pub tail_offset: Cell<u32>,
    /// How many slots the tail has.
    pub tail_len: Cell<u32>,
    /// The shape that fresh instances get.
    pub root_shape: Cell<u32>,
    /// Set where instances have a finalizer: runs it, with the object alive for the time.
    pub finalize: Cell<Option<fn(&Value)>>,
}

impl TypeHead {
    /// A head for instances of one layout without a tail.
    pub fn new(layout: &'static Layout) -> TypeHead {
        TypeHead {
            layout: Cell::new(layout),
            tail_offset: Cell::new(0),
            tail_len: Cell::new(0),
            root_shape: Cell::new(0),
            finalize: Cell::new(None),
        }
    }
}

/// The inline attribute slots of a live object.
#[inline(always)]
pub fn tail_of(object: &Value) -> &[Cell<Option<Value>>] {
    let Some(header) = object.header() else { return &[] };
    let head = header.type_head();
    let mut offset = head.tail_offset.get() as usize;
    if offset == 0 {
        return &[];
    }
    if offset == u32::MAX as usize {
        // SAFETY: the object is alive and of this layout.
        offset = head.layout.get().end.map_or(16, |end| unsafe { end(object.raw()) });
    }
    let start = object.raw().as_ptr().cast_const().cast::<u8>();
    // SAFETY: the allocation of an instance includes `tail_len` slots at the tail's offset, zeroed at birth, and
    // a zero word is `None`.
    unsafe { std::slice::from_raw_parts(start.add(offset).cast(), head.tail_len.get() as usize) }
}
