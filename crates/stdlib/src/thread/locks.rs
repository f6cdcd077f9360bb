//! `lock` and `RLock`.

use super::{timeout_nanoseconds, types, wait_for};
use oriel_runtime::args::Signature;
use oriel_runtime::native::{MethodDef, TypeSpec, type_flags};
use oriel_runtime::platform::parking::RawLock;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, Layout, PyResult, Ref, Value, Vm};
use std::cell::Cell;

/// The longest wait, in seconds.
pub const TIMEOUT_MAX: f64 = 9_223_372_036.0;

/// The body of `lock`.
pub struct Lock(RawLock);

static LOCK_LAYOUT: Layout = Layout::of::<Lock>("lock", None);

impl Body for Lock {
    fn layout() -> &'static Layout {
        &LOCK_LAYOUT
    }
}

/// The body of `RLock`. Owner and count are guarded by the GIL.
pub struct ReentrantLock {
    lock: RawLock,
    owner: Cell<u64>,
    count: Cell<u64>,
}

static RLOCK_LAYOUT: Layout = Layout::of::<ReentrantLock>("RLock", None);

impl Body for ReentrantLock {
    fn layout() -> &'static Layout {
        &RLOCK_LAYOUT
    }
}

/// `_thread.lock`
pub static LOCK: TypeSpec = TypeSpec {
    flags: type_flags::WEAKREF,
    doc: "A lock that any thread may release.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, args| {
            args.unpack(vm, "lock", 0, 0)?;
            new_lock(vm, class)
        }));
        slots.repr.set(Some(|vm, this| {
            let state = if lock(vm, this)?.0.is_locked() { "locked" } else { "unlocked" };
            Ok(vm.new_str(&format!("<{state} {} object at {:#x}>", vm.type_name(this), this.word())))
        }));
    },
    methods: &[
        MethodDef::args(
            "acquire",
            acquire,
            "($self, /, blocking=True, timeout=-1)",
            "Take the lock; return whether it worked.",
        ),
        MethodDef::args("acquire_lock", acquire, "($self, /, blocking=True, timeout=-1)", "Take the lock."),
        MethodDef::args("__enter__", acquire, "($self, /)", "Take the lock."),
        MethodDef::noargs("release", release, "($self, /)", "Release the lock."),
        MethodDef::noargs("release_lock", release, "($self, /)", "Release the lock."),
        MethodDef::args("__exit__", |vm, this, _| release(vm, this), "($self, /, *exc_info)", "Release the lock."),
        MethodDef::noargs("locked", locked, "($self, /)", "Return whether the lock is taken."),
        MethodDef::noargs("locked_lock", locked, "($self, /)", "Return whether the lock is taken."),
        MethodDef::noargs(
            "_at_fork_reinit",
            |vm, this| {
                lock(vm, this)?.0.reset();
                Ok(Value::NONE)
            },
            "($self, /)",
            "Make the lock free, after a fork.",
        ),
    ],
    ..TypeSpec::new("_thread.lock", Lock::layout)
};

/// `_thread.RLock`
pub static RLOCK: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::WEAKREF,
    doc: "A lock that its owner may take several times.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, args| {
            if class.is(&types(vm)?.rlock) {
                args.unpack(vm, "RLock", 0, 0)?;
            }
            let body = ReentrantLock { lock: RawLock::default(), owner: Cell::new(0), count: Cell::new(0) };
            Ok(vm.new_instance(class, body)?.into_value())
        }));
        slots.repr.set(Some(|vm, this| {
            let own = rlock(vm, this)?;
            let state = if own.lock.is_locked() { "locked" } else { "unlocked" };
            Ok(vm.new_str(&format!(
                "<{state} {} object owner={} count={} at {:#x}>",
                vm.type_name(this),
                own.owner.get(),
                own.count.get(),
                this.word()
            )))
        }));
    },
    methods: &[
        MethodDef::args("acquire", acquire_reentrant, "($self, /, blocking=True, timeout=-1)", "Take the lock."),
        MethodDef::args("__enter__", acquire_reentrant, "($self, /)", "Take the lock."),
        MethodDef::noargs("release", release_reentrant, "($self, /)", "Release the lock."),
        MethodDef::args(
            "__exit__",
            |vm, this, _| release_reentrant(vm, this),
            "($self, /, *exc_info)",
            "Release the lock.",
        ),
        MethodDef::noargs(
            "locked",
            |vm, this| Ok(Value::bool(rlock(vm, this)?.lock.is_locked())),
            "($self, /)",
            "Return whether the lock is taken.",
        ),
        MethodDef::noargs(
            "_is_owned",
            |vm, this| Ok(Value::bool(rlock(vm, this)?.owner.get() == vm.ident)),
            "($self, /)",
            "Return whether this thread has the lock.",
        ),
        MethodDef::noargs(
            "_recursion_count",
            |vm, this| {
                let own = rlock(vm, this)?;
                Ok(vm.new_uint(if own.owner.get() == vm.ident { own.count.get() } else { 0 }))
            },
            "($self, /)",
            "Return how often this thread has taken the lock.",
        ),
        MethodDef::one("_acquire_restore", acquire_restore, "($self, state, /)", "Take the lock as it was."),
        MethodDef::noargs("_release_save", release_save, "($self, /)", "Release the lock; return how it was."),
        MethodDef::noargs(
            "_at_fork_reinit",
            |vm, this| {
                let own = rlock(vm, this)?;
                own.lock.reset();
                own.owner.set(0);
                own.count.set(0);
                Ok(Value::NONE)
            },
            "($self, /)",
            "Make the lock free, after a fork.",
        ),
    ],
    ..TypeSpec::new("_thread.RLock", ReentrantLock::layout)
};

/// A new lock.
pub fn new_lock(vm: &Vm, class: &TypeRef) -> PyResult {
    Ok(vm.new_instance(class, Lock(RawLock::default()))?.into_value())
}

fn lock<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Lock>> {
    this.downcast().ok_or_else(|| vm.type_error("a lock is needed"))
}

fn rlock<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<ReentrantLock>> {
    this.downcast().ok_or_else(|| vm.type_error("an RLock is needed"))
}

/// The arguments `blocking` and `timeout` of a lock: nothing for no waiting at all, else the time that may pass.
pub fn timeout_argument(vm: &Vm, args: Args<'_>) -> PyResult<Option<Option<i64>>> {
    if args.is_empty() {
        return Ok(Some(None));
    }
    let mut bound: [Option<&Value>; 2] = [None; 2];
    Signature::parse("($self, /, blocking=True, timeout=-1)").bind(vm, "acquire", args, &mut bound)?;
    let blocking = bound[0].map_or(Ok(true), |blocking| vm.truth(blocking))?;
    let timeout = match bound[1] {
        Some(timeout) => timeout_nanoseconds(vm, timeout)?,
        None => -1_000_000_000,
    };
    let unset = timeout == -1_000_000_000;
    if !blocking && !unset {
        return Err(vm.value_error("can't specify a timeout for a non-blocking call"));
    }
    if timeout < 0 && !unset {
        return Err(vm.value_error("timeout value must be a non-negative number"));
    }
    if timeout as f64 > TIMEOUT_MAX * 1e9 {
        return Err(vm.overflow_error("timeout value is too large"));
    }
    Ok(match (blocking, unset) {
        (false, _) => None,
        (true, true) => Some(None),
        (true, false) => Some(Some(timeout)),
    })
}

fn take(vm: &Vm, raw: &RawLock, timeout: Option<Option<i64>>) -> PyResult<bool> {
    if raw.try_lock() {
        return Ok(true);
    }
    match timeout {
        None | Some(Some(0)) => Ok(false),
        Some(timeout) => wait_for(vm, timeout, |deadline| raw.lock_until(deadline)),
    }
}

fn acquire(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    let timeout = timeout_argument(vm, args)?;
    Ok(Value::bool(take(vm, &lock(vm, this)?.0, timeout)?))
}

fn release(vm: &Vm, this: &Value) -> PyResult {
    if !lock(vm, this)?.0.unlock() {
        return Err(vm.runtime_error("release unlocked lock"));
    }
    Ok(Value::NONE)
}

fn locked(vm: &Vm, this: &Value) -> PyResult {
    Ok(Value::bool(lock(vm, this)?.0.is_locked()))
}

fn acquire_reentrant(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    let timeout = timeout_argument(vm, args)?;
    let own = rlock(vm, this)?;
    if own.owner.get() == vm.ident {
        own.count.set(own.count.get() + 1);
        return Ok(Value::TRUE);
    }
    if !take(vm, &own.lock, timeout)? {
        return Ok(Value::FALSE);
    }
    own.owner.set(vm.ident);
    own.count.set(1);
    Ok(Value::TRUE)
}

fn release_reentrant(vm: &Vm, this: &Value) -> PyResult {
    let own = rlock(vm, this)?;
    if own.owner.get() != vm.ident || own.count.get() == 0 {
        return Err(vm.runtime_error("cannot release un-acquired lock"));
    }
    own.count.set(own.count.get() - 1);
    if own.count.get() == 0 {
        own.owner.set(0);
        own.lock.unlock();
    }
    Ok(Value::NONE)
}

fn acquire_restore(vm: &Vm, this: &Value, state: &Value) -> PyResult {
    let items = vm.collect(state)?;
    let [count, owner] = &items[..] else { return Err(vm.type_error("a state of two numbers is needed")) };
    let (count, owner) = (vm.to_i64(count)? as u64, vm.to_i64(owner)? as u64);
    let own = rlock(vm, this)?;
    take(vm, &own.lock, Some(None))?;
    own.owner.set(owner);
    own.count.set(count);
    Ok(Value::NONE)
}

fn release_save(vm: &Vm, this: &Value) -> PyResult {
    let own = rlock(vm, this)?;
    if own.count.get() == 0 {
        return Err(vm.runtime_error("cannot release un-acquired lock"));
    }
    let state = vm.new_tuple(&[vm.new_uint(own.count.get()), vm.new_uint(own.owner.get())]);
    own.owner.set(0);
    own.count.set(0);
    own.lock.unlock();
    Ok(state)
}
