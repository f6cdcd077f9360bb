//! Frame objects: made when someone asks for a frame, they outlive it with what it held. The view of its locals is [`locals`].

pub mod locals;
mod methods;

pub use methods::SPEC;

use crate::cells::OptionCell;
use crate::frame::{Frame, FrameRef, OwnedFrame};
use crate::vm::{Vm, vm_of};
use oriel_heap::{Body, Layout, Ref, Value, Visitor};
use std::cell::{Cell, RefCell};
use std::ptr;

/// The body of a frame object.
pub struct FrameObject {
    /// The frame while it lives on a stack or in a generator; null afterwards.
    live: Cell<*mut Frame>,
    /// What the frame held, when it has ended.
    ended: RefCell<Option<OwnedFrame>>,
    /// `f_back` of a frame that has ended.
    pub back: OptionCell,
    /// `f_trace`
    pub trace: OptionCell,
    /// `f_trace_lines`
    pub trace_lines: Cell<bool>,
    /// `f_trace_opcodes`
    pub trace_opcodes: Cell<bool>,
    /// The line that a trace function is being told of; 0 for none.
    pub traced_line: Cell<i32>,
    /// Names that a program added to `f_locals`: a dict.
    pub extra_locals: OptionCell,
    /// Locals that were overwritten from outside while the frame may have been using them.
    pub overwritten: RefCell<Vec<Value>>,
}

static LAYOUT: Layout = Layout::of::<FrameObject>("frame", None);

impl Body for FrameObject {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        if let Some(ended) = &*self.ended.borrow() {
            ended.frame().visit(visitor);
        }
        self.back.visit(visitor);
        self.trace.visit(visitor);
        self.extra_locals.visit(visitor);
        for value in self.overwritten.borrow().iter() {
            visitor(value);
        }
    }
    fn clear(&self) {
        let ended = self.ended.borrow_mut().take();
        drop(ended);
        self.back.set(None);
        self.trace.set(None);
        self.extra_locals.set(None);
        let overwritten = std::mem::take(&mut *self.overwritten.borrow_mut());
        drop(overwritten);
    }
}

impl FrameObject {
    /// The frame, living or ended; nothing for one that the collector has emptied.
    pub fn frame(&self) -> Option<FrameRef> {
        // SAFETY: a frame that ends takes itself out of its object.
        if let Some(frame) = unsafe { FrameRef::from_pointer(self.live.get()) } {
            return Some(frame);
        }
        self.ended.borrow().as_ref().map(OwnedFrame::frame)
    }

    /// Whether the frame is on a stack or in a generator still.
    pub fn is_live(&self) -> bool {
        !self.live.get().is_null()
    }

    /// Takes over what a frame that ends holds.
    pub fn take_over(&self, frame: FrameRef) {
        // A generator's frame has been called by many, and by nobody for good.
        if frame.link.get().owner != crate::frame::Owner::Generator
            && let Some(caller) = frame.caller()
            && let Some(vm) = vm_of(frame.function.as_value())
        {
            self.back.set(Some(vm.frame_object(caller).into_value()));
        }
        let owned = OwnedFrame::take(frame);
        *self.ended.borrow_mut() = Some(owned);
        self.live.set(ptr::null_mut());
    }

    /// The frame ends, and so does this object.
    pub fn forget_frame(&self) {
        self.live.set(ptr::null_mut());
    }

    /// The frame moved into a generator.
    pub fn frame_moved(&self, frame: FrameRef) {
        self.live.set(frame.as_ptr());
    }
}

impl Vm {
    /// The frame object of a frame, made now if need be.
    pub fn frame_object(&self, frame: FrameRef) -> Ref<FrameObject> {
        // SAFETY: cloning runs no code that could replace the object meanwhile.
        if let Some(object) = unsafe { (*frame.object.as_ptr()).clone() } {
            return object;
        }
        let body = FrameObject {
            live: Cell::new(frame.as_ptr()),
            ended: RefCell::new(None),
            back: OptionCell::default(),
            trace: OptionCell::default(),
            trace_lines: Cell::new(true),
            trace_opcodes: Cell::new(false),
            traced_line: Cell::new(0),
            extra_locals: OptionCell::default(),
            overwritten: RefCell::default(),
        };
        // SAFETY: the type's layout is that of the body.
        let object = unsafe { self.heap.new_object(self.types.frame.as_value().raw(), body) };
        frame.object.set(Some(object.clone()));
        object
    }
}
