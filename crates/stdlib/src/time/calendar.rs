//! Points in time as dates: `struct_time`, `localtime`, `gmtime`, `mktime`, `strftime`, `asctime`, the time zone.

use super::Rounding;
use oriel_kernel::text::{Kind, TextBuf};
use oriel_runtime::native::MethodDef;
use oriel_runtime::paths::decode_text;
use oriel_runtime::platform::clocks::{self, Calendar};
use oriel_runtime::types::float::float_of;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::struct_sequence::{StructSpec, struct_type};
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{PyResult, Value, Vm};
use std::cell::OnceCell;
use std::ffi::CString;

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::positional(
        "localtime",
        0,
        1,
        |vm, _, args| {
            let seconds = moment(vm, args.first())?;
            date(vm, &clocks::localtime(seconds).map_err(|errno| vm.os_error(errno))?)
        },
        "",
        "Return a time as a date of the local time zone.",
    ),
    MethodDef::positional(
        "gmtime",
        0,
        1,
        |vm, _, args| {
            let seconds = moment(vm, args.first())?;
            let mut found = clocks::gmtime(seconds).map_err(|errno| vm.os_error(errno))?;
            found.zone = Some(CString::from(c"UTC"));
            found.offset = 0;
            date(vm, &found)
        },
        "",
        "Return a time as a date of universal time.",
    ),
    MethodDef::one(
        "mktime",
        |vm, _, value| {
            let found = parts(vm, value, "mktime(): illegal time tuple argument")?;
            match clocks::mktime(&found) {
                Some(seconds) => Ok(vm.new_float(seconds as f64)),
                None => Err(vm.overflow_error("mktime argument out of range")),
            }
        },
        "($self, object, /)",
        "Return a local date as seconds.",
    ),
    MethodDef::positional("asctime", 0, 1, asctime, "", "Return a date as text."),
    MethodDef::positional(
        "ctime",
        0,
        1,
        |vm, _, args| {
            let seconds = moment(vm, args.first())?;
            let found = clocks::localtime(seconds).map_err(|errno| vm.os_error(errno))?;
            Ok(vm.new_str(&classic(&found)))
        },
        "",
        "Return a time as text.",
    ),
    MethodDef::positional("strftime", 1, 2, strftime, "", "Format a date."),
    MethodDef::args(
        "strptime",
        |vm, _, args| {
            let function = vm.import_from("_strptime", "_strptime_time")?;
            vm.call_args(&function, args)
        },
        "",
        "Read a date from text.",
    ),
    MethodDef::noargs(
        "tzset",
        |vm, module| {
            clocks::set_zone();
            set_zone(vm, module)?;
            Ok(Value::NONE)
        },
        "($self, /)",
        "Read the time zone from the environment anew.",
    ),
];

static STRUCT_TIME: StructSpec = StructSpec {
    ty: struct_type("time.struct_time", "A point in time as a date."),
    fields: &[
        ("tm_year", "year, for example 1993"),
        ("tm_mon", "month of year, range [1, 12]"),
        ("tm_mday", "day of month, range [1, 31]"),
        ("tm_hour", "hours, range [0, 23]"),
        ("tm_min", "minutes, range [0, 59]"),
        ("tm_sec", "seconds, range [0, 61])"),
        ("tm_wday", "day of week, range [0, 6], Monday is 0"),
        ("tm_yday", "day of year, range [1, 366]"),
        ("tm_isdst", "1 if summer time is in effect, 0 if not, and -1 if unknown"),
        ("tm_zone", "abbreviation of timezone name"),
        ("tm_gmtoff", "offset from UTC in seconds"),
    ],
    visible: 9,
};

#[derive(Default)]
struct State(OnceCell<TypeRef>);

fn struct_time(vm: &Vm) -> PyResult<TypeRef> {
    let state = vm.state::<State>();
    if let Some(ty) = state.0.get() {
        return Ok(ty.clone());
    }
    let ty = vm.new_struct_type(&STRUCT_TIME)?;
    let _ = state.0.set(ty.clone());
    Ok(ty)
}

/// Enters the type and the time zone into the module.
pub fn add(vm: &Vm, module: &Value) -> PyResult<()> {
    vm.module_set(module, "struct_time", struct_time(vm)?)?;
    clocks::set_zone();
    set_zone(vm, module)
}

/// The zone's constants, from the first of January and the first of July of the present year.
fn set_zone(vm: &Vm, module: &Value) -> PyResult<()> {
    const YEAR: i64 = (365 * 24 + 6) * 3600;
    let now = clocks::nanoseconds(libc::CLOCK_REALTIME) / 1_000_000_000;
    let start = now / YEAR * YEAR;
    let at = |seconds: i64| {
        let found = clocks::localtime(seconds).unwrap_or_default();
        let name = found.zone.as_ref().map(|zone| vm.fs_decode(zone.as_bytes()));
        (name.unwrap_or_else(|| vm.new_str("   ")), -found.offset)
    };
    let (january, january_zone) = at(start);
    let (july, july_zone) = at(start + YEAR / 2);
    let northern = january_zone >= july_zone;
    let (standard, summer) = if northern { (january_zone, july_zone) } else { (july_zone, january_zone) };
    let names = if northern { [january, july] } else { [july, january] };
    vm.module_set(module, "timezone", vm.new_int(standard))?;
    vm.module_set(module, "altzone", vm.new_int(summer))?;
    vm.module_set(module, "daylight", Value::small(i32::from(january_zone != july_zone)))?;
    vm.module_set(module, "tzname", vm.new_tuple(&names))
}

/// A time in seconds; the present for none.
fn moment(vm: &Vm, value: Option<&Value>) -> PyResult<i64> {
    let Some(value) = value.filter(|value| !value.is_none()) else {
        return Ok(clocks::nanoseconds(libc::CLOCK_REALTIME).div_euclid(1_000_000_000));
    };
    let out_of_range = || vm.overflow_error("timestamp out of range for platform time_t");
    if let Some(number) = float_of(value) {
        if number.is_nan() {
            return Err(vm.value_error("Invalid value NaN (not a number)"));
        }
        let floor = number.floor();
        if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&floor) {
            return Err(out_of_range());
        }
        return Ok(floor as i64);
    }
    let _ = Rounding::Floor;
    match vm.small_or_big(&vm.index(value)?) {
        Some(Ok(number)) => Ok(number),
        _ => Err(out_of_range()),
    }
}

fn date(vm: &Vm, found: &Calendar) -> PyResult {
    let numbers = [
        found.year,
        found.month + 1,
        found.day,
        found.hour,
        found.minute,
        found.second,
        (found.weekday + 6) % 7,
        found.yearday + 1,
        found.daylight,
    ];
    let mut values: Vec<Value> = numbers.iter().map(|number| Value::small(*number)).collect();
    values.push(found.zone.as_ref().map_or(Value::NONE, |zone| vm.fs_decode(zone.as_bytes())));
    values.push(vm.new_int(found.offset));
    vm.new_struct(&struct_time(vm)?, values)
}

/// The parts of a time tuple.
fn parts(vm: &Vm, value: &Value, illegal: &str) -> PyResult<Calendar> {
    let Some(tuple) = value.downcast::<Tuple>() else {
        return Err(vm.type_error("Tuple or struct_time argument required"));
    };
    let items = tuple.items();
    if items.len() != 9 {
        return Err(vm.type_error(illegal));
    }
    let mut numbers = [0i32; 9];
    for (number, item) in numbers.iter_mut().zip(items) {
        *number = vm.to_i32(item)?;
    }
    let [year, month, day, hour, minute, second, weekday, yearday, daylight] = numbers;
    if year < i32::MIN + 1900 {
        return Err(vm.overflow_error("year out of range"));
    }
    let mut found = Calendar {
        year,
        month: month.wrapping_sub(1),
        day,
        hour,
        minute,
        second,
        weekday: weekday.wrapping_add(1) % 7,
        yearday: yearday.wrapping_sub(1),
        daylight,
        zone: None,
        offset: 0,
    };
    if vm.type_of(value).is(&struct_time(vm)?) {
        let zone = vm.get_attr_str(value, "tm_zone")?;
        if zone.downcast::<Str>().is_some() {
            found.zone = CString::new(vm.fs_encode(&zone)?).ok();
        }
        let offset = vm.get_attr_str(value, "tm_gmtoff")?;
        if !offset.is_none() {
            found.offset = vm.to_i64(&offset)?;
        }
    }
    Ok(found)
}

/// Checks the parts for formatting; zeros stand for the first month and day.
fn check(vm: &Vm, found: &mut Calendar) -> PyResult<()> {
    if found.month == -1 {
        found.month = 0;
    } else if !(0..=11).contains(&found.month) {
        return Err(vm.value_error("month out of range"));
    }
    if found.day == 0 {
        found.day = 1;
    } else if !(0..=31).contains(&found.day) {
        return Err(vm.value_error("day of month out of range"));
    }
    for (number, most, what) in [(found.hour, 23, "hour"), (found.minute, 59, "minute"), (found.second, 61, "seconds")]
    {
        if !(0..=most).contains(&number) {
            return Err(vm.value_error(format!("{what} out of range")));
        }
    }
    if found.weekday < 0 {
        return Err(vm.value_error("day of week out of range"));
    }
    if found.yearday == -1 {
        found.yearday = 0;
    } else if !(0..=365).contains(&found.yearday) {
        return Err(vm.value_error("day of year out of range"));
    }
    Ok(())
}

fn present(vm: &Vm) -> PyResult<Calendar> {
    let seconds = moment(vm, None)?;
    clocks::localtime(seconds).map_err(|errno| vm.os_error(errno))
}

/// The form of C's `asctime`.
fn classic(found: &Calendar) -> String {
    let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][found.weekday.rem_euclid(7) as usize];
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = months[found.month.rem_euclid(12) as usize];
    let Calendar { day: number, hour, minute, second, year, .. } = found;
    format!("{day} {month}{number:3} {hour:02}:{minute:02}:{second:02} {year}")
}

fn asctime(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let found = match args.first() {
        Some(value) => {
            let mut found = parts(vm, value, "asctime(): illegal time tuple argument")?;
            check(vm, &mut found)?;
            found
        }
        None => present(vm)?,
    };
    Ok(vm.new_str(&classic(&found)))
}

fn strftime(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let Some(format) = args[0].downcast::<Str>() else {
        let name = vm.type_name(&args[0]);
        return Err(vm.type_error(format!("strftime() argument 1 must be str, not {name}")));
    };
    let mut found = match args.get(1) {
        Some(value) => {
            let mut found = parts(vm, value, "strftime(): illegal time tuple argument")?;
            check(vm, &mut found)?;
            found
        }
        None => present(vm)?,
    };
    found.daylight = found.daylight.clamp(-1, 1);
    let codes: Vec<u32> = format.text().chars().collect();
    let mut out = TextBuf::with_capacity(Kind::Ascii, codes.len() * 2);
    let mut at = 0;
    while at < codes.len() {
        if codes[at] != '%' as u32 {
            out.push(codes[at]);
            at += 1;
            continue;
        }
        let end = directive_end(&codes, at);
        let directive: String = codes[at..end].iter().filter_map(|code| char::from_u32(*code)).collect();
        at = end;
        match expand(vm, &directive, &found)? {
            Some(bytes) => out.push_text(decode_text(&bytes).as_text()),
            None => out.push_str(&directive),
        }
    }
    vm.new_text_buf(&out)
}

/// Where the directive that begins at a percent sign ends: flags, width, modifier, letter.
fn directive_end(codes: &[u32], start: usize) -> usize {
    let mut end = start + 1;
    let is = |at: usize, set: &str| codes.get(at).and_then(|c| char::from_u32(*c)).is_some_and(|c| set.contains(c));
    while is(end, "_-0^#+") {
        end += 1;
    }
    while is(end, "0123456789") {
        end += 1;
    }
    if is(end, "EO") {
        end += 1;
    }
    match codes.get(end) {
        Some(code) if *code < 128 && *code != 0 => end + 1,
        _ => end,
    }
}

/// What a directive stands for; nothing where it is not one.
fn expand(vm: &Vm, directive: &str, found: &Calendar) -> PyResult<Option<Vec<u8>>> {
    // The C library writes years before 1000 without leading zeros; Python's have four places.
    if found.year < 1000 {
        match directive {
            "%Y" => return Ok(Some(format!("{:04}", found.year).into_bytes())),
            "%C" => return Ok(Some(format!("{:02}", found.year.div_euclid(100)).into_bytes())),
            "%F" => {
                return Ok(Some(format!("{:04}-{:02}-{:02}", found.year, found.month + 1, found.day).into_bytes()));
            }
            _ => {}
        }
    }
    let width: String = directive.chars().filter(char::is_ascii_digit).collect();
    let mut room = 256;
    if let Ok(width) = width.parse::<usize>() {
        if width > 1 << 24 {
            return Err(vm.memory_error());
        }
        room += width;
    } else if !width.is_empty() {
        return Err(vm.memory_error());
    }
    let Ok(format) = CString::new(directive) else { return Ok(None) };
    Ok(Some(clocks::strftime(&format, found, room).unwrap_or_default()))
}
