//! The buffer protocol: a borrowed window on the memory of an object.

use oriel_heap::Value;
use std::ptr::NonNull;

/// Memory exported by an object. The exporter is told by [`BufferView::release`] (run by `Drop`) when it ends.
pub struct BufferView {
    /// The object whose memory it is.
    pub owner: Value,
    /// The first byte.
    pub start: NonNull<u8>,
    /// Bytes in all.
    pub len: usize,
    /// Whether it must not be written.
    pub readonly: bool,
    /// Bytes of an item.
    pub item_size: usize,
    /// The item's struct format.
    pub format: Box<str>,
    /// Items in each dimension.
    pub shape: Box<[isize]>,
    /// Bytes from one item to the next in each dimension.
    pub strides: Box<[isize]>,
    /// Run once when the view ends.
    pub release: Option<fn(&Value)>,
}

impl BufferView {
    /// A view of plain bytes.
    pub fn bytes(owner: Value, start: NonNull<u8>, len: usize, readonly: bool, release: Option<fn(&Value)>) -> Self {
        BufferView {
            owner,
            start,
            len,
            readonly,
            item_size: 1,
            format: "B".into(),
            shape: Box::new([len as isize]),
            strides: Box::new([1]),
            release,
        }
    }

    /// Whether the items lie one behind the other in C order.
    pub fn is_contiguous(&self) -> bool {
        let mut expected = self.item_size as isize;
        for (&len, &stride) in self.shape.iter().zip(&*self.strides).rev() {
            if len > 1 && stride != expected {
                return false;
            }
            expected *= len;
        }
        true
    }

    /// The bytes of a contiguous view, copied.
    pub fn to_vec(&self) -> Vec<u8> {
        self.with_bytes(<[u8]>::to_vec)
    }

    /// Lends the bytes of a contiguous view to a function that must not run Python code.
    pub fn with_bytes<R>(&self, function: impl FnOnce(&[u8]) -> R) -> R {
        // SAFETY: the exporter keeps the memory in place until the view is released, the GIL keeps writers away,
        // and the function runs no Python code.
        function(unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) })
    }

    /// Lends the bytes of a contiguous writable view to a function that must not run Python code.
    pub fn with_bytes_mut<R>(&self, function: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        if self.readonly {
            return None;
        }
        // SAFETY: as above, and the exporter allows writing.
        Some(function(unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }))
    }
}

impl Drop for BufferView {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            release(&self.owner);
        }
    }
}
