//! The buffer protocol: a borrowed window on the memory of an object.
//!
//! Named in the design as one of the places with unsafe code: a view reads and writes the memory that an exporter lent.

use crate::error::PyResult;
use crate::vm::Vm;
use oriel_heap::Value;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::ptr::NonNull;

/// One number a dimension.
pub type Dimensions = SmallVec<[isize; 2]>;

/// Memory exported by an object. The exporter is told when the view ends.
///
/// Invariant: until `release` has run, the exporter keeps in place all memory that `shape` and `strides` reach from
/// `start`, and does not make it shorter.
pub struct BufferView {
    /// The object whose memory it is.
    pub owner: Value,
    /// The first item's first byte.
    start: NonNull<u8>,
    /// Bytes in all: the product of the shape and the item's size.
    pub len: usize,
    /// Whether it must not be written.
    pub readonly: bool,
    /// Bytes of an item.
    pub item_size: usize,
    /// The item's struct format.
    pub format: Cow<'static, str>,
    /// Items in each dimension.
    pub shape: Dimensions,
    /// Bytes from one item to the next in each dimension.
    pub strides: Dimensions,
    /// Run once when the view ends.
    release: Option<fn(&Value)>,
}

impl BufferView {
    /// A view of plain bytes. The memory must stay where it is until `release` runs (see the invariant).
    pub fn bytes(owner: Value, start: NonNull<u8>, len: usize, readonly: bool, release: Option<fn(&Value)>) -> Self {
        BufferView {
            owner,
            start,
            len,
            readonly,
            item_size: 1,
            format: Cow::Borrowed("B"),
            shape: SmallVec::from_slice(&[len as isize]),
            strides: SmallVec::from_slice(&[1]),
            release,
        }
    }

    /// A view of a row of items.
    pub fn items(
        owner: Value,
        start: NonNull<u8>,
        count: usize,
        item_size: usize,
        format: Cow<'static, str>,
        readonly: bool,
        release: Option<fn(&Value)>,
    ) -> Self {
        BufferView {
            owner,
            start,
            len: count.saturating_mul(item_size),
            readonly,
            item_size,
            format,
            shape: SmallVec::from_slice(&[count as isize]),
            strides: SmallVec::from_slice(&[item_size as isize]),
            release,
        }
    }

    /// A window on a part of this memory, lent by another owner; nothing where the window reaches beyond this one.
    pub fn window(
        &self,
        owner: Value,
        offset: isize,
        like: Structure,
        readonly: bool,
        release: Option<fn(&Value)>,
    ) -> Option<BufferView> {
        let inner = extent(&like.shape, &like.strides, like.item_size);
        let outer = self.extent();
        if !inner.is_empty() && (offset + inner.start < outer.start || offset + inner.end > outer.end) {
            return None;
        }
        // SAFETY: the offset stays within the exported memory, or no byte is read from there.
        let start = if inner.is_empty() { self.start } else { unsafe { self.start.offset(offset) } };
        let items: isize = like.shape.iter().product();
        Some(BufferView {
            owner,
            start,
            len: items as usize * like.item_size,
            readonly,
            item_size: like.item_size,
            format: like.format,
            shape: like.shape,
            strides: like.strides,
            release,
        })
    }

    /// The address of the first byte.
    pub fn address(&self) -> usize {
        self.start.as_ptr().addr()
    }

    /// Shape, strides, item size and format.
    pub fn structure(&self) -> Structure {
        Structure {
            shape: self.shape.clone(),
            strides: self.strides.clone(),
            item_size: self.item_size,
            format: self.format.clone(),
        }
    }

    /// Which bytes, counted from the start, the view reaches.
    fn extent(&self) -> std::ops::Range<isize> {
        extent(&self.shape, &self.strides, self.item_size)
    }

    /// Whether the items lie one behind the other in C order.
    pub fn is_contiguous(&self) -> bool {
        is_c_contiguous(&self.shape, &self.strides, self.item_size)
    }

    /// The bytes in C order, copied.
    pub fn to_vec(&self) -> Vec<u8> {
        self.with_bytes(<[u8]>::to_vec)
    }

    /// Lends the bytes, in C order, to a function that must not run Python code.
    pub fn with_bytes<R>(&self, function: impl FnOnce(&[u8]) -> R) -> R {
        if self.is_contiguous() {
            // SAFETY: the exporter keeps the memory in place until the view is released, the GIL keeps writers away,
            // and the function runs no Python code.
            return function(unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) });
        }
        let mut bytes = Vec::with_capacity(self.len);
        for_each_offset(&self.shape, &self.strides, 0, &mut |offset| {
            // SAFETY: offsets of items lie within the exported memory.
            let item = unsafe { std::slice::from_raw_parts(self.start.as_ptr().offset(offset), self.item_size) };
            bytes.extend_from_slice(item);
        });
        function(&bytes)
    }

    /// Lends the bytes of a contiguous writable view to a function that must not run Python code; nothing where the
    /// view is neither.
    pub fn with_bytes_mut<R>(&self, function: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        if self.readonly || !self.is_contiguous() {
            return None;
        }
        // SAFETY: as above, and the exporter allows writing.
        Some(function(unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }))
    }

    /// Copies bytes out from an offset; false where that is not within the memory.
    pub fn read_at(&self, offset: isize, out: &mut [u8]) -> bool {
        let extent = self.extent();
        if offset < extent.start || offset.saturating_add(out.len() as isize) > extent.end {
            return false;
        }
        // SAFETY: the bytes lie within the exported memory; `out` is Rust's own.
        unsafe { std::ptr::copy_nonoverlapping(self.start.as_ptr().offset(offset), out.as_mut_ptr(), out.len()) };
        true
    }

    /// Copies bytes in at an offset; false where that is not within the memory or it is read-only.
    pub fn write_at(&self, offset: isize, bytes: &[u8]) -> bool {
        let extent = self.extent();
        if self.readonly || offset < extent.start || offset.saturating_add(bytes.len() as isize) > extent.end {
            return false;
        }
        // SAFETY: the bytes lie within the exported memory, which may be written; the source may be the same memory.
        unsafe { std::ptr::copy(bytes.as_ptr(), self.start.as_ptr().offset(offset), bytes.len()) };
        true
    }
}

impl Drop for BufferView {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            release(&self.owner);
        }
    }
}

/// How the items of a view lie.
#[derive(Clone, Debug)]
pub struct Structure {
    /// Items in each dimension.
    pub shape: Dimensions,
    /// Bytes from one item to the next in each dimension.
    pub strides: Dimensions,
    /// Bytes of an item.
    pub item_size: usize,
    /// The item's struct format.
    pub format: Cow<'static, str>,
}

fn extent(shape: &[isize], strides: &[isize], item_size: usize) -> std::ops::Range<isize> {
    let (mut low, mut high) = (0, 0);
    for (&len, &stride) in shape.iter().zip(strides) {
        if len == 0 {
            return 0..0;
        }
        let reach = (len - 1) * stride;
        if reach < 0 { low += reach } else { high += reach }
    }
    low..high + item_size as isize
}

/// Whether items lie one behind the other, the last dimension running fastest.
pub fn is_c_contiguous(shape: &[isize], strides: &[isize], item_size: usize) -> bool {
    let mut expected = item_size as isize;
    if shape.contains(&0) {
        return true;
    }
    for (&len, &stride) in shape.iter().zip(strides).rev() {
        if len > 1 && stride != expected {
            return false;
        }
        expected *= len;
    }
    true
}

/// Whether items lie one behind the other, the first dimension running fastest.
pub fn is_f_contiguous(shape: &[isize], strides: &[isize], item_size: usize) -> bool {
    let mut expected = item_size as isize;
    if shape.contains(&0) {
        return true;
    }
    for (&len, &stride) in shape.iter().zip(strides) {
        if len > 1 && stride != expected {
            return false;
        }
        expected *= len;
    }
    true
}

/// Calls a function with the offset of each item in C order.
pub fn for_each_offset(shape: &[isize], strides: &[isize], base: isize, each: &mut dyn FnMut(isize)) {
    match (shape, strides) {
        ([len, shape @ ..], [stride, strides @ ..]) => {
            for index in 0..*len {
                for_each_offset(shape, strides, base + index * stride, each);
            }
        }
        _ => each(base),
    }
}

impl Vm {
    /// The memory of an object, whatever its structure.
    pub fn full_buffer(&self, value: &Value, writable: bool) -> PyResult<BufferView> {
        match self.type_of(value).slots.buffer.get() {
            Some(buffer) => buffer(self, value, writable),
            None => Err(self.type_error(format!("a bytes-like object is required, not '{}'", self.type_name(value)))),
        }
    }

    /// The memory of an object as plain bytes in a row.
    pub fn buffer(&self, value: &Value, writable: bool) -> PyResult<BufferView> {
        let view = self.full_buffer(value, writable)?;
        if !view.is_contiguous() {
            return Err(self.buffer_error("memoryview: underlying buffer is not C-contiguous"));
        }
        Ok(view)
    }

    /// Memory to write into, as an argument of a function (`"readinto() argument"`).
    pub fn writable_argument(&self, value: &Value, what: &str) -> PyResult<BufferView> {
        let wrong = || {
            let name = self.type_name(value);
            self.type_error(format!("{what} must be read-write bytes-like object, not {name}"))
        };
        if self.type_of(value).slots.buffer.get().is_none() {
            return Err(wrong());
        }
        match self.full_buffer(value, true) {
            Ok(view) if view.is_contiguous() => Ok(view),
            Ok(_) => Err(wrong()),
            Err(raised) if self.raised_is(&raised, &self.types.buffer_error) => Err(wrong()),
            Err(raised) => Err(raised),
        }
    }

    /// Whether the object lends its memory.
    pub fn has_buffer(&self, value: &Value) -> bool {
        self.type_of(value).slots.buffer.get().is_some()
    }
}
