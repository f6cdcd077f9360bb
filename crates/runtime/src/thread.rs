//! What a thread keeps besides the interpreter's state: its frames and the exceptions being handled.

use crate::cells::OptionCell;
use crate::error::Raised;
use crate::frame::Frame;
use crate::frame::stack::FrameStack;
use oriel_heap::Value;
use std::cell::{Cell, RefCell};
use std::ptr;

/// The exception that a thread or a generator is handling.
#[derive(Default)]
pub struct HandledException {
    /// The exception.
    pub value: OptionCell,
    /// What the one who resumed this generator is handling; null for a thread's own.
    pub previous: Cell<*const HandledException>,
}

/// The thread's own state.
pub struct ThreadState {
    /// The frame that runs.
    pub frame: Cell<*mut Frame>,
    /// The memory of frames.
    pub stack: FrameStack,
    /// The innermost handled exception; null for the thread's own.
    pub handled: Cell<*const HandledException>,
    own_handled: HandledException,
    /// An exception that another thread wants raised here.
    pub asynchronous: OptionCell,
    /// `sys.set_asyncgen_hooks`: called when an asynchronous generator is first iterated.
    pub asyncgen_firstiter: OptionCell,
    /// `sys.set_asyncgen_hooks`: called when one is about to be collected.
    pub asyncgen_finalizer: OptionCell,
    /// `sys.set_coroutine_origin_tracking_depth`
    pub coroutine_origin_depth: Cell<u32>,
    /// The current context of context variables.
    pub context: OptionCell,
    /// What of freeing was under way when the thread let go of the GIL.
    pub freeing: RefCell<oriel_heap::Freeing>,
    /// Whether the innermost activation of the loop is the observed form.
    pub observed: Cell<bool>,
    /// The function of `sys.settrace`.
    pub trace: OptionCell,
    /// The function of `sys.setprofile`.
    pub profile: OptionCell,
    /// The event that a function that looks on is being told of; -1 for none.
    pub event: Cell<i8>,
    /// How many functions that look on are running: their own events are not sent.
    pub tracing: Cell<u32>,
    /// The exception that the other form of the loop is to raise, and whether it is fresh.
    pub switching: Cell<Option<(Raised, bool)>>,
    /// The event loop of `asyncio` that runs.
    pub asyncio_loop: OptionCell,
    /// The task of `asyncio` that runs.
    pub asyncio_task: OptionCell,
}

impl Default for ThreadState {
    fn default() -> ThreadState {
        ThreadState {
            frame: Cell::new(ptr::null_mut()),
            stack: FrameStack::default(),
            handled: Cell::new(ptr::null()),
            own_handled: HandledException::default(),
            asynchronous: OptionCell::default(),
            asyncgen_firstiter: OptionCell::default(),
            asyncgen_finalizer: OptionCell::default(),
            coroutine_origin_depth: Cell::new(0),
            context: OptionCell::default(),
            freeing: RefCell::default(),
            observed: Cell::new(false),
            trace: OptionCell::default(),
            profile: OptionCell::default(),
            event: Cell::new(-1),
            tracing: Cell::new(0),
            switching: Cell::new(None),
            asyncio_loop: OptionCell::default(),
            asyncio_task: OptionCell::default(),
        }
    }
}

impl ThreadState {
    /// The innermost place for a handled exception.
    #[inline(always)]
    pub fn handled(&self) -> &HandledException {
        let innermost = self.handled.get();
        if innermost.is_null() {
            return &self.own_handled;
        }
        // SAFETY: a generator's place is linked in only while the generator runs.
        unsafe { &*innermost }
    }

    /// The exception being handled, of this generator or of those who resumed it: `sys.exception()`.
    pub fn exception_handled(&self) -> Option<Value> {
        let mut place = self.handled.get();
        while !place.is_null() {
            // SAFETY: as in `handled`.
            let current = unsafe { &*place };
            if let Some(value) = current.value.get() {
                return Some(value);
            }
            place = current.previous.get();
        }
        self.own_handled.value.get()
    }

    /// Gives up what the thread holds, at its end.
    pub fn clear(&self) {
        self.own_handled.value.set(None);
        self.asynchronous.set(None);
        self.asyncgen_firstiter.set(None);
        self.asyncgen_finalizer.set(None);
        self.context.set(None);
        self.trace.set(None);
        self.profile.set(None);
        self.asyncio_task.set(None);
        self.asyncio_loop.set(None);
    }
}
