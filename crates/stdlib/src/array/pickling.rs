//! How arrays are pickled, so that machines with other sizes and byte orders can read them.

use super::items::Code;
use super::{Array, methods};
use oriel_kernel::text::TextBuf;
use oriel_runtime::types::bytes::Bytes;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::type_object::{Subtype, Type};
use oriel_runtime::{PyResult, Value, Vm};

/// What a number of a machine format means: bytes of an item, whether there is a sign, whether it is a float, whether
/// it is a character, whether the most significant byte comes first.
struct Machine {
    size: usize,
    signed: bool,
    float: bool,
    text: bool,
    big: bool,
}

impl Machine {
    fn of(number: i32) -> Option<Machine> {
        let integer = |size, signed, big| Machine { size, signed, float: false, text: false, big };
        let big = number % 2 == 1;
        Some(match number {
            0 => integer(1, false, false),
            1 => integer(1, true, false),
            2 | 3 => integer(2, false, big),
            4 | 5 => integer(2, true, big),
            6 | 7 => integer(4, false, big),
            8 | 9 => integer(4, true, big),
            10 | 11 => integer(8, false, big),
            12 | 13 => integer(8, true, big),
            14 | 15 => Machine { size: 4, signed: true, float: true, text: false, big },
            16 | 17 => Machine { size: 8, signed: true, float: true, text: false, big },
            18 | 19 => Machine { size: 2, signed: false, float: false, text: true, big },
            20 | 21 => Machine { size: 4, signed: false, float: false, text: true, big },
            _ => return None,
        })
    }
}

/// The number of the format that a type code has on this machine.
fn number_of(code: Code) -> i32 {
    let order = i32::from(cfg!(target_endian = "big"));
    match (code.is_text(), code.is_float(), code.size(), code.is_signed()) {
        (true, ..) => 20 + order,
        (_, true, 4, _) => 14 + order,
        (_, true, ..) => 16 + order,
        (_, _, 1, signed) => i32::from(signed),
        (_, _, 2, false) => 2 + order,
        (_, _, 2, true) => 4 + order,
        (_, _, 4, false) => 6 + order,
        (_, _, 4, true) => 8 + order,
        (_, _, _, false) => 10 + order,
        (_, _, _, true) => 12 + order,
    }
}

pub(super) fn reduce_ex(vm: &Vm, this: &Value, protocol: &Value) -> PyResult {
    if vm.small_or_big(protocol).is_none() {
        return Err(vm.type_error("__reduce_ex__ argument should be an integer"));
    }
    let protocol = vm.to_i64(protocol)?;
    let array = vm.body::<Array>(this)?;
    let dict = match vm.type_of(this).has_dict() {
        true => vm.get_attr_opt(this, &vm.names.__dict__)?.unwrap_or(Value::NONE),
        false => Value::NONE,
    };
    let class = vm.type_of(this).to_value();
    let code = vm.new_char(array.code.letter().into());
    if protocol < 3 {
        let list = methods::to_list(vm, this)?;
        return Ok(vm.tuple([class, vm.tuple([code, list]), dict]));
    }
    let bytes = vm.try_new_bytes(&array.bytes.borrow())?;
    let function = vm.import_from("array", "_array_reconstructor")?;
    let number = Value::small(number_of(array.code));
    Ok(vm.tuple([function, vm.tuple([class, code, number, bytes]), dict]))
}

/// `_array_reconstructor(arraytype, typecode, mformat_code, items)`
pub(super) fn reconstruct(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let [class, code, number, items] = args else { return Ok(Value::NONE) };
    let code = match code.downcast::<Str>() {
        Some(text) if text.len() == 1 => text.text().at(0),
        _ => {
            let given = vm.type_name(code);
            return Err(
                vm.type_error(format!("_array_reconstructor() argument 2 must be a unicode character, not {given}"))
            );
        }
    };
    let number = vm.to_i32(number)?;
    let Some(class) = class.downcast::<Type>() else {
        let given = vm.type_name(class);
        return Err(vm.type_error(format!("first argument must be a type object, not {given}")));
    };
    let state = vm.state::<super::State>();
    let array = crate::bodies::made(vm, &state.array)?;
    if !class.is_subtype(array) {
        let (name, base) = (vm.full_name(class), vm.full_name(array));
        return Err(vm.type_error(format!("{name} is not a subtype of {base}")));
    }
    let Some(code) = Code::of(code) else {
        return Err(vm.value_error("second argument must be a valid type code"));
    };
    let Some(machine) = Machine::of(number) else {
        return Err(vm.value_error("third argument must be a valid machine format code."));
    };
    let Some(bytes) = items.downcast::<Bytes>() else {
        let given = vm.type_name(items);
        return Err(vm.type_error(format!("fourth argument should be bytes, not {given}")));
    };
    let call = |code: Code, items: Value| vm.call(class.as_value(), &[vm.new_char(code.letter().into()), items]);
    if number == number_of(code) {
        return call(code, items.clone());
    }
    if bytes.len() % machine.size != 0 {
        return Err(vm.value_error("bytes length not a multiple of item size"));
    }
    convert(vm, code, &machine, bytes.as_slice(), &call)
}

fn convert(vm: &Vm, code: Code, machine: &Machine, bytes: &[u8], call: &dyn Fn(Code, Value) -> PyResult) -> PyResult {
    let word = |item: &[u8]| {
        let push = |word: u64, byte: &u8| word << 8 | u64::from(*byte);
        if machine.big { item.iter().fold(0, push) } else { item.iter().rev().fold(0, push) }
    };
    let words = bytes.chunks_exact(machine.size).map(word);
    if machine.text {
        let mut text = TextBuf::new();
        let mut high: Option<u32> = None;
        for unit in words {
            let unit = unit as u32;
            match (high.take(), unit) {
                (Some(first), 0xDC00..0xE000) if machine.size == 2 => {
                    text.push(0x10000u32 + ((first - 0xD800u32) << 10) + (unit - 0xDC00u32));
                    continue;
                }
                (Some(first), _) => text.push(first),
                (None, _) => {}
            }
            if machine.size == 2 && (0xD800..0xDC00).contains(&unit) {
                high = Some(unit);
            } else {
                text.push(unit.min(0x10ffff));
            }
        }
        if let Some(first) = high {
            text.push(first);
        }
        return call(code, vm.new_text_buf(&text)?);
    }
    if machine.float {
        let value = |word: u64| {
            vm.new_float(if machine.size == 4 { f64::from(f32::from_bits(word as u32)) } else { f64::from_bits(word) })
        };
        return call(code, vm.list(words.map(value).collect()));
    }
    // A type code of this machine whose items are as large and have a sign or not, preferably the one given.
    let fits = |code: Code| {
        !code.is_text() && !code.is_float() && code.size() == machine.size && code.is_signed() == machine.signed
    };
    let all = super::items::TYPE_CODES.chars().filter_map(|letter| Code::of(letter.into()));
    let code = if fits(code) { code } else { all.into_iter().find(|code| fits(*code)).unwrap_or(code) };
    let value = |word: u64| {
        if !machine.signed {
            return vm.new_uint(word);
        }
        let unused = 64 - 8 * machine.size as u32;
        vm.new_int((word << unused) as i64 >> unused)
    };
    call(code, vm.list(words.map(value).collect()))
}
