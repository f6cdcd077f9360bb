//! The threads of an interpreter: starting them, knowing them, ending them.

use crate::error::Raised;
use crate::gil::SharedInterpreter;
use crate::vm::{Interpreter, Vm};
use oriel_heap::Value;
use std::cell::{Cell, RefCell};

/// The threads of an interpreter, in the order in which they began. Guarded by the GIL.
#[derive(Default)]
pub struct Threads {
    list: RefCell<Vec<*const Vm>>,
    stack_size: Cell<usize>,
    /// The number of the main thread, where a fork has made another one that.
    main: Cell<u64>,
    /// Threads started by Python that have not ended.
    started: Cell<usize>,
}

/// A function that ends a thread's part of some module's state.
pub type ThreadEnd = fn(&Vm);

/// What modules do when a thread ends.
#[derive(Default)]
struct ThreadEnds(RefCell<Vec<ThreadEnd>>);

/// Values on their way to a new thread.
struct Luggage {
    interpreter: SharedInterpreter,
    run: Box<dyn FnOnce(&Vm)>,
}

// SAFETY: the new thread takes the GIL before it touches the function and the values in it, and gives both up before
// it lets the GIL go.
unsafe impl Send for Luggage {}

/// The stack of a thread whose size nobody chose: what the C library gives where the main thread's is limited so.
const DEFAULT_STACK: usize = 8 << 20;

impl Interpreter {
    /// Enters a thread.
    pub(crate) fn register_thread(&self, vm: *const Vm) {
        self.threads.list.borrow_mut().push(vm);
    }

    fn forget_thread(&self, vm: *const Vm) {
        self.threads.list.borrow_mut().retain(|other| *other != vm);
    }

    /// Calls a function with each thread.
    pub fn each_thread(&self, mut function: impl FnMut(&Vm)) {
        let list = self.threads.list.borrow().clone();
        for vm in list {
            // SAFETY: threads take themselves out of the list before they end, for which they need the GIL.
            function(unsafe { &*vm });
        }
    }

    /// As [`Interpreter::each_thread`], the newest first.
    pub fn each_thread_newest_first(&self, mut function: impl FnMut(&Vm)) {
        let list = self.threads.list.borrow().clone();
        for vm in list.into_iter().rev() {
            // SAFETY: as above.
            function(unsafe { &*vm });
        }
    }

    /// Whether a thread of the identifier is alive.
    pub fn is_thread_alive(&self, ident: u64) -> bool {
        let mut alive = false;
        self.each_thread(|vm| alive |= vm.ident == ident);
        alive
    }

    /// The number of the main thread.
    pub(crate) fn main_thread_number(&self) -> u64 {
        self.threads.main.get().max(1)
    }

    /// The identifier of the main thread.
    pub fn main_thread_ident(&self) -> u64 {
        let mut ident = 0;
        self.each_thread(|vm| {
            if vm.is_main_thread() {
                ident = vm.ident;
            }
        });
        ident
    }

    /// How many threads Python started that have not ended.
    pub fn started_threads(&self) -> usize {
        self.threads.started.get()
    }

    /// The size of new threads' stacks; 0 for the default.
    pub fn thread_stack_size(&self) -> usize {
        self.threads.stack_size.get()
    }

    /// Sets the size of new threads' stacks.
    pub fn set_thread_stack_size(&self, size: usize) {
        self.threads.stack_size.set(size);
    }

    /// Has a function called by each thread that ends.
    pub fn at_thread_end(&self, function: ThreadEnd) {
        self.state::<ThreadEnds>().0.borrow_mut().push(function);
    }

    /// In the child after a fork: only the given thread is left. What the others held is never given back.
    pub(crate) fn forget_other_threads(&self, vm: &Vm) {
        self.threads.list.replace(vec![std::ptr::from_ref(vm)]);
        self.threads.started.set(0);
        self.threads.main.set(vm.number);
    }
}

impl Vm {
    /// Starts a thread that runs a function with the GIL held. The error is the system's.
    pub fn start_thread(&self, run: impl FnOnce(&Vm) + 'static) -> std::io::Result<()> {
        let size = match self.thread_stack_size() {
            0 => DEFAULT_STACK,
            size => size,
        };
        let luggage = Luggage { interpreter: SharedInterpreter(self.interpreter_pointer()), run: Box::new(run) };
        let limit = self.recursion_limit.get();
        self.threads.started.set(self.threads.started.get() + 1);
        let started = std::thread::Builder::new().stack_size(size).spawn(move || {
            let luggage = luggage;
            run_thread(luggage, limit);
        });
        if started.is_err() {
            self.threads.started.set(self.threads.started.get() - 1);
        }
        started.map(drop)
    }

    /// Asks a thread to raise an exception (or, with none, to forget one); how many threads have the identifier.
    pub fn set_asynchronous_exception(&self, ident: u64, exception: Option<Value>) -> usize {
        let mut found = 0;
        self.each_thread(|vm| {
            if vm.ident == ident && found == 0 {
                found = 1;
                vm.thread.asynchronous.set(exception.clone());
            }
        });
        if found > 0 {
            self.set_pending();
        }
        found
    }
}

fn run_thread(luggage: Luggage, recursion_limit: i32) {
    let Luggage { interpreter, run } = luggage;
    // SAFETY: the interpreter outlives its threads: it stays in memory until the process ends.
    let vm = Box::new(unsafe { Vm::new(interpreter.0) });
    vm.recursion_limit.set(recursion_limit);
    vm.recursion_remaining.set(recursion_limit);
    vm.acquire_gil();
    vm.register_thread(&*vm);
    run(&vm);
    let ends = vm.state::<ThreadEnds>().0.borrow().clone();
    for end in ends {
        end(&vm);
    }
    vm.thread.clear();
    vm.forget_thread(&*vm);
    vm.threads.started.set(vm.threads.started.get().saturating_sub(1));
    let pointer = vm.interpreter_pointer();
    // Whatever the thread's state still holds is dropped with the GIL held.
    drop(vm);
    // SAFETY: as above; only the GIL is touched.
    unsafe { (*pointer.as_ptr()).gil.end() };
}

/// What `threading.excepthook` is given, in order.
pub fn hook_arguments(vm: &Vm, raised: &Raised, thread: Option<&Value>) -> [Value; 4] {
    let traceback = vm.traceback_of(&raised.0).unwrap_or(Value::NONE);
    [vm.type_of(&raised.0).to_value(), raised.0.clone(), traceback, thread.cloned().unwrap_or(Value::NONE)]
}
