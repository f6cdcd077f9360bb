//! `select`: waiting for several descriptors.

use crate::time::{Rounding, nanoseconds_of};
use oriel_runtime::args::Signature;
use oriel_runtime::native::{GetSetDef, MethodDef, ModuleSpec, TypeSpec, type_flags};
use oriel_runtime::platform::{clocks, files, polling};
use oriel_runtime::types::list::List;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Body, Bound, Layout, PyResult, Ref, Value, Vm};
use std::cell::{Cell, OnceCell, RefCell};

/// `select`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "select",
    doc: "Waiting for several descriptors.",
    functions: &[
        MethodDef::bound(
            "select",
            select,
            "($module, rlist, wlist, xlist, timeout=None, /)",
            "Wait until one of the descriptors is ready.",
        ),
        MethodDef::noargs(
            "poll",
            |vm, _| {
                let state = vm.state::<State>();
                let Some(ty) = state.poll.get() else { return Err(vm.runtime_error("select is not there yet")) };
                Ok(vm.new_instance(ty, Poll::default())?.into_value())
            },
            "($module, /)",
            "Return an object that waits for descriptors.",
        ),
    ],
    exec: |vm, module| {
        for (name, value) in CONSTANTS {
            vm.module_set(module, name, vm.new_int(*value))?;
        }
        vm.module_set(module, "error", vm.types.os_error.to_value())?;
        let state = vm.state::<State>();
        if state.poll.get().is_none() {
            let _ = state.poll.set(vm.new_type(&POLL)?);
        }
        vm.module_type(module, &EPOLL)?;
        Ok(())
    },
};

const CONSTANTS: &[(&str, i64)] = &[
    ("POLLIN", libc::POLLIN as i64),
    ("POLLPRI", libc::POLLPRI as i64),
    ("POLLOUT", libc::POLLOUT as i64),
    ("POLLERR", libc::POLLERR as i64),
    ("POLLHUP", libc::POLLHUP as i64),
    ("POLLNVAL", libc::POLLNVAL as i64),
    ("POLLRDNORM", 64),
    ("POLLRDBAND", 128),
    ("POLLWRNORM", 256),
    ("POLLWRBAND", 512),
    ("POLLMSG", 1024),
    ("POLLRDHUP", 8192),
    ("PIPE_BUF", 4096),
    ("EPOLLIN", libc::EPOLLIN as i64),
    ("EPOLLOUT", libc::EPOLLOUT as i64),
    ("EPOLLPRI", libc::EPOLLPRI as i64),
    ("EPOLLERR", libc::EPOLLERR as i64),
    ("EPOLLHUP", libc::EPOLLHUP as i64),
    ("EPOLLRDHUP", libc::EPOLLRDHUP as i64),
    ("EPOLLET", 1 << 31),
    ("EPOLLONESHOT", libc::EPOLLONESHOT as i64),
    ("EPOLLEXCLUSIVE", libc::EPOLLEXCLUSIVE as i64),
    ("EPOLLWAKEUP", libc::EPOLLWAKEUP as i64),
    ("EPOLLRDNORM", libc::EPOLLRDNORM as i64),
    ("EPOLLRDBAND", libc::EPOLLRDBAND as i64),
    ("EPOLLWRNORM", libc::EPOLLWRNORM as i64),
    ("EPOLLWRBAND", libc::EPOLLWRBAND as i64),
    ("EPOLLMSG", libc::EPOLLMSG as i64),
    ("EPOLL_CLOEXEC", libc::EPOLL_CLOEXEC as i64),
];

#[derive(Default)]
struct State {
    poll: OnceCell<TypeRef>,
}

fn now() -> i64 {
    clocks::nanoseconds(libc::CLOCK_MONOTONIC)
}

/// Milliseconds until a moment, rounded up; -1 for none.
fn milliseconds_left(deadline: Option<i64>) -> i32 {
    match deadline {
        None => -1,
        Some(end) => {
            let left = end.saturating_sub(now()).max(0);
            i32::try_from(left / 1_000_000 + i64::from(left % 1_000_000 != 0)).unwrap_or(i32::MAX)
        }
    }
}

fn wait(vm: &Vm, descriptors: &mut [libc::pollfd], deadline: Option<i64>) -> PyResult<()> {
    match vm.system_call(|| polling::poll(descriptors, milliseconds_left(deadline)))? {
        Ok(_) => Ok(()),
        Err(errno) => Err(vm.os_error(errno)),
    }
}

fn select(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let deadline = match args[3].filter(|timeout| !timeout.is_none()) {
        None => None,
        Some(timeout) => {
            let is_number = oriel_runtime::types::float::float_of(timeout).is_some()
                || vm.type_of(timeout).slots.nb_index.get().is_some();
            if !is_number {
                return Err(vm.type_error("timeout must be a float or None"));
            }
            let length = nanoseconds_of(vm, timeout, Rounding::Ceiling)?;
            if length < 0 {
                return Err(vm.value_error("timeout must be non-negative"));
            }
            Some(now().saturating_add(length))
        }
    };
    let mut polled: Vec<libc::pollfd> = Vec::new();
    let mut lists = Vec::new();
    for (list, events) in args[..3].iter().zip([libc::POLLIN | libc::POLLRDHUP, libc::POLLOUT, libc::POLLPRI]) {
        let mut objects = Vec::new();
        let Some(given) = *list else { continue };
        let items = vm.collect(given)?;
        for (index, object) in items.into_iter().enumerate() {
            // Asking for descriptors may have changed the list: what it no longer has is left out.
            if given.downcast::<List>().is_some_and(|list| index >= list.len()) {
                break;
            }
            let fd = vm.descriptor_argument(&object)?;
            if fd >= libc::FD_SETSIZE as i32 {
                return Err(vm.value_error("filedescriptor out of range in select()"));
            }
            objects.push((object, polled.len()));
            polled.push(libc::pollfd { fd, events, revents: 0 });
        }
        lists.push(objects);
    }
    wait(vm, &mut polled, deadline)?;
    if polled.iter().any(|entry| entry.revents & libc::POLLNVAL != 0) {
        return Err(vm.os_error(libc::EBADF));
    }
    let readiness =
        [libc::POLLIN | libc::POLLHUP | libc::POLLERR | libc::POLLRDHUP, libc::POLLOUT | libc::POLLERR, libc::POLLPRI];
    let ready: Vec<Value> = lists
        .into_iter()
        .zip(readiness)
        .map(|(objects, wanted)| {
            let found = objects.into_iter().filter(|(_, index)| polled[*index].revents & wanted != 0);
            vm.new_list(found.map(|(object, _)| object).collect()).into_value()
        })
        .collect();
    Ok(vm.new_tuple(&ready))
}

/// The body of the object of `poll`.
#[derive(Default)]
struct Poll {
    /// Descriptors and events, in the order of registration.
    entries: RefCell<Vec<(i32, i16)>>,
    running: Cell<bool>,
}

static POLL_LAYOUT: Layout = Layout::of::<Poll>("poll", None);

impl Body for Poll {
    fn layout() -> &'static Layout {
        &POLL_LAYOUT
    }
}

static POLL: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    methods: &[
        MethodDef::bound("register", register, "($self, fd, eventmask=POLLIN|POLLPRI|POLLOUT, /)", "Add a descriptor."),
        MethodDef::bound("modify", modify, "($self, fd, eventmask, /)", "Change what is waited for."),
        MethodDef::bound("unregister", unregister, "($self, fd, /)", "Remove a descriptor."),
        MethodDef::bound("poll", do_poll, "($self, timeout=None, /)", "Wait; return descriptors and events."),
    ],
    ..TypeSpec::new("select.poll", Poll::layout)
};

fn poll_body<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Poll>> {
    this.downcast().ok_or_else(|| vm.type_error("a poll object is needed"))
}

fn mask(vm: &Vm, value: Option<&Value>) -> PyResult<i16> {
    let Some(value) = value else { return Ok(libc::POLLIN | libc::POLLPRI | libc::POLLOUT) };
    match vm.small_or_big(&vm.index(value)?) {
        Some(Ok(number)) if number < 0 => Err(vm.value_error("value must be positive")),
        Some(Ok(number)) => u16::try_from(number)
            .map(|number| number as i16)
            .map_err(|_| vm.overflow_error("Python int too large for C unsigned short")),
        _ => Err(vm.overflow_error("Python int too large for C unsigned short")),
    }
}

fn register(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let fd = vm.descriptor_argument(args[0].unwrap_or(&Value::NONE))?;
    let events = mask(vm, args[1])?;
    let own = poll_body(vm, this)?;
    let mut entries = own.entries.borrow_mut();
    match entries.iter_mut().find(|entry| entry.0 == fd) {
        Some(entry) => entry.1 = events,
        None => entries.push((fd, events)),
    }
    Ok(Value::NONE)
}

fn modify(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let fd = vm.descriptor_argument(args[0].unwrap_or(&Value::NONE))?;
    let events = mask(vm, args[1])?;
    let own = poll_body(vm, this)?;
    match own.entries.borrow_mut().iter_mut().find(|entry| entry.0 == fd) {
        Some(entry) => entry.1 = events,
        None => return Err(vm.os_error(libc::ENOENT)),
    }
    Ok(Value::NONE)
}

fn unregister(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let fd = vm.descriptor_argument(args[0].unwrap_or(&Value::NONE))?;
    let own = poll_body(vm, this)?;
    let mut entries = own.entries.borrow_mut();
    let before = entries.len();
    entries.retain(|entry| entry.0 != fd);
    if entries.len() == before {
        return Err(vm.key_error(&Value::small(fd)));
    }
    Ok(Value::NONE)
}

fn do_poll(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let own = poll_body(vm, this)?;
    let deadline = match args[0].filter(|timeout| !timeout.is_none()) {
        None => None,
        Some(timeout) => {
            let thousandth = match oriel_runtime::types::float::float_of(timeout) {
                Some(number) if number.is_nan() => {
                    return Err(vm.value_error("Invalid value NaN (not a number)"));
                }
                Some(number) => number,
                None => match vm.small_or_big(&vm.index(timeout)?) {
                    Some(Ok(number)) => number as f64,
                    _ => return Err(vm.overflow_error("timeout is too large")),
                },
            };
            if thousandth > f64::from(i32::MAX) {
                return Err(vm.overflow_error("timeout is too large"));
            }
            (thousandth >= 0.0).then(|| now().saturating_add((thousandth * 1e6).ceil() as i64))
        }
    };
    if own.running.replace(true) {
        return Err(vm.runtime_error("concurrent poll() invocation"));
    }
    let mut polled: Vec<libc::pollfd> =
        own.entries.borrow().iter().map(|(fd, events)| libc::pollfd { fd: *fd, events: *events, revents: 0 }).collect();
    let result = wait(vm, &mut polled, deadline);
    own.running.set(false);
    result?;
    let ready = polled.iter().filter(|entry| entry.revents != 0);
    let pairs = ready.map(|entry| vm.new_tuple(&[Value::small(entry.fd), Value::small((entry.revents as u16).into())]));
    Ok(vm.new_list(pairs.collect()).into_value())
}

/// The body of `epoll`.
struct Epoll(Cell<i32>);

static EPOLL_LAYOUT: Layout = Layout::of::<Epoll>("epoll", None);

impl Body for Epoll {
    fn layout() -> &'static Layout {
        &EPOLL_LAYOUT
    }
}

impl Drop for Epoll {
    fn drop(&mut self) {
        if self.0.get() >= 0 {
            let _ = files::close(self.0.get());
        }
    }
}

static EPOLL: TypeSpec = TypeSpec {
    doc: "A set of descriptors to be waited for.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, args| {
            let mut bound: [Option<&Value>; 2] = [None; 2];
            Signature::parse("(sizehint=-1, flags=0)").bind(vm, "epoll", args, &mut bound)?;
            let size = bound[0].map_or(Ok(-1), |size| vm.to_i32(size))?;
            let flags = bound[1].map_or(Ok(0), |flags| vm.to_i32(flags))?;
            if size < -1 || size == 0 {
                return Err(vm.value_error("sizehint must be positive or -1"));
            }
            if flags & !libc::EPOLL_CLOEXEC != 0 {
                return Err(vm.os_error(libc::EINVAL));
            }
            let fd = polling::epoll_create1(libc::EPOLL_CLOEXEC).map_err(|errno| vm.os_error(errno))?;
            Ok(vm.new_instance(class, Epoll(Cell::new(fd as i32)))?.into_value())
        }));
    },
    methods: &[
        MethodDef::noargs("close", close_epoll, "($self, /)", "Close the set."),
        MethodDef::noargs(
            "fileno",
            |vm, this| Ok(Value::small(set(vm, this)?)),
            "($self, /)",
            "Return the descriptor.",
        ),
        MethodDef::bound(
            "fromfd",
            |vm, class, args| {
                let fd = args[0].map_or(Ok(-1), |fd| vm.to_i32(fd))?;
                let Some(class) = class.downcast() else { return Err(vm.type_error("a class is needed")) };
                Ok(vm.new_instance(class, Epoll(Cell::new(fd)))?.into_value())
            },
            "($type, fd, /)",
            "Return the set of a descriptor.",
        )
        .class_method(),
        MethodDef::bound(
            "register",
            |vm, this, args| control(vm, this, args, libc::EPOLL_CTL_ADD),
            "($self, /, fd, eventmask=EPOLLIN|EPOLLPRI|EPOLLOUT)",
            "Add a descriptor.",
        ),
        MethodDef::bound(
            "modify",
            |vm, this, args| control(vm, this, args, libc::EPOLL_CTL_MOD),
            "($self, /, fd, eventmask)",
            "Change what is waited for.",
        ),
        MethodDef::bound(
            "unregister",
            |vm, this, args| control(vm, this, args, libc::EPOLL_CTL_DEL),
            "($self, /, fd)",
            "Remove a descriptor.",
        ),
        MethodDef::bound(
            "poll",
            poll_epoll,
            "($self, /, timeout=None, maxevents=-1)",
            "Wait; return descriptors and events.",
        ),
        MethodDef::noargs(
            "__enter__",
            |vm, this| {
                set(vm, this)?;
                Ok(this.clone())
            },
            "($self, /)",
            "Return the set.",
        ),
        MethodDef::args("__exit__", |vm, this, _| close_epoll(vm, this), "", "Close the set."),
    ],
    getset: &[GetSetDef::readonly(
        "closed",
        |vm, this| Ok(Value::bool(epoll(vm, this)?.0.get() < 0)),
        "Whether the set is closed.",
    )],
    ..TypeSpec::new("select.epoll", Epoll::layout)
};

fn epoll<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Epoll>> {
    this.downcast().ok_or_else(|| vm.type_error("an epoll object is needed"))
}

fn set(vm: &Vm, this: &Value) -> PyResult<i32> {
    match epoll(vm, this)?.0.get() {
        fd if fd >= 0 => Ok(fd),
        _ => Err(vm.value_error("I/O operation on closed epoll object")),
    }
}

fn close_epoll(vm: &Vm, this: &Value) -> PyResult {
    let fd = epoll(vm, this)?.0.replace(-1);
    if fd >= 0
        && let Err(errno) = vm.allow_threads(|| files::close(fd))
    {
        return Err(vm.os_error(errno));
    }
    Ok(Value::NONE)
}

fn control(vm: &Vm, this: &Value, args: &Bound<'_>, operation: i32) -> PyResult {
    let set = set(vm, this)?;
    let fd = vm.descriptor_argument(args[0].unwrap_or(&Value::NONE))?;
    let events = match args.get(1).copied().flatten() {
        Some(events) => vm.to_i64(events)? as u32,
        None => (libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLOUT) as u32,
    };
    match vm.allow_threads(|| polling::epoll_ctl(set, operation, fd, events)) {
        Ok(_) => Ok(Value::NONE),
        Err(errno) => Err(vm.os_error(errno)),
    }
}

fn poll_epoll(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let set = set(vm, this)?;
    let deadline = match args[0].filter(|timeout| !timeout.is_none()) {
        None => None,
        Some(timeout) => {
            let length = nanoseconds_of(vm, timeout, Rounding::Ceiling)?;
            (length >= 0).then(|| now().saturating_add(length))
        }
    };
    let most = args[1].map_or(Ok(-1), |most| vm.to_i32(most))?;
    let most = match most {
        -1 => 1023,
        most if most <= 0 => {
            return Err(vm.value_error(format!("maxevents must be greater than 0, got {most}")));
        }
        most => (most as usize).min(1 << 16),
    };
    match vm.system_call(|| polling::epoll_wait(set, most, milliseconds_left(deadline)))? {
        Ok(events) => {
            let pairs =
                events.iter().map(|(fd, events)| vm.new_tuple(&[Value::small(*fd), vm.new_int((*events).into())]));
            Ok(vm.new_list(pairs.collect()).into_value())
        }
        Err(errno) => Err(vm.os_error(errno)),
    }
}
