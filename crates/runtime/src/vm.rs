//! `Interpreter`: all state of one Python. `Vm`: the state of one of its threads, handed to every native function.

use crate::bootstrap::FrozenLibrary;
use crate::cells::OptionCell;
use crate::config::Config;
use crate::error::PyResult;
use crate::intern::{InternTable, MethodCache};
use crate::late::Late;
use crate::names::Names;
use crate::native::ModuleSpec;
use crate::shape::Shapes;
use crate::types::Types;
use crate::types::dict::Dict;
use crate::types::type_object::TypeRef;
use crate::weak::WeakTable;
use oriel_heap::{Heap, Ref, Value};
use oriel_kernel::hash::HashKey;
use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Deref;
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

/// All state of one Python: nothing of it is global to the process.
pub struct Interpreter {
    /// The memory of its objects.
    pub heap: Heap,
    /// The builtin types.
    pub types: Late<Types>,
    /// Interned names that native code uses.
    pub names: Late<Names>,
    /// The interned strings.
    pub interned: InternTable,
    /// The cache of look-ups on types.
    pub method_cache: MethodCache,
    /// The shapes of instances.
    pub shapes: Shapes,
    /// What the command line and the environment asked for.
    pub config: Config,
    /// `importlib._bootstrap`, once the import system runs.
    pub importlib_module: crate::cells::OptionCell,
    /// What the module `_ast` does for `compile()`.
    pub ast_hooks: Cell<Option<crate::compile::AstHooks>>,
    /// `sys.get_int_max_str_digits()`
    pub int_max_str_digits: Cell<usize>,
    /// The embedded library.
    pub library: FrozenLibrary,
    /// The weak references.
    pub weak_table: WeakTable,
    /// The namespace of `builtins`.
    pub builtins: Late<Ref<Dict>>,
    /// The namespace of `sys`.
    pub sys: Late<Ref<Dict>>,
    /// `sys.modules`.
    pub modules: Late<Ref<Dict>>,
    /// Ready-made values.
    pub constants: Late<Constants>,
    /// The native modules that can be imported.
    pub native_modules: RefCell<HashMap<&'static str, &'static ModuleSpec>>,
    /// Set when something waits for the loop: signal, GIL request, collection, asynchronous exception, tracing.
    pub pending: AtomicBool,
    /// The tools of `sys.monitoring`, trace and profile functions among them.
    pub monitoring: crate::monitoring::Monitoring,
    /// The recorder of the run.
    pub recorder_place: crate::observer::RecorderPlace,
    /// Whether anyone looks on: a recorder, a trace function, a tool of `sys.monitoring`.
    pub observed: Cell<bool>,
    /// Whether there are audit hooks.
    pub auditing: Cell<bool>,
    /// A collection is due.
    pub collection_wanted: Cell<bool>,
    /// The global interpreter lock.
    pub gil: crate::gil::Gil,
    /// The threads.
    pub threads: crate::threads::Threads,
    states: RefCell<hashbrown::HashMap<TypeId, Rc<dyn Any>>>,
    hash_key: HashKey,
    type_versions: Cell<u32>,
    dict_versions: Cell<u32>,
    current: Cell<*const Vm>,
}

/// Values made once.
pub struct Constants {
    /// `''`
    pub empty_str: Value,
    /// `()`
    pub empty_tuple: Value,
    /// The strings of the first 256 characters.
    pub chars: Vec<Value>,
    /// The `bytes` of one byte, and the empty one behind them, as they are needed first.
    pub short_bytes: Vec<OptionCell>,
}

impl Interpreter {
    /// An interpreter without anything in it; [`crate::bootstrap`] fills it.
    pub(crate) fn bare(config: Config, library: FrozenLibrary) -> Interpreter {
        let hash_key = config.hash_key();
        Interpreter {
            heap: Heap::new(),
            types: Late::new(),
            names: Late::new(),
            interned: InternTable::default(),
            method_cache: MethodCache::default(),
            shapes: Shapes::default(),
            importlib_module: Default::default(),
            ast_hooks: Cell::new(None),
            int_max_str_digits: Cell::new(config.int_max_str_digits.max(0) as usize),
            config,
            library,
            weak_table: WeakTable::default(),
            builtins: Late::new(),
            sys: Late::new(),
            modules: Late::new(),
            constants: Late::new(),
            native_modules: RefCell::default(),
            pending: AtomicBool::new(false),
            monitoring: Default::default(),
            recorder_place: Default::default(),
            observed: Cell::new(false),
            auditing: Cell::new(false),
            collection_wanted: Cell::new(false),
            gil: Default::default(),
            threads: Default::default(),
            states: RefCell::default(),
            hash_key,
            type_versions: Cell::new(1),
            dict_versions: Cell::new(1),
            current: Cell::new(std::ptr::null()),
        }
    }

    /// The key of string hashes.
    #[inline(always)]
    pub fn string_hash_key(&self) -> HashKey {
        self.hash_key
    }

    /// A fresh version number for a type; 0 when they have run out.
    pub fn next_type_version(&self) -> u32 {
        let version = self.type_versions.get();
        if version == u32::MAX {
            return 0;
        }
        self.type_versions.set(version + 1);
        version
    }

    /// A fresh version number for a dict's layout; 0 when they have run out.
    pub fn next_dict_version(&self) -> u32 {
        let version = self.dict_versions.get();
        if version == u32::MAX {
            return 0;
        }
        self.dict_versions.set(version + 1);
        version
    }

    /// Asks the loop to look at what is pending.
    pub fn set_pending(&self) {
        self.pending.store(true, Ordering::Release);
    }

    /// The state of a native module, made at the first time.
    pub fn state<T: Any + Default>(&self) -> Rc<T> {
        let id = TypeId::of::<T>();
        let found = self.states.borrow().get(&id).cloned();
        let state = match found {
            Some(state) => state,
            None => {
                let fresh: Rc<dyn Any> = Rc::new(T::default());
                self.states.borrow_mut().insert(id, fresh.clone());
                fresh
            }
        };
        state.downcast::<T>().unwrap_or_default()
    }

    /// Registers a native module, so that it can be imported.
    pub fn add_native_module(&self, spec: &'static ModuleSpec) {
        self.native_modules.borrow_mut().insert(spec.name, spec);
    }

    /// `''`
    #[inline(always)]
    pub fn empty_str(&self) -> Value {
        self.constants.empty_str.clone()
    }

    /// The string of one of the first 256 characters.
    #[inline(always)]
    pub fn cached_char(&self, character: u32) -> Option<Value> {
        self.constants.chars.get(character as usize).cloned()
    }

    /// The thread that holds the GIL.
    ///
    /// # Safety
    /// A thread of this interpreter must be running (it is while Python objects are touched).
    pub(crate) unsafe fn current(&self) -> &Vm {
        debug_assert!(!self.current.get().is_null());
        // SAFETY: as the caller says.
        unsafe { &*self.current.get() }
    }

    /// Names the thread that now holds the GIL.
    pub fn set_current(&self, vm: *const Vm) {
        self.current.set(vm);
    }
}

/// The interpreter of a heap object, and its running thread: for finalizers, which are handed nothing else.
pub fn vm_of(value: &Value) -> Option<&Vm> {
    let heap = oriel_heap::heap_of(value)?;
    vm_of_heap(heap)
}

/// As [`vm_of`], from the heap.
pub fn vm_of_heap(heap: &Heap) -> Option<&Vm> {
    let interpreter = heap.context().cast::<Interpreter>();
    if interpreter.is_null() {
        return None;
    }
    // SAFETY: bootstrap set the context to the interpreter that owns the heap; its current thread is running, as it
    // touches the object.
    Some(unsafe { (*interpreter).current() })
}

/// The state of one thread.
pub struct Vm {
    interpreter: NonNull<Interpreter>,
    /// The thread's number; the main thread's is 1. Never used twice.
    pub number: u64,
    /// What `threading.get_ident()` gives.
    pub ident: u64,
    /// The lowest address the native stack may reach.
    stack_limit: Cell<usize>,
    /// Python frames that may still be entered.
    pub recursion_remaining: Cell<i32>,
    /// `sys.getrecursionlimit()`.
    pub recursion_limit: Cell<i32>,
    /// The objects whose `repr` is under way.
    pub repr_running: RefCell<Vec<u64>>,
    /// The frames and handled exceptions of the thread.
    pub thread: crate::thread::ThreadState,
}

impl Deref for Vm {
    type Target = Interpreter;
    #[inline(always)]
    fn deref(&self) -> &Interpreter {
        // SAFETY: the interpreter outlives its threads.
        unsafe { self.interpreter.as_ref() }
    }
}

impl Vm {
    /// The state of a new thread that runs on this native stack.
    ///
    /// # Safety
    /// `interpreter` must outlive the result.
    pub(crate) unsafe fn new(interpreter: NonNull<Interpreter>) -> Vm {
        // SAFETY: as the caller says; the number is an atomic counter.
        let number = unsafe { (*interpreter.as_ptr()).gil.next_thread_number() };
        Vm {
            interpreter,
            number,
            ident: crate::platform::parking::thread_ident(),
            stack_limit: Cell::new(crate::platform::stack_limit()),
            recursion_remaining: Cell::new(1000),
            recursion_limit: Cell::new(1000),
            repr_running: RefCell::default(),
            thread: crate::thread::ThreadState::default(),
        }
    }

    /// Whether this is the thread that runs signal handlers.
    pub fn is_main_thread(&self) -> bool {
        self.number == self.main_thread_number()
    }

    /// The interpreter's address, for starting another thread of it.
    pub fn interpreter_pointer(&self) -> NonNull<Interpreter> {
        self.interpreter
    }

    /// Refuses to go deeper when the native stack is nearly used up.
    #[inline(always)]
    pub fn check_stack(&self) -> PyResult<()> {
        let here = 0u8;
        if std::ptr::from_ref(&here).addr() < self.stack_limit.get() {
            return Err(self.stack_exhausted());
        }
        Ok(())
    }

    /// Bytes of native stack left.
    pub fn stack_left(&self) -> usize {
        let here = 0u8;
        std::ptr::from_ref(&here).addr().saturating_sub(self.stack_limit.get())
    }

    /// Whether the native stack is nearly used up.
    #[inline(always)]
    pub fn stack_is_low(&self) -> bool {
        let here = 0u8;
        std::ptr::from_ref(&here).addr() < self.stack_limit.get()
    }

    #[cold]
    fn stack_exhausted(&self) -> crate::error::Raised {
        self.recursion_error("maximum recursion depth exceeded")
    }

    /// The type of any value.
    #[inline(always)]
    pub fn type_of<'a>(&'a self, value: &'a Value) -> &'a TypeRef {
        match value.header() {
            // SAFETY: the type of an object is a type object.
            Some(header) => unsafe { header.type_value().downcast_unchecked() },
            None => self.type_of_immediate(value),
        }
    }

    #[inline]
    fn type_of_immediate(&self, value: &Value) -> &TypeRef {
        if value.is_small_int() {
            &self.types.int
        } else if value.is_immediate_float() {
            &self.types.float
        } else if value.as_bool().is_some() {
            &self.types.bool
        } else if value.is_none() {
            &self.types.none_type
        } else if value.is_not_implemented() {
            &self.types.not_implemented_type
        } else {
            &self.types.ellipsis
        }
    }
}
