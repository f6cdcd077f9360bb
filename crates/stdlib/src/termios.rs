//! `termios`: the state of terminals.

use crate::bodies::given;
use oriel_runtime::platform::terminals::{self, Attributes};
use oriel_runtime::types::list::List;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Bound, MethodDef, ModuleSpec, PyResult, Raised, Value, Vm, platform};
use std::cell::OnceCell;

#[derive(Default)]
struct State {
    error: OnceCell<TypeRef>,
}

/// `termios`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "termios",
    doc: "The state of terminals, as POSIX describes it.",
    functions: FUNCTIONS,
    exec: |vm, module| {
        let state = vm.state::<State>();
        for (name, value) in CONSTANTS {
            vm.module_set(module, name, vm.new_int(*value))?;
        }
        let error = match state.error.get() {
            Some(error) => error.clone(),
            None => crate::bodies::exception(vm, "termios", "error", &vm.types.exception)?,
        };
        vm.module_set(module, "error", error.to_value())?;
        let _ = state.error.set(error);
        Ok(())
    },
};

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::bound("tcgetattr", tcgetattr, "($module, fd, /)", "Return the state of a terminal as a list."),
    MethodDef::bound("tcsetattr", tcsetattr, "($module, fd, when, attributes, /)", "Set the state of a terminal."),
    MethodDef::bound(
        "tcsendbreak",
        |vm, _, args| two(vm, args, terminals::tcsendbreak),
        "($module, fd, duration, /)",
        "Send a break.",
    ),
    MethodDef::bound("tcdrain", tcdrain, "($module, fd, /)", "Wait until all output is sent."),
    MethodDef::bound(
        "tcflush",
        |vm, _, args| two(vm, args, terminals::tcflush),
        "($module, fd, queue, /)",
        "Discard what waits in a queue.",
    ),
    MethodDef::bound(
        "tcflow",
        |vm, _, args| two(vm, args, terminals::tcflow),
        "($module, fd, action, /)",
        "Stop or start input or output.",
    ),
    MethodDef::bound("tcgetwinsize", tcgetwinsize, "($module, fd, /)", "Return lines and columns."),
    MethodDef::bound("tcsetwinsize", tcsetwinsize, "($module, fd, winsize, /)", "Set lines and columns."),
];

#[cold]
fn error(vm: &Vm, errno: i32) -> Raised {
    let args = [vm.new_int(errno.into()), vm.new_str(&platform::error_text(errno))];
    match vm.state::<State>().error.get() {
        Some(class) => vm.new_exception_with(class, &args),
        None => vm.os_error(errno),
    }
}

fn descriptor(vm: &Vm, args: &Bound<'_>) -> PyResult<i32> {
    vm.descriptor_argument(given(vm, args[0])?)
}

fn two(vm: &Vm, args: &Bound<'_>, call: fn(i32, i32) -> platform::Result) -> PyResult {
    let descriptor = descriptor(vm, args)?;
    let number = vm.to_i32(given(vm, args[1])?)?;
    vm.allow_threads(|| call(descriptor, number)).map_err(|errno| error(vm, errno))?;
    Ok(Value::NONE)
}

fn tcdrain(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let descriptor = descriptor(vm, args)?;
    vm.allow_threads(|| terminals::tcdrain(descriptor)).map_err(|errno| error(vm, errno))?;
    Ok(Value::NONE)
}

fn tcgetattr(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let attributes = terminals::tcgetattr(descriptor(vm, args)?).map_err(|errno| error(vm, errno))?;
    let mut characters: Vec<Value> = attributes.characters.iter().map(|byte| vm.new_bytes(&[*byte])).collect();
    // Without lines, two of the characters are numbers.
    if attributes.flags[3] & libc::ICANON == 0 {
        for index in [libc::VMIN, libc::VTIME] {
            characters[index] = vm.new_int(attributes.characters[index].into());
        }
    }
    let mut items: Vec<Value> = attributes.flags.iter().map(|flag| vm.new_int((*flag).into())).collect();
    items.extend(attributes.speeds.iter().map(|speed| vm.new_int((*speed).into())));
    items.push(vm.list(characters));
    Ok(vm.list(items))
}

/// The items of a list of a length.
fn items(vm: &Vm, value: &Value, length: usize, message: &str) -> PyResult<Vec<Value>> {
    match value.downcast::<List>().map(|list| list.snapshot()) {
        Some(items) if items.len() == length => Ok(items),
        _ => Err(vm.type_error(message)),
    }
}

/// A number of C's unsigned types, cut as C cuts.
fn unsigned(vm: &Vm, value: &Value) -> PyResult<u32> {
    Ok(vm.to_i64(&vm.index(value)?)? as u32)
}

fn tcsetattr(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let descriptor = descriptor(vm, args)?;
    let when = vm.to_i32(given(vm, args[1])?)?;
    let fields = items(vm, given(vm, args[2])?, 7, "tcsetattr, arg 3: must be 7 element list")?;
    let mut attributes = terminals::tcgetattr(descriptor).map_err(|errno| error(vm, errno))?;
    let Attributes { flags, speeds, characters } = &mut attributes;
    for (place, field) in flags.iter_mut().chain(speeds).zip(&fields) {
        *place = unsigned(vm, field)?;
    }
    let given = items(vm, &fields[6], characters.len(), "tcsetattr: attributes[6] must be 32 element list")?;
    for (place, character) in characters.iter_mut().zip(&given) {
        *place = match vm.as_bytes(character).map(|bytes| bytes.as_slice()) {
            Some([byte]) => *byte,
            None if vm.small_or_big(character).is_some() => vm.to_i64(character)? as u8,
            _ => {
                return Err(
                    vm.type_error("tcsetattr: elements of attributes must be bytes objects of length 1 or integers")
                );
            }
        };
    }
    vm.allow_threads(|| terminals::tcsetattr(descriptor, when, &attributes)).map_err(|errno| error(vm, errno))?;
    Ok(Value::NONE)
}

fn tcgetwinsize(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let (columns, lines) = terminals::size(descriptor(vm, args)?).map_err(|errno| error(vm, errno))?;
    Ok(vm.tuple([vm.new_int(lines.into()), vm.new_int(columns.into())]))
}

fn tcsetwinsize(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let descriptor = descriptor(vm, args)?;
    let wrong = || vm.type_error("tcsetwinsize, arg 2: must be a two-item sequence");
    let size = given(vm, args[1])?;
    if vm.type_of(size).slots.sq_item.get().is_none() || vm.len(size)? != 2 {
        return Err(wrong());
    }
    let mut numbers = [0; 2];
    for (place, index) in numbers.iter_mut().zip(0..) {
        let number = vm.to_i64(&vm.index(&vm.get_item(size, &Value::small(index))?)?)?;
        *place = u16::try_from(number).map_err(|_| vm.overflow_error("winsize value(s) out of range."))?;
    }
    terminals::size(descriptor)
        .and_then(|_| terminals::set_size(descriptor, numbers[0], numbers[1]))
        .map_err(|errno| error(vm, errno))?;
    Ok(Value::NONE)
}

/// Names of C's headers for Linux.
#[rustfmt::skip]
const CONSTANTS: &[(&str, i64)] = &[
    ("B0", 0),
    ("B1000000", 0xf4240),
    ("B110", 110),
    ("B115200", 0x1c200),
    ("B1152000", 0x119400),
    ("B1200", 0x4b0),
    ("B134", 134),
    ("B14400", 0x3840),
    ("B150", 150),
    ("B1500000", 0x16e360),
    ("B1800", 0x708),
    ("B19200", 0x4b00),
    ("B200", 200),
    ("B2000000", 0x1e8480),
    ("B230400", 0x38400),
    ("B2400", 0x960),
    ("B2500000", 0x2625a0),
    ("B28800", 0x7080),
    ("B300", 0x12c),
    ("B3000000", 0x2dc6c0),
    ("B3500000", 0x3567e0),
    ("B38400", 0x9600),
    ("B4000000", 0x3d0900),
    ("B460800", 0x70800),
    ("B4800", 0x12c0),
    ("B50", 50),
    ("B500000", 0x7a120),
    ("B57600", 0xe100),
    ("B576000", 0x8ca00),
    ("B600", 0x258),
    ("B7200", 0x1c20),
    ("B75", 75),
    ("B76800", 0x12c00),
    ("B921600", 0xe1000),
    ("B9600", 0x2580),
    ("BRKINT", 2),
    ("BS0", 0),
    ("BS1", 0x2000),
    ("BSDLY", 0x2000),
    ("CBAUD", 0x100f),
    ("CBAUDEX", 0x1000),
    ("CDSUSP", 25),
    ("CEOF", 4),
    ("CEOL", 0),
    ("CEOT", 4),
    ("CERASE", 127),
    ("CFLUSH", 15),
    ("CIBAUD", 0x100f0000),
    ("CINTR", 3),
    ("CKILL", 21),
    ("CLNEXT", 22),
    ("CLOCAL", 0x800),
    ("CQUIT", 28),
    ("CR0", 0),
    ("CR1", 0x200),
    ("CR2", 0x400),
    ("CR3", 0x600),
    ("CRDLY", 0x600),
    ("CREAD", 128),
    ("CRPRNT", 18),
    ("CRTSCTS", 0x80000000),
    ("CS5", 0),
    ("CS6", 16),
    ("CS7", 32),
    ("CS8", 48),
    ("CSIZE", 48),
    ("CSTART", 17),
    ("CSTOP", 19),
    ("CSTOPB", 64),
    ("CSUSP", 26),
    ("CWERASE", 23),
    ("ECHO", 8),
    ("ECHOCTL", 0x200),
    ("ECHOE", 16),
    ("ECHOK", 32),
    ("ECHOKE", 0x800),
    ("ECHONL", 64),
    ("ECHOPRT", 0x400),
    ("EXTA", 0x4b00),
    ("EXTB", 0x9600),
    ("EXTPROC", 0x10000),
    ("FF0", 0),
    ("FF1", 0x8000),
    ("FFDLY", 0x8000),
    ("FIOASYNC", 0x5452),
    ("FIOCLEX", 0x5451),
    ("FIONBIO", 0x5421),
    ("FIONCLEX", 0x5450),
    ("FIONREAD", 0x541b),
    ("FLUSHO", 0x1000),
    ("HUPCL", 0x400),
    ("IBSHIFT", 16),
    ("ICANON", 2),
    ("ICRNL", 0x100),
    ("IEXTEN", 0x8000),
    ("IGNBRK", 1),
    ("IGNCR", 128),
    ("IGNPAR", 4),
    ("IMAXBEL", 0x2000),
    ("INLCR", 64),
    ("INPCK", 16),
    ("IOCSIZE_MASK", 0x3fff0000),
    ("IOCSIZE_SHIFT", 16),
    ("ISIG", 1),
    ("ISTRIP", 32),
    ("IUCLC", 0x200),
    ("IUTF8", 0x4000),
    ("IXANY", 0x800),
    ("IXOFF", 0x1000),
    ("IXON", 0x400),
    ("NCCS", 32),
    ("NL0", 0),
    ("NL1", 0x100),
    ("NLDLY", 0x100),
    ("NOFLSH", 128),
    ("N_MOUSE", 2),
    ("N_PPP", 3),
    ("N_SLIP", 1),
    ("N_STRIP", 4),
    ("N_TTY", 0),
    ("OCRNL", 8),
    ("OFDEL", 128),
    ("OFILL", 64),
    ("OLCUC", 2),
    ("ONLCR", 4),
    ("ONLRET", 32),
    ("ONOCR", 16),
    ("OPOST", 1),
    ("PARENB", 0x100),
    ("PARMRK", 8),
    ("PARODD", 0x200),
    ("PENDIN", 0x4000),
    ("TAB0", 0),
    ("TAB1", 0x800),
    ("TAB2", 0x1000),
    ("TAB3", 0x1800),
    ("TABDLY", 0x1800),
    ("TCFLSH", 0x540b),
    ("TCGETS", 0x5401),
    ("TCIFLUSH", 0),
    ("TCIOFF", 2),
    ("TCIOFLUSH", 2),
    ("TCION", 3),
    ("TCOFLUSH", 1),
    ("TCOOFF", 0),
    ("TCOON", 1),
    ("TCSADRAIN", 1),
    ("TCSAFLUSH", 2),
    ("TCSANOW", 0),
    ("TCSBRK", 0x5409),
    ("TCSBRKP", 0x5425),
    ("TCSETS", 0x5402),
    ("TCSETSF", 0x5404),
    ("TCSETSW", 0x5403),
    ("TCXONC", 0x540a),
    ("TIOCCONS", 0x541d),
    ("TIOCEXCL", 0x540c),
    ("TIOCGETD", 0x5424),
    ("TIOCGICOUNT", 0x545d),
    ("TIOCGLCKTRMIOS", 0x5456),
    ("TIOCGPGRP", 0x540f),
    ("TIOCGSERIAL", 0x541e),
    ("TIOCGSOFTCAR", 0x5419),
    ("TIOCGWINSZ", 0x5413),
    ("TIOCINQ", 0x541b),
    ("TIOCLINUX", 0x541c),
    ("TIOCMBIC", 0x5417),
    ("TIOCMBIS", 0x5416),
    ("TIOCMGET", 0x5415),
    ("TIOCMIWAIT", 0x545c),
    ("TIOCMSET", 0x5418),
    ("TIOCM_CAR", 64),
    ("TIOCM_CD", 64),
    ("TIOCM_CTS", 32),
    ("TIOCM_DSR", 0x100),
    ("TIOCM_DTR", 2),
    ("TIOCM_LE", 1),
    ("TIOCM_RI", 128),
    ("TIOCM_RNG", 128),
    ("TIOCM_RTS", 4),
    ("TIOCM_SR", 16),
    ("TIOCM_ST", 8),
    ("TIOCNOTTY", 0x5422),
    ("TIOCNXCL", 0x540d),
    ("TIOCOUTQ", 0x5411),
    ("TIOCPKT", 0x5420),
    ("TIOCPKT_DATA", 0),
    ("TIOCPKT_DOSTOP", 32),
    ("TIOCPKT_FLUSHREAD", 1),
    ("TIOCPKT_FLUSHWRITE", 2),
    ("TIOCPKT_NOSTOP", 16),
    ("TIOCPKT_START", 8),
    ("TIOCPKT_STOP", 4),
    ("TIOCSCTTY", 0x540e),
    ("TIOCSERCONFIG", 0x5453),
    ("TIOCSERGETLSR", 0x5459),
    ("TIOCSERGETMULTI", 0x545a),
    ("TIOCSERGSTRUCT", 0x5458),
    ("TIOCSERGWILD", 0x5454),
    ("TIOCSERSETMULTI", 0x545b),
    ("TIOCSERSWILD", 0x5455),
    ("TIOCSER_TEMT", 1),
    ("TIOCSETD", 0x5423),
    ("TIOCSLCKTRMIOS", 0x5457),
    ("TIOCSPGRP", 0x5410),
    ("TIOCSSERIAL", 0x541f),
    ("TIOCSSOFTCAR", 0x541a),
    ("TIOCSTI", 0x5412),
    ("TIOCSWINSZ", 0x5414),
    ("TOSTOP", 0x100),
    ("VDISCARD", 13),
    ("VEOF", 4),
    ("VEOL", 11),
    ("VEOL2", 16),
    ("VERASE", 2),
    ("VINTR", 0),
    ("VKILL", 3),
    ("VLNEXT", 15),
    ("VMIN", 6),
    ("VQUIT", 1),
    ("VREPRINT", 12),
    ("VSTART", 8),
    ("VSTOP", 9),
    ("VSUSP", 10),
    ("VSWTC", 7),
    ("VSWTCH", 7),
    ("VT0", 0),
    ("VT1", 0x4000),
    ("VTDLY", 0x4000),
    ("VTIME", 5),
    ("VWERASE", 14),
    ("XCASE", 4),
    ("XTABS", 0x1800),
    ("_POSIX_VDISABLE", 0),
];
